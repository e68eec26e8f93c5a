#include "ingest/archive/checkpoint.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <limits>
#include <system_error>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::archive {

namespace fs = std::filesystem;

namespace {

Checkpoint::Found look_at(const SegmentName& name, const std::string& path) {
  const auto segment = SegmentBytes::read(path);
  if (segment) {
    Checkpoint::Found found = scan_segment(name, segment->bytes);
    found.lost_bytes = segment->lost;
    return found;
  }
  std::error_code unknown;
  const auto size = fs::file_size(path, unknown);
  return {.name = name, .lost_bytes = unknown ? 0 : size, .fault = segment.error().what};
}

}  // namespace

Checkpoint::Found scan_segment(const SegmentName& name, std::span<const std::byte> bytes) {
  SegmentReader reader{bytes};
  std::uint32_t numbers = 0;
  std::uint64_t deltas = 0;
  while (const auto entries = reader.next()) {
    EntryReader each{*entries};
    while (const auto entry = each.next()) {
      numbers = std::max(numbers, entry->number);
      if (entry->what == Entry::What::Delta) ++deltas;
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
  for (fs::directory_iterator file{folder, error}; !error && file != fs::directory_iterator{};
       file.increment(error)) {
    const auto name = SegmentName::read(file->path().filename().string());
    if (name) checkpoint.found_.push_back(look_at(*name, file->path().string()));
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
  if (!found.fault.empty()) {
    aside_.push_back({name, 0, found.lost_bytes, true});
    return;
  }
  if (name.pane != levels_.pane(Rollup::Base) || found.lost_bytes > 0) {
    sealed_.push_back({name, found.deltas, found.whole_bytes});
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
  std::uint64_t all = taken_ ? taken_->bytes : 0;
  for (const Gone& each : sealed_)
    all += each.bytes;
  for (const Gone& each : aside_)
    all += each.bytes;
  for (const auto& [start, open] : open_)
    all += open.writer.length();
  return all;
}

// ---- what leaves ----

std::optional<SegmentName> Checkpoint::take_closed(WallTime closed) {
  CHECK(!taken_);
  if (!sealed_.empty()) {
    taken_ = sealed_.front();
    sealed_.erase(sealed_.begin());
    return taken_->name;
  }
  if (open_.empty()) return std::nullopt;
  const auto& [place, oldest] = *open_.begin();
  const WallTime end = place.first + levels_.period();
  if (end > closed || oldest.writer.waiting() > 0) return std::nullopt;
  taken_ = {name_at(place), oldest.deltas, oldest.writer.length()};
  open_.erase(open_.begin());
  return taken_->name;
}

void Checkpoint::erase(const Gone& gone) const {
  std::error_code ignored;
  fs::remove(path_of(gone.name), ignored);
}

bool Checkpoint::taken_is_last() const {
  CHECK(taken_);
  const WallTime start = taken_->name.start;
  const auto is_sibling = [&](const Gone& each) {
    return is_ours(each) && each.name.start == start;
  };
  const auto open = open_.lower_bound({start, 0});
  return std::ranges::none_of(sealed_, is_sibling) &&
         (open == open_.end() || open->first.first != start);
}

Checkpoint::Gone Checkpoint::remove() {
  CHECK(taken_);
  const bool whole = is_ours(*taken_) && taken_is_last();
  const Gone gone = *std::exchange(taken_, std::nullopt);
  erase(gone);
  if (whole) filed_until(gone.name.start + levels_.period());
  return gone;
}

std::optional<Checkpoint::Gone> Checkpoint::shed() {
  std::optional<Gone> gone;
  if (!aside_.empty()) {
    gone = aside_.front();
    aside_.erase(aside_.begin());
  } else if (taken_) {
    gone = std::exchange(taken_, std::nullopt);
  } else if (!sealed_.empty()) {
    gone = sealed_.front();
    sealed_.erase(sealed_.begin());
  } else if (open_.size() > 1) {
    const auto& [place, oldest] = *open_.begin();
    gone = {name_at(place), oldest.deltas, oldest.writer.length()};
    open_.erase(open_.begin());
  }
  if (gone) erase(*gone);
  return gone;
}

// ---- what cannot be read ----

bool Checkpoint::set_aside() {
  CHECK(taken_);
  const bool is_new = !std::exchange(taken_->was_aside, true);
  aside_.push_back(*std::exchange(taken_, std::nullopt));
  return is_new;
}

Missing Checkpoint::unread() const {
  Missing missing;
  for (const Gone& each : aside_)
    missing.add(each.span());
  if (taken_ && taken_->was_aside) missing.add(taken_->span());
  return missing;
}

std::optional<SegmentName> Checkpoint::take_aside() {
  CHECK(!taken_);
  if (aside_.empty()) return std::nullopt;
  taken_ = aside_.front();
  aside_.erase(aside_.begin());
  return taken_->name;
}

std::optional<Checkpoint::Gone> Checkpoint::expire_aside(WallTime now) {
  const auto old = std::ranges::find_if(aside_, [&](const Gone& each) {
    return each.name.start + levels_.kept(Rollup::Sixty) <= now;
  });
  if (old == aside_.end()) return std::nullopt;
  const Gone gone = *old;
  aside_.erase(old);
  erase(gone);
  return gone;
}

std::optional<WallTime> Checkpoint::unfiled_from() const {
  return oldest_from(WallTime::min());
}

std::optional<WallTime> Checkpoint::unwritten_from() const {
  return oldest_from(filed_until_);
}

std::optional<WallTime> Checkpoint::oldest_from(WallTime from) const {
  std::optional<WallTime> oldest;
  const auto see = [&](WallTime start) {
    if (start >= from) oldest = std::min(start, oldest.value_or(WallTime::max()));
  };
  const auto see_gone = [&](const Gone& each) {
    if (is_ours(each)) see(each.name.start);
  };
  if (const auto open = open_.lower_bound({from, 0}); open != open_.end()) see(open->first.first);
  if (taken_) see_gone(*taken_);
  for (const Gone& each : sealed_)
    see_gone(each);
  return oldest;
}

}  // namespace ingest::archive
