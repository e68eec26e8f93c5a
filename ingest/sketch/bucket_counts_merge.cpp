// Adding many at once: one run of buckets into the slots of another, where it fits as it is, and a
// batch of single units; without a branch that depends on what is held.

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/sketch/bucket_counts.h"

namespace ingest::sketch {
namespace {

using Weight = BucketCounts::Weight;

constexpr unsigned kFourMax = 15;
constexpr unsigned kFourBits = 4;
constexpr std::size_t kSpan = BucketCounts::kSpanMax;

template <class T>
constexpr Weight kMostUnits = std::numeric_limits<T>::max();

// ---- slots of a byte, eight in a word, the first in the lowest ----

constexpr std::size_t kLanes = 8;
constexpr std::uint64_t kHighBits = 0x8080808080808080;

std::uint64_t word_at(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

/// Each byte by itself.
std::uint64_t sum_of(std::uint64_t a, std::uint64_t b) {
  return ((a & ~kHighBits) + (b & ~kHighBits)) ^ ((a ^ b) & kHighBits);
}

/// The high bit of each byte that does not hold its sum.
std::uint64_t overflow_of(std::uint64_t a, std::uint64_t b) {
  return ((a & b) | ((a | b) & ~sum_of(a, b))) & kHighBits;
}

/// Slots of four or eight bits, read as bytes.
struct SmallSlots {
  const std::uint8_t* bytes;
  bool four;

  unsigned slot(std::size_t at) const {
    return four ? bytes[at / 2] >> at % 2 * kFourBits & kFourMax : bytes[at];
  }
  /// The eight from an even one on.
  std::uint64_t word(std::size_t at) const {
    if (!four) return word_at(bytes + at);
    std::uint32_t pairs = 0;
    std::memcpy(&pairs, bytes + at / 2, sizeof pairs);
    std::uint64_t wide = pairs;
    wide = (wide | wide << 16U) & 0x0000ffff0000ffff;
    wide = (wide | wide << 8U) & 0x00ff00ff00ff00ff;
    return (wide | wide << 4U) & 0x0f0f0f0f0f0f0f0f;
  }
  /// Those from `first` on, as many as there is room for.
  void read(std::size_t first, std::span<std::uint8_t> to) const {
    std::size_t at = 0;
    if (first % 2 != 0) to[at++] = static_cast<std::uint8_t>(slot(first));
    for (; at + kLanes <= to.size(); at += kLanes) {
      const std::uint64_t eight = word(first + at);
      std::memcpy(&to[at], &eight, sizeof eight);
    }
    for (; at < to.size(); ++at)
      to[at] = static_cast<std::uint8_t>(slot(first + at));
  }
};

/// Slot by slot, in two passes without a branch inside. False, and nothing done, when one slot
/// would not hold its sum.
template <class T, class Theirs>
bool add_each(T* mine, std::size_t count, const Theirs& theirs) {
  bool overflows = false;
  for (std::size_t i = 0; i < count; ++i)
    overflows |= theirs(i) > kMostUnits<T> - mine[i];
  if (overflows) return false;
  for (std::size_t i = 0; i < count; ++i)
    mine[i] = static_cast<T>(mine[i] + static_cast<T>(theirs(i)));
  return true;
}

}  // namespace

// What is held in slots no wider than ours, and lies within them.
template <class T>
bool BucketCounts::add_typed(const BucketCounts& other, Weight unit) {
  T* const mine = slots<T>() + (other.first_ - base_);
  const auto begin = static_cast<std::size_t>(other.first_ - other.base_);
  const std::size_t count = static_cast<std::size_t>(other.last_ - other.first_) + 1;
  const auto add = [&](const auto* theirs, Weight each) {
    return add_each(mine, count, [=](std::size_t i) { return theirs[i] * each; });
  };
  switch (other.form_) {
    case Form::List:
      return false;
    case Form::Four: {
      std::array<std::uint8_t, kSpan> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
      SmallSlots{other.memory_.get(), true}.read(begin, {bytes.data(), count});
      return add(bytes.data(), unit);
    }
    case Form::Eight:
      return add(other.slots<std::uint8_t>() + begin, unit);
    case Form::Sixteen:
      return add(other.slots<std::uint16_t>() + begin, unit);
    case Form::ThirtyTwo:
      return add(other.slots<std::uint32_t>() + begin, unit);
    case Form::Whole:
      return add(other.slots<Weight>() + begin, 1);
  }
  return false;
}

// Into slots of a byte, eight at a time, what is held in four or eight bits and lies within them.
// False, and nothing done, when one would not hold its sum.
bool BucketCounts::add_bytes(const BucketCounts& other) {
  if (other.form_ == Form::List) return false;
  const bool four = other.form_ == Form::Four;
  // From an even slot of theirs on, which may hold nothing.
  const std::int32_t begin = (other.first_ - other.base_) / 2 * 2;
  const std::int32_t mine_begin = begin + other.base_ - base_;
  if (mine_begin < 0 || std::endian::native != std::endian::little) return false;
  std::uint8_t* const mine = memory_.get() + mine_begin;
  const SmallSlots theirs{other.memory_.get() + (four ? begin / 2 : begin), four};
  const auto count = static_cast<std::size_t>(other.last_ - other.base_ - begin) + 1;
  const std::size_t whole = count / kLanes * kLanes;
  std::uint64_t overflows = 0;
  for (std::size_t at = 0; at < whole; at += kLanes)
    overflows |= overflow_of(word_at(mine + at), theirs.word(at));
  for (std::size_t at = whole; at < count; ++at)
    overflows |= (mine[at] + theirs.slot(at)) & ~0xffU;
  if (overflows != 0) return false;
  for (std::size_t at = 0; at < whole; at += kLanes) {
    const std::uint64_t sum = sum_of(word_at(mine + at), theirs.word(at));
    std::memcpy(mine + at, &sum, sizeof sum);
  }
  for (std::size_t at = whole; at < count; ++at)
    mine[at] = static_cast<std::uint8_t>(mine[at] + theirs.slot(at));
  return true;
}

// Slots of four bits become bytes. What merges once merges again: then it is eight slots at a time.
void BucketCounts::widen() {
  // NOLINTNEXTLINE(modernize-avoid-c-arrays): sized at run time
  auto bytes = std::make_unique_for_overwrite<std::uint8_t[]>(capacity_);
  SmallSlots{memory_.get(), true}.read(0, {bytes.get(), capacity_});
  memory_ = std::move(bytes);
  form_ = Form::Eight;
}

// Into the slots that are there.
bool BucketCounts::add_within(const BucketCounts& other) {
  bool added = false;
  switch (std::max(form_, other.form_) == form_ ? form_ : Form::List) {
    case Form::List:
      return false;
    case Form::Four:
      widen();
      [[fallthrough]];
    case Form::Eight:
      added = add_bytes(other);
      break;
    case Form::Sixteen:
      added = add_typed<std::uint16_t>(other, 1);
      break;
    case Form::ThirtyTwo:
      added = add_typed<std::uint32_t>(other, 1);
      break;
    case Form::Whole:
      added = add_typed<Weight>(other, kUnit);
      break;
  }
  if (!added) return false;
  use(other.first_);
  use(other.last_);
  return true;
}

// ---- single units ----

void BucketCounts::add_units(std::span<const std::int32_t> indexes) {
  if (indexes.empty()) return;
  CHECK(indexes.size() <= kBatchMax);
  const auto [least, most] = std::ranges::minmax(indexes);
  const std::int32_t spare = spare_for(most - least + 1);
  BucketCounts batch;
  batch.form_ = Form::Eight;
  batch.base_ = least - spare;
  batch.capacity_ = static_cast<std::uint16_t>(most - batch.base_ + 1 + spare);
  batch.first_ = least;
  batch.last_ = most;
  // NOLINTNEXTLINE(modernize-avoid-c-arrays): sized at run time
  batch.memory_ = std::make_unique<std::uint8_t[]>(batch.capacity_);
  for (const std::int32_t index : indexes)
    ++batch.memory_[static_cast<std::size_t>(index - batch.base_)];
  if (empty()) {
    *this = std::move(batch);
  } else {
    add_all(batch, 0);
  }
}

}  // namespace ingest::sketch
