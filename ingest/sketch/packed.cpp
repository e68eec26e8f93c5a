#include "ingest/sketch/packed.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

namespace ingest::sketch {
namespace {

using Weight = ExpHistogram::Weight;

// ---- runs of buckets ----

constexpr unsigned kSmallBits = 3;
constexpr std::uint64_t kLarge = (1U << kSmallBits) - 1;

using Hit = ExpHistogram::Hit;
using Hits = std::span<const Hit>;
using HitsRoom = ExpHistogram::HitsRoom;
using BucketsRoom = ExpHistogram::BucketsRoom;

/// Room for buckets that is written before it is read: to zero its 32 KiB takes longer than to
/// merge what comes to stand there.
class UnwrittenRoom {
 public:
  BucketsRoom& get() {
    static_assert(std::is_trivially_copyable_v<BucketsRoom> && std::is_aggregate_v<BucketsRoom>);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes begin what they hold
    return *std::launder(reinterpret_cast<BucketsRoom*>(bytes_.data()));
  }

 private:
  alignas(BucketsRoom) std::array<std::byte, sizeof(BucketsRoom)> bytes_;
};

bool in_units(Hits hits) {
  Weight broken = 0;
  for (const Hit& hit : hits)
    broken |= hit.weight % ExpHistogram::kUnit;
  return broken == 0;
}

void write_run(ByteWriter& writer, Hits hits, Weight unit) {
  writer.varint(hits.size());
  if (hits.empty()) return;
  writer.zigzag(hits.front().index);
  std::int64_t next = hits.front().index;
  for (const Hit& hit : hits) {
    const std::uint64_t less = hit.weight / unit - 1;
    const auto gap = static_cast<std::uint64_t>(hit.index - next);
    writer.varint(gap << kSmallBits | std::min(less, kLarge));
    if (less >= kLarge) writer.varint(less - kLarge);
    next = std::int64_t{hit.index} + 1;
  }
}

std::optional<Hits> read_run(ByteReader& reader, Weight unit, HitsRoom& room) {
  const std::size_t used = reader.count(room.size());
  if (used == 0) return Hits{};
  const std::int64_t first = reader.zigzag();
  constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  if (first < kLeast || first > kMost - std::ssize(room)) return std::nullopt;
  std::size_t next = 0;  // bucket, from the first on
  for (std::size_t i = 0; i < used; ++i) {
    const std::uint64_t token = reader.varint();
    const std::uint64_t gap = token >> kSmallBits;
    std::uint64_t less = token & kLarge;
    if (less == kLarge) less += std::min(reader.varint(), ~std::uint64_t{0} - kLarge);
    const bool fits = gap < (i == 0 ? 1 : room.size() - next);
    if (!fits || less >= std::numeric_limits<Weight>::max() / unit) return std::nullopt;
    next += gap;
    room[i] = {static_cast<std::int32_t>(first + static_cast<std::int64_t>(next++)),
               (less + 1) * unit};
  }
  return std::span{room}.first(used);
}

void write_buckets(ByteWriter& writer, const ExpHistogram::Buckets& buckets) {
  const bool units = in_units(buckets.positive) && in_units(buckets.negative);
  const Weight unit = units ? ExpHistogram::kUnit : 1;
  writer.u8(units ? 1 : 0);
  writer.zigzag(buckets.scale);
  writer.varint(buckets.zeros);
  writer.number(buckets.min);
  writer.number(buckets.max);
  write_run(writer, buckets.positive, unit);
  write_run(writer, buckets.negative, unit);
}

std::optional<ExpHistogram::Buckets> read_buckets(ByteReader& reader, BucketsRoom& room) {
  ExpHistogram::Buckets buckets;
  const std::uint8_t unit_code = reader.u8();
  const std::int64_t scale = reader.zigzag();
  const bool known =
      unit_code <= 1 && scale >= ExpHistogram::kScaleMin && scale <= ExpHistogram::kScaleMax;
  if (!known) return std::nullopt;
  const Weight unit = unit_code == 1 ? ExpHistogram::kUnit : 1;
  buckets.scale = static_cast<int>(scale);
  buckets.zeros = reader.varint();
  buckets.min = reader.number();
  buckets.max = reader.number();
  const auto positive = read_run(reader, unit, room.positive);
  const auto negative = read_run(reader, unit, room.negative);
  if (!positive || !negative || !reader.good()) return std::nullopt;
  buckets.positive = *positive;
  buckets.negative = *negative;
  return buckets;
}

// ---- exact values ----

std::optional<ExpHistogram> read_values(ByteReader& reader) {
  std::array<ExpHistogram::Value, ExpHistogram::kExactMax> values{};
  const std::size_t count = reader.count(values.size());
  for (std::size_t i = 0; i < count; ++i) {
    values[i].value = reader.number();
    values[i].weight = reader.varint();
  }
  return ExpHistogram::of_values(std::span{values}.first(count));
}

// ---- members ----

constexpr unsigned kZeros = 64;
constexpr std::size_t kZerosMin = 2;
constexpr std::size_t kZerosMax = std::numeric_limits<std::uint8_t>::max() - kZeros + kZerosMin;
static_assert(HyperLogLog::kRankMax < kZeros);

void write_registers(ByteWriter& writer, std::span<const std::uint8_t> registers) {
  for (std::size_t i = 0; i < registers.size();) {
    std::size_t zeros = 0;
    while (zeros < kZerosMax && i + zeros < registers.size() && registers[i + zeros] == 0)
      ++zeros;
    if (zeros >= kZerosMin) {
      writer.u8(static_cast<std::uint8_t>(kZeros + zeros - kZerosMin));
      i += zeros;
    } else {
      writer.u8(registers[i++]);
    }
  }
}

std::optional<HyperLogLog> read_registers(ByteReader& reader) {
  std::array<std::uint8_t, HyperLogLog::kRegisters> registers{};
  for (std::size_t i = 0; i < registers.size();) {
    const std::uint8_t byte = reader.u8();
    if (!reader.good()) return std::nullopt;
    if (byte < kZeros) {
      registers[i++] = byte;
    } else {
      i += byte - kZeros + kZerosMin;
      if (i > registers.size()) return std::nullopt;
    }
  }
  return HyperLogLog::of_registers(registers);
}

std::optional<HyperLogLog> read_hashes(ByteReader& reader) {
  std::array<std::uint64_t, HyperLogLog::kExactMax> hashes{};
  const std::size_t count = reader.count(hashes.size());
  for (std::size_t i = 0; i < count; ++i)
    hashes[i] = reader.u64();
  return HyperLogLog::of_hashes(std::span{hashes}.first(count));
}

}  // namespace

HistogramForm form_of(const ExpHistogram& histogram) {
  if (!histogram.is_exact()) return HistogramForm::Buckets;
  return histogram.values().empty() ? HistogramForm::Units : HistogramForm::Values;
}

void write(ByteWriter& writer, const ExpHistogram& histogram) {
  switch (form_of(histogram)) {
    case HistogramForm::Units:
      writer.varint(histogram.units().size());
      for (const double value : histogram.units())
        writer.number(value);
      return;
    case HistogramForm::Values:
      writer.varint(histogram.values().size());
      for (const ExpHistogram::Value& each : histogram.values()) {
        writer.number(each.value);
        writer.varint(each.weight);
      }
      return;
    case HistogramForm::Buckets: {
      UnwrittenRoom room;  // NOLINT(*-member-init): written first
      write_buckets(writer, histogram.buckets(room.get()));
      return;
    }
  }
}

std::optional<ExpHistogram> read_histogram(ByteReader& reader, HistogramForm form) {
  switch (form) {
    case HistogramForm::Units: {
      UnitsRoom room;  // NOLINT(*-member-init): written first
      const auto units = read_units(reader, room);
      return units ? ExpHistogram::of_units(*units) : std::nullopt;
    }
    case HistogramForm::Values:
      return read_values(reader);
    case HistogramForm::Buckets: {
      UnwrittenRoom room;  // NOLINT(*-member-init): written first
      const auto buckets = read_buckets(reader, room.get());
      return buckets ? ExpHistogram::of_buckets(*buckets) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<std::span<const double>> read_units(ByteReader& reader, UnitsRoom& room) {
  const std::size_t count = reader.count(room.size());
  for (std::size_t i = 0; i < count; ++i)
    room[i] = reader.number();
  const std::span<const double> units = std::span{room}.first(count);
  if (!reader.good() || !ExpHistogram::may_be_units(units)) return std::nullopt;
  return units;
}

bool merge_buckets(ByteReader& reader, ExpHistogram& into) {
  UnwrittenRoom room;  // NOLINT(*-member-init): written first
  const auto buckets = read_buckets(reader, room.get());
  return buckets && into.merge(*buckets);
}

bool add_histogram(ByteReader& reader, HistogramForm form, HistogramSum& into) {
  if (form == HistogramForm::Buckets) {
    UnwrittenRoom room;  // NOLINT(*-member-init): written first
    const auto buckets = read_buckets(reader, room.get());
    if (buckets) into.add_buckets(*buckets);
    return buckets.has_value();
  }
  const auto histogram = read_histogram(reader, form);
  if (histogram)
    histogram->each_exact([&](const auto& each) { into.add(each.value, each.weight); });
  return histogram.has_value();
}

HyperLogLogForm form_of(const HyperLogLog& members) {
  return members.is_exact() ? HyperLogLogForm::Hashes : HyperLogLogForm::Registers;
}

void write(ByteWriter& writer, const HyperLogLog& members) {
  if (!members.is_exact()) return write_registers(writer, members.registers());
  writer.varint(members.hashes().size());
  for (const std::uint64_t hash : members.hashes())
    writer.u64(hash);
}

std::optional<HyperLogLog> read_hyper_log_log(ByteReader& reader, HyperLogLogForm form) {
  switch (form) {
    case HyperLogLogForm::Hashes:
      return read_hashes(reader);
    case HyperLogLogForm::Registers:
      return read_registers(reader);
  }
  return std::nullopt;
}

}  // namespace ingest::sketch
