#include "ingest/archive/checkpoint.h"

#include <algorithm>
#include <filesystem>
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
  std::ranges::sort(checkpoint.found_, {}, [](const Found& each) { return each.name.start; });
  for (const Found& each : checkpoint.found_) {
    if (each.name.pane != levels.pane(Rollup::Base)) {
      checkpoint.foreign_.push_back(each.name);
      continue;
    }
    Open& open =
        checkpoint.open_
            .emplace(each.name.start,
                     Open{SegmentWriter{checkpoint.path_of(each.name), session, each.whole_bytes},
                          1,
                          0,
                          {}})
            .first->second;
    open.next = each.numbers + 1;
    open.deltas = each.deltas;
  }
  return checkpoint;
}

// ---- what comes ----

Checkpoint::Open& Checkpoint::open_segment(WallTime start) {
  const auto found = open_.find(start);
  if (found != open_.end()) return found->second;
  const SegmentName name{levels_.pane(Rollup::Base), start};
  return open_.emplace(start, Open{SegmentWriter{path_of(name), session_, 0}, 1, 0, {}})
      .first->second;
}

bool Checkpoint::take(const Entry& delta, const Births::Known& series) {
  const timeline::PaneGrid periods{levels_.period()};
  const WallTime pane = levels_.grid(Rollup::Base).start(delta.pane);
  const WallTime start = periods.start(periods.number(pane));
  if (start < filed_until_) return false;
  Open& open = open_segment(start);
  if (open.numbers.size() <= delta.number) open.numbers.resize(delta.number + std::size_t{1});
  Number& here = open.numbers[delta.number];
  if (here.number == kNone || here.generation != series.generation) {
    here = {open.next++, series.generation};
    write_born(open.writer.entries(), here.number, series.kind, series.key);
  }
  ++open.deltas;
  write_delta(open.writer.entries(), here.number, delta.pane, delta.packed);
  return true;
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
  const auto oldest = open_.begin();
  const WallTime end = oldest->first + levels_.period();
  if (end > closed || oldest->second.writer.waiting() > 0) return std::nullopt;
  const SegmentName name{levels_.pane(Rollup::Base), oldest->first};
  filed_until_ = std::max(filed_until_, end);
  closed_.emplace(name.start, oldest->second.deltas);
  open_.erase(oldest);
  return name;
}

std::uint64_t Checkpoint::deltas(const SegmentName& name) const {
  if (name.pane == levels_.pane(Rollup::Base)) {
    const auto taken = closed_.find(name.start);
    return taken == closed_.end() ? 0 : taken->second;
  }
  const auto same = [&](const Found& each) {
    return each.name.pane == name.pane && each.name.start == name.start;
  };
  const auto found = std::ranges::find_if(found_, same);
  return found == found_.end() ? 0 : found->deltas;
}

void Checkpoint::remove(const SegmentName& name) {
  std::error_code ignored;
  fs::remove(path_of(name), ignored);
  if (name.pane == levels_.pane(Rollup::Base)) closed_.erase(name.start);
}

std::optional<WallTime> Checkpoint::unfiled_from() const {
  std::optional<WallTime> from;
  if (!open_.empty()) from = open_.begin()->first;
  if (!closed_.empty()) from = std::min(from.value_or(WallTime::max()), closed_.begin()->first);
  return from;
}

}  // namespace ingest::archive
