#include "ingest/archive/missing.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

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
  if (hole.from >= hole.until) return;
  Gap whole = hole;
  const auto first =
      std::ranges::find_if(holes_, [&](const Gap& each) { return each.until >= hole.from; });
  auto last = first;
  for (; last != holes_.end() && last->from <= hole.until; ++last) {
    whole.from = std::min(whole.from, last->from);
    whole.until = std::max(whole.until, last->until);
  }
  holes_.insert(holes_.erase(first, last), whole);
  if (holes_.size() <= kHolesMax) return;
  std::size_t nearest = 1;
  const auto apart = [&](std::size_t i) { return holes_[i].from - holes_[i - 1].until; };
  for (std::size_t i = 2; i < holes_.size(); ++i)
    nearest = apart(i) < apart(nearest) ? i : nearest;
  holes_[nearest - 1].until = holes_[nearest].until;
  holes_.erase(holes_.begin() + static_cast<std::ptrdiff_t>(nearest));
}

void Missing::forget(WallTime until) {
  std::erase_if(holes_, [&](const Gap& each) { return each.until <= until; });
}

void Missing::add(const Missing& other) {
  for (const auto& [pane, end] : other.left_)
    left(pane, end);
  for (const Gap& each : other.holes_)
    add(each);
}

std::vector<std::byte> Missing::packed() const {
  std::vector<std::byte> bytes;
  ByteWriter writer{bytes};
  writer.varint(left_.size());
  for (const auto& [pane, end] : left_) {
    writer.u64(static_cast<std::uint64_t>(pane.count()));
    write(writer, end);
  }
  writer.varint(holes_.size());
  for (const Gap& each : holes_) {
    write(writer, each.from);
    write(writer, each.until);
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
  const std::uint64_t holes = reader.varint();
  if (holes > kHolesMax) return std::nullopt;
  for (std::uint64_t i = 0; i < holes && reader.good(); ++i) {
    const WallTime from = read(reader);
    missing.add({from, read(reader)});
  }
  if (!reader.good()) return std::nullopt;
  return missing;
}

}  // namespace ingest::archive
