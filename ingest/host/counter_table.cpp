#include "ingest/host/counter_table.h"

#include <algorithm>

#include "ingest/base/check.h"
#include "ingest/host/words.h"

namespace ingest::host {
namespace {

/// 0 where there is no telling.
std::uint64_t growth_of(std::uint64_t before, std::uint64_t now) {
  return before == kUnsaid || now == kUnsaid || now < before ? 0 : now - before;
}

}  // namespace

CounterTable::CounterTable(const Options& options)
    : options_(options), folded_tags_(tags_of("weir_overflow", "true")) {}

std::vector<std::string> CounterTable::tags_of(std::string_view label,
                                               std::string_view name) const {
  std::vector<std::string> tags;
  for (const Column& column : options_.columns) {
    std::string text;
    if (!label.empty()) text.append(label).append(":").append(name);
    if (!text.empty() && !column.tag.empty()) text += ',';
    tags.push_back(text.append(column.tag));
  }
  return tags;
}

CounterTable::Thing& CounterTable::find_or_add(std::string_view name) {
  if (next_ < things_.size() && things_[next_].name == name) return things_[next_++];
  const auto found = std::find_if(things_.begin(), things_.end(),
                                  [&](const Thing& thing) { return thing.name == name; });
  next_ = static_cast<std::size_t>(found - things_.begin()) + 1;
  if (found != things_.end()) return *found;
  Thing& thing = things_.emplace_back();
  thing.name = name;
  return thing;
}

void CounterTable::see(std::string_view name, std::span<const std::uint64_t> counters) {
  CHECK(counters.size() == options_.columns.size());
  if (!options_.label.empty() && !is_plain(name)) return;
  Thing& thing = find_or_add(name);
  thing.seen = true;
  thing.now.assign(counters.begin(), counters.end());
}

/// Forgets who is gone, and gives the rows that they left.
void CounterTable::settle() {
  std::erase_if(things_, [this](const Thing& thing) {
    if (!thing.seen && !thing.tags.empty()) --rows_;
    return !thing.seen;
  });
  for (Thing& thing : things_) {
    if (rows_ == options_.rows_max) break;
    if (!thing.tags.empty()) continue;
    thing.tags = tags_of(options_.label, thing.name);
    ++rows_;
  }
}

bool CounterTable::restarted(const Thing& thing) const {
  if (!thing.known) return true;
  if (options_.back == Back::Held) return false;
  for (std::size_t i = 0; i < thing.now.size(); ++i) {
    const bool said = thing.now[i] != kUnsaid && thing.before[i] != kUnsaid;
    if (said && thing.now[i] < thing.before[i]) return true;
  }
  return false;
}

void CounterTable::say(Thing& thing, Report& report) const {
  const bool all = !thing.said || report.says_still();
  thing.said = true;
  for (std::size_t i = 0; i < thing.now.size(); ++i) {
    if (thing.now[i] == kUnsaid) continue;
    const std::uint64_t growth = growth_of(thing.before[i], thing.now[i]);
    if (growth == 0 && !all) continue;
    const Column& column = options_.columns[i];
    report.count(column.metric, thing.tags[i], static_cast<double>(growth) * column.scale);
  }
}

void CounterTable::say_folded(std::span<const double> growth, Report& report) const {
  for (std::size_t i = 0; i < growth.size(); ++i) {
    if (growth[i] > 0 || report.says_still())
      report.count(options_.columns[i].metric, folded_tags_[i], growth[i]);
  }
}

void CounterTable::report(Report& report) {
  settle();
  next_ = 0;
  folded_ = 0;
  std::vector<double> rest;
  for (Thing& thing : things_) {
    const bool grew = !restarted(thing);
    const bool row = !thing.tags.empty();
    if (!row) {
      ++folded_;
      rest.resize(options_.columns.size());
    }
    if (grew && row) say(thing, report);
    for (std::size_t i = 0; grew && !row && i < rest.size(); ++i)
      rest[i] +=
          static_cast<double>(growth_of(thing.before[i], thing.now[i])) * options_.columns[i].scale;
    thing.before.swap(thing.now);
    thing.known = true;
    thing.seen = false;
  }
  say_folded(rest, report);
  report.flush();
}

}  // namespace ingest::host
