#include "ingest/archive/checkpoint.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <limits>
#include <system_error>
#include <utility>

namespace ingest::archive {

namespace fs = std::filesystem;

Checkpoint::Found scan_segment(const SegmentName& name, std::span<const std::byte> bytes,
                               const std::function<void(const Entry&)>& visit) {
  SegmentReader reader{bytes};
  std::uint32_t numbers = 0;
  std::uint64_t deltas = 0;
  while (const auto entries = reader.next()) {
    EntryReader each{*entries};
    while (const auto entry = each.next()) {
      numbers = std::max(numbers, entry->number);
      if (entry->what == Entry::What::Delta) ++deltas;
      visit(*entry);
    }
  }
  return {.name = name,
          .whole_bytes = reader.whole_until(),
          .damaged_bytes = reader.damaged_bytes(),
          .torn_bytes = bytes.size() - reader.whole_until(),
          .numbers = numbers,
          .deltas = deltas};
}

Result<Checkpoint> Checkpoint::open(const std::string& folder, Levels levels,
                                    std::uint64_t session) {
  Checkpoint checkpoint{folder, levels, session};
  std::error_code error;
  for (const auto& file : fs::directory_iterator{folder, error}) {
    const auto name = SegmentName::read(file.path().filename().string());
    if (!name) continue;
    const MappedFile mapped = TRY(MappedFile::open(file.path().string()));
    checkpoint.found_.push_back(scan_segment(*name, mapped.bytes(), [](const Entry&) {}));
  }
  if (error) return Failure{Error{error.value(), "cannot read " + folder + ": " + error.message()}};
  std::ranges::sort(checkpoint.found_, {}, [](const Found& each) {
    return Place{each.name.start, each.name.number};
  });
  for (const Found& each : checkpoint.found_)
    checkpoint.add(each);
  return checkpoint;
}

void Checkpoint::add(const Found& found) {
  const SegmentName& name = found.name;
  next_number_ = std::max(next_number_, name.number + 1);
  if (name.pane != levels_.pane(Rollup::Base)) {
    foreign_.push_back(name);
    return;
  }
  SegmentWriter writer{path_of(name), session_, found.whole_bytes};
  open_.emplace(Place{name.start, name.number},
                Open{std::move(writer), found.numbers + 1, found.deltas, {}});
}

// ---- what comes ----

Checkpoint::Open& Checkpoint::open_segment(WallTime start) {
  const auto behind = open_.upper_bound({start, std::numeric_limits<std::uint64_t>::max()});
  if (behind != open_.begin()) {
    const auto& [place, newest] = *std::prev(behind);
    const std::size_t length = newest.writer.length() + newest.writer.waiting();
    if (place.first == start && length < kSegmentBytes) return std::prev(behind)->second;
  }
  const Place place{start, next_number_++};
  return open_.emplace(place, Open{SegmentWriter{path_of(name_at(place)), session_, 0}, 1, 0, {}})
      .first->second;
}

void Checkpoint::take(const Entry& delta, const Births::Known& series) {
  const timeline::PaneGrid periods{levels_.period()};
  const WallTime pane = levels_.grid(Rollup::Base).start(delta.pane);
  Open& open = open_segment(periods.start(periods.number(pane)));
  if (open.numbers.size() <= delta.number) open.numbers.resize(delta.number + std::size_t{1});
  Number& here = open.numbers[delta.number];
  if (here.number == kNone || here.generation != series.generation) {
    here = {open.next++, series.generation};
    write_born(open.writer.entries(), here.number, series.kind, series.key);
  }
  ++open.deltas;
  write_delta(open.writer.entries(), here.number, delta.pane, delta.packed);
}

Result<void> Checkpoint::sync() {
  for (auto& [start, open] : open_)
    TRY(open.writer.sync());
  return {};
}

std::size_t Checkpoint::waiting() const {
  std::size_t all = 0;
  for (const auto& [start, open] : open_)
    all += open.writer.waiting();
  return all;
}

std::uint64_t Checkpoint::bytes() const {
  std::uint64_t all = 0;
  for (const auto& [start, open] : open_)
    all += open.writer.length();
  return all;
}

// ---- what leaves ----

std::optional<SegmentName> Checkpoint::take_closed(WallTime closed) {
  if (!foreign_.empty()) {
    const SegmentName name = foreign_.front();
    foreign_.erase(foreign_.begin());
    return name;
  }
  if (open_.empty()) return std::nullopt;
  const auto& [place, oldest] = *open_.begin();
  const WallTime end = place.first + levels_.period();
  if (end > closed || oldest.writer.waiting() > 0) return std::nullopt;
  const SegmentName name = name_at(place);
  closed_.emplace(place, oldest.deltas);
  open_.erase(open_.begin());
  return name;
}

std::uint64_t Checkpoint::deltas(const SegmentName& name) const {
  if (name.pane == levels_.pane(Rollup::Base)) {
    const auto taken = closed_.find({name.start, name.number});
    return taken == closed_.end() ? 0 : taken->second;
  }
  const std::string text = name.text();
  const auto same = [&](const Found& each) { return each.name.text() == text; };
  const auto found = std::ranges::find_if(found_, same);
  return found == found_.end() ? 0 : found->deltas;
}

void Checkpoint::remove(const SegmentName& name) {
  std::error_code ignored;
  fs::remove(path_of(name), ignored);
  if (name.pane != levels_.pane(Rollup::Base)) return;
  closed_.erase({name.start, name.number});
  filed_until(name.start + levels_.period());
}

std::optional<WallTime> Checkpoint::unfiled_from() const {
  return oldest_from(WallTime::min());
}

std::optional<WallTime> Checkpoint::unwritten_from() const {
  return oldest_from(filed_until_);
}

std::optional<WallTime> Checkpoint::oldest_from(WallTime from) const {
  const auto open = open_.lower_bound({from, 0});
  const auto closed = closed_.lower_bound({from, 0});
  if (open == open_.end() && closed == closed_.end()) return std::nullopt;
  return std::min(open == open_.end() ? WallTime::max() : open->first.first,
                  closed == closed_.end() ? WallTime::max() : closed->first.first);
}

}  // namespace ingest::archive
