#include "ingest/timeline/metric_summary.h"

#include <algorithm>
#include <utility>

namespace ingest::timeline {
namespace {

bool is_before(const query::TagValue& a, const query::TagValue& b) {
  return a.series != b.series ? a.series > b.series : a.value < b.value;
}

}  // namespace

MetricSummary::MetricSummary(const std::string& name, model::Kind kind) {
  metric_.name = name;
  metric_.kind = kind;
}

bool MetricSummary::go_on(const Timeline::KindStatus& status, std::size_t& steps) {
  for (auto key = status.tags.lower_bound(key_); key != status.tags.end(); ++key) {
    if (key->first != key_) begin_key(key->first);
    if (!read(key->second, steps)) return false;
    end_key();
  }
  return true;
}

void MetricSummary::begin_key(const std::string& key) {
  key_ = key;
  after_.reset();
  first_.clear();
}

bool MetricSummary::read(const Values& values, std::size_t& steps) {
  auto value = after_ ? values.upper_bound(*after_) : values.begin();
  const std::string* last = nullptr;
  for (; value != values.end() && steps > 0; ++value, --steps) {
    take(value->first, value->second);
    last = &value->first;
  }
  if (last != nullptr) after_ = *last;
  return value == values.end();
}

void MetricSummary::take(const std::string& value, std::uint64_t series) {
  if (first_.size() == query::kCatalogueValuesMax) {
    // Values ascend: of two with equally many series the one that came first stays.
    if (series <= first_.front().series) return;
    std::ranges::pop_heap(first_, is_before);
    first_.pop_back();
  }
  first_.push_back({value, series});
  std::ranges::push_heap(first_, is_before);
}

void MetricSummary::end_key() {
  std::ranges::sort_heap(first_, is_before);
  metric_.tags.push_back({key_, std::exchange(first_, {})});
  key_ += '\0';  // no key has one: the next key begins here
}

query::Metric MetricSummary::finish(const Timeline::KindStatus& status, const Timeline& timeline) {
  metric_.series = status.live;
  metric_.last_seen = std::min(timeline.grid().end(status.newest), timeline.finished());
  return std::move(metric_);
}

}  // namespace ingest::timeline
