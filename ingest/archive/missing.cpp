#include "ingest/archive/missing.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>

#include "ingest/base/byte_coding.h"

namespace ingest::archive {
namespace {

constexpr std::size_t kLengthsMax = 64;  // of panes, ever configured

void write(ByteWriter& writer, WallTime time) {
  writer.u64(static_cast<std::uint64_t>(to_ms(time)));
}

WallTime read(ByteReader& reader) {
  return wall_from_ms(static_cast<std::int64_t>(reader.u64()));
}

void write(ByteWriter& writer, const std::vector<Gap>& holes) {
  writer.varint(holes.size());
  for (const Gap& each : holes) {
    write(writer, each.from);
    write(writer, each.until);
  }
}

/// False where there are too many.
template <class Add>
bool read_holes(ByteReader& reader, const Add& add) {
  const std::uint64_t holes = reader.varint();
  for (std::uint64_t i = 0; holes <= Missing::kHolesMax && i < holes && reader.good(); ++i) {
    const WallTime from = read(reader);
    add(Gap{from, read(reader)});
  }
  return holes <= Missing::kHolesMax;
}

void add_to(std::vector<Gap>& holes, const Gap& hole) {
  if (hole.from >= hole.until) return;
  Gap whole = hole;
  const auto first =
      std::ranges::find_if(holes, [&](const Gap& each) { return each.until >= hole.from; });
  auto last = first;
  for (; last != holes.end() && last->from <= hole.until; ++last) {
    whole.from = std::min(whole.from, last->from);
    whole.until = std::max(whole.until, last->until);
  }
  holes.insert(holes.erase(first, last), whole);
  if (holes.size() <= Missing::kHolesMax) return;
  std::size_t nearest = 1;
  const auto apart = [&](std::size_t i) { return holes[i].from - holes[i - 1].until; };
  for (std::size_t i = 2; i < holes.size(); ++i)
    nearest = apart(i) < apart(nearest) ? i : nearest;
  holes[nearest - 1].until = holes[nearest].until;
  holes.erase(holes.begin() + static_cast<std::ptrdiff_t>(nearest));
}

}  // namespace

void Missing::left(Millis pane, WallTime end) {
  WallTime& until = left_.try_emplace(pane, end).first->second;
  until = std::max(until, end);
}

std::optional<WallTime> Missing::left_until(Millis pane) const {
  const auto found = left_.find(pane);
  return found == left_.end() ? std::nullopt : std::optional{found->second};
}

void Missing::add(const Gap& hole) {
  add_to(holes_, hole);
}

void Missing::add(Millis pane, const Gap& hole) {
  if (hole.from < hole.until) add_to(of_length_[pane], hole);
}

const std::vector<Gap>& Missing::holes(Millis pane) const {
  static const std::vector<Gap> kNone;
  const auto found = of_length_.find(pane);
  return found == of_length_.end() ? kNone : found->second;
}

std::vector<Millis> Missing::lengths() const {
  std::set<Millis> all;
  for (const auto& [pane, end] : left_)
    all.insert(pane);
  for (const auto& [pane, holes] : of_length_)
    all.insert(pane);
  return {all.begin(), all.end()};
}

void Missing::forget(WallTime until) {
  const auto is_over = [&](const Gap& each) { return each.until <= until; };
  std::erase_if(holes_, is_over);
  for (auto& [pane, holes] : of_length_)
    std::erase_if(holes, is_over);
  std::erase_if(of_length_, [](const auto& each) { return each.second.empty(); });
}

void Missing::add(const Missing& other) {
  for (const auto& [pane, end] : other.left_)
    left(pane, end);
  for (const Gap& each : other.holes_)
    add(each);
  for (const auto& [pane, holes] : other.of_length_)
    for (const Gap& each : holes)
      add(pane, each);
}

std::vector<std::byte> Missing::packed() const {
  std::vector<std::byte> bytes;
  ByteWriter writer{bytes};
  writer.varint(left_.size());
  for (const auto& [pane, end] : left_) {
    writer.u64(static_cast<std::uint64_t>(pane.count()));
    write(writer, end);
  }
  write(writer, holes_);
  if (of_length_.empty()) return bytes;
  writer.varint(of_length_.size());
  for (const auto& [pane, holes] : of_length_) {
    writer.u64(static_cast<std::uint64_t>(pane.count()));
    write(writer, holes);
  }
  return bytes;
}

std::optional<Missing> Missing::unpack(std::span<const std::byte> bytes) {
  ByteReader reader{bytes};
  Missing missing;
  const std::uint64_t lengths = reader.varint();
  if (lengths > kLengthsMax) return std::nullopt;
  for (std::uint64_t i = 0; i < lengths && reader.good(); ++i) {
    const Millis pane{static_cast<std::int64_t>(reader.u64())};
    missing.left(pane, read(reader));
  }
  if (!read_holes(reader, [&](const Gap& hole) { missing.add(hole); })) return std::nullopt;
  const std::uint64_t with_holes = reader.left() > 0 ? reader.varint() : 0;
  if (with_holes > kLengthsMax) return std::nullopt;
  for (std::uint64_t i = 0; i < with_holes && reader.good(); ++i) {
    const Millis pane{static_cast<std::int64_t>(reader.u64())};
    if (!read_holes(reader, [&](const Gap& hole) { missing.add(pane, hole); })) return std::nullopt;
  }
  if (!reader.good()) return std::nullopt;
  return missing;
}

}  // namespace ingest::archive
