#pragma once
// Packed partials: a Partial as bytes, for whatever keeps many of them or sends them elsewhere: the
// timeline's closed panes, the checkpoint, the archive, other nodes. A record says itself what it
// is and where it ends, looks the same on every machine, and reads back to the very same partial,
// every bit of every total. It carries no checksum: what goes to a disk or a wire puts one around
// many. Pure; any thread.
//
//   head      1 byte: kind (bits 0-1), form (bits 2-4), version 1 (bits 5-7)
//   counter   sum; lines varint. Forms: how the sum is written
//   gauge     nothing | one set | one set to a whole number | first, last, extremes, sum, changes
//   timer     count, values | count, values with weights | moments, buckets
//   set       count, hashes | registers
//
// Ten values of a timer take 82 bytes, a counter of whole numbers 3 or 4.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ingest/base/result.h"
#include "ingest/model/partial.h"
#include "ingest/sketch/histogram_sum.h"

namespace ingest::model {

enum class PackFault : std::uint8_t {
  Version,  // of a later or unknown writer
  Damaged,  // cut off, or no partial can be so
};

/// A record is at most so long: a timer of both signs, every bucket with a weight of its own.
constexpr std::size_t kPackedBytesMax = std::size_t{32} * 1024;

/// Appends.
void pack(const Partial& partial, std::vector<std::byte>& out);
/// Where a record is a timer whose values all have the usual weight and are told one by one:
/// appends them to `out`, as they came. Whether it is.
bool unpack_units(std::span<const std::byte> packed, std::vector<double>& out);
/// Takes one off the front; `bytes` stays as it is when there is none. Any bytes may come.
Result<Partial, PackFault> unpack(std::span<const std::byte>& bytes);
/// As into.merge() of the partial that stands at the front, which need not be made for that. False,
/// and nothing merged, when there is none, or one of another kind. Any bytes may come.
[[nodiscard]] bool merge_packed(std::span<const std::byte> bytes, Partial& into);
/// Adds the histogram of a timer's record that pack() made; its moments are passed over. False when
/// it is none.
[[nodiscard]] bool add_histogram(std::span<const std::byte> bytes, sketch::HistogramSum& into);

}  // namespace ingest::model
