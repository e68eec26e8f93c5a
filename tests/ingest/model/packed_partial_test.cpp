#include "ingest/model/packed_partial.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace ingest::model {
namespace {

using Bytes = std::vector<std::byte>;

constexpr WallTime kStart = wall_from_ms(1'700'000'000'000);

Bytes packed(const Partial& partial) {
  Bytes bytes;
  pack(partial, bytes);
  return bytes;
}

Partial unpacked(const Bytes& bytes) {
  std::span<const std::byte> rest{bytes};
  auto partial = unpack(rest);
  EXPECT_TRUE(partial.has_value());
  EXPECT_TRUE(rest.empty());
  return partial ? *std::move(partial) : Partial{};
}

/// Folded into a fresh partial, one millisecond apart.
Partial of(Kind kind, const std::vector<Sample>& samples) {
  Partial partial{kind};
  WallTime now = kStart;
  for (const Sample& sample : samples)
    partial.fold(sample, now += Millis{1});
  return partial;
}
Partial timer_of(const std::vector<double>& values, Rate rate = {}) {
  std::vector<Sample> samples;
  samples.reserve(values.size());
  for (const double value : values)
    samples.push_back({.kind = Kind::Timer, .value = value, .rate = rate});
  return of(Kind::Timer, samples);
}
std::vector<double> log_normal(std::size_t count, double sigma, int sign = 1) {
  std::mt19937_64 random{count};
  std::lognormal_distribution<double> draw{3, sigma};
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(sign * draw(random));
  return values;
}
Partial set_of(int members) {
  Partial partial{Kind::Set};
  for (int i = 0; i < members; ++i) {
    const std::string member = std::to_string(i);
    partial.fold({.kind = Kind::Set, .member = member}, kStart);
  }
  return partial;
}
Sample set_to(double value, double low = 0) {
  return {.kind = Kind::Gauge, .value = value, .value_low = low};
}
Sample change_by(double value) {
  return {.kind = Kind::Gauge, .change = GaugeChange::Add, .value = value};
}
Sample count(double value, Rate rate = {}) {
  return {.kind = Kind::Counter, .value = value, .rate = rate};
}
Sample set_at(double value, WallTime time) {
  return {.kind = Kind::Gauge, .value = value, .time = time};
}

Partial yielded(std::initializer_list<Sample> samples) {
  Partial partial = of(Kind::Gauge, samples);
  partial.gauge().yield_to(of(Kind::Gauge, {set_at(5, kStart + Millis{9'000})}).gauge());
  return partial;
}

struct Case {
  std::string name;
  Partial partial;
};

std::vector<Case> cases() {
  constexpr double kMax = std::numeric_limits<double>::max();
  constexpr double kLeast = std::numeric_limits<double>::denorm_min();
  std::vector<double> mixed = log_normal(200, 2);
  for (const double value : log_normal(100, 1, -1))
    mixed.push_back(value);
  mixed.push_back(0);
  std::vector<Case> all{
      {"no count", Partial{Kind::Counter}},
      {"a whole count", of(Kind::Counter, {count(1), count(41)})},
      {"a negative count", of(Kind::Counter, {count(-7)})},
      {"a rounded sum", of(Kind::Counter, {count(0.25)})},
      {"a sum with its error", of(Kind::Counter, {count(0.1), count(0.2), count(1e17)})},
      {"a sum that overflowed", of(Kind::Counter, {count(kMax), count(kMax)})},
      {"a sampled count", of(Kind::Counter, {count(7, {7, 100})})},
      {"no gauge", Partial{Kind::Gauge}},
      {"a whole gauge", of(Kind::Gauge, {set_to(333)})},
      {"a gauge", of(Kind::Gauge, {set_to(0.7)})},
      {"two sets", of(Kind::Gauge, {set_to(1.5), set_to(-3)})},
      {"sets out of order",
       of(Kind::Gauge, {set_at(1, kStart), set_at(2, kStart - Millis{500}), set_to(3)})},
      {"a change", of(Kind::Gauge, {change_by(-5)})},
      {"a set and changes", of(Kind::Gauge, {set_to(10), change_by(1), change_by(0.1)})},
      {"changes and a set", of(Kind::Gauge, {change_by(4), set_to(10)})},
      {"an integer above 2^53", of(Kind::Gauge, {set_to(0x1p64, -1)})},
      {"two integers above 2^53", of(Kind::Gauge, {set_to(0x1p63, 3), set_to(0x1p64, -6)})},
      {"a set that yielded", yielded({set_to(7)})},
      {"sets and changes that yielded", yielded({set_to(7), set_to(0x1p63, 3), change_by(2)})},
      {"no time", Partial{Kind::Timer}},
      {"one value", timer_of({0.5})},
      {"ten values", timer_of(log_normal(10, 1))},
      {"32 values", timer_of(log_normal(32, 1))},
      {"equal values", timer_of(std::vector<double>(100, 7))},
      {"weighted values", timer_of(log_normal(8, 1), {1, 3})},
      {"buckets", timer_of(log_normal(1000, 0.5))},
      {"few in wide buckets", timer_of(log_normal(40, 8))},
      {"weighted buckets", timer_of(log_normal(100, 2), {3, 7})},
      {"heavy buckets", timer_of(log_normal(100, 1), {1, 1'000'000'000})},
      {"both signs", timer_of(mixed)},
      {"negatives", timer_of(log_normal(99, 1, -1))},
      {"every magnitude", timer_of([&] {
         std::vector<double> values = log_normal(64, 9);
         values.insert(values.end(), {kLeast, kMax, -kMax, -kLeast, 0});
         return values;
       }())},
  };
  for (const int members : {0, 1, 256, 257, 5'000, 50'000})
    all.push_back({std::to_string(members) + " members", set_of(members)});
  return all;
}

/// All that can be asked of it, bit for bit.
void expect_same(const Partial& a, const Partial& b) {
  const auto expect_bits = [](double x, double y) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(x), std::bit_cast<std::uint64_t>(y)) << x << ' ' << y;
  };
  ASSERT_EQ(a.kind(), b.kind());
  switch (a.kind()) {
    case Kind::Counter:
      EXPECT_EQ(a.counter().lines(), b.counter().lines());
      expect_bits(a.counter().total(), b.counter().total());
      return;
    case Kind::Gauge:
      EXPECT_EQ(a.gauge().samples(), b.gauge().samples());
      EXPECT_EQ(a.gauge().changes(), b.gauge().changes());
      EXPECT_EQ(a.gauge().has_absolute(), b.gauge().has_absolute());
      for (const auto of :
           {&GaugePartial::first, &GaugePartial::min, &GaugePartial::max, &GaugePartial::mean,
            &GaugePartial::sum, &GaugePartial::first_low, &GaugePartial::last_low})
        expect_bits((a.gauge().*of)(), (b.gauge().*of)());
      expect_bits(a.gauge().last(17), b.gauge().last(17));
      return;
    case Kind::Timer:
      EXPECT_EQ(a.timer().weight(), b.timer().weight());
      EXPECT_EQ(a.timer().histogram().scale(), b.timer().histogram().scale());
      for (const auto of : {&TimerPartial::count, &TimerPartial::sum, &TimerPartial::mean,
                            &TimerPartial::stddev, &TimerPartial::min, &TimerPartial::max})
        expect_bits((a.timer().*of)(), (b.timer().*of)());
      for (int i = 0; i <= 64; ++i)
        expect_bits(a.timer().quantile(i / 64.0), b.timer().quantile(i / 64.0));
      return;
    case Kind::Set:
      expect_bits(a.set().distinct(), b.set().distinct());
      return;
  }
}

TEST(PackedPartial, ReadsBackToTheSamePartial) {
  for (const Case& each : cases()) {
    SCOPED_TRACE(each.name);
    const Bytes bytes = packed(each.partial);
    EXPECT_LE(bytes.size(), kPackedBytesMax);
    const Partial back = unpacked(bytes);
    expect_same(each.partial, back);
    EXPECT_EQ(packed(back), bytes);
  }
}

TEST(PackedPartial, GoesOnAsIfItHadNeverBeenPacked) {
  std::vector<Case> all = cases();
  for (const Case& one : all) {
    for (const Case& other : all) {
      if (one.partial.kind() != other.partial.kind()) continue;
      SCOPED_TRACE(one.name + " and " + other.name);
      Partial never = one.partial;
      never.merge(other.partial);
      Partial back = unpacked(packed(one.partial));
      back.merge(unpacked(packed(other.partial)));
      expect_same(never, back);
      EXPECT_EQ(packed(never), packed(back));
    }
  }
}

TEST(PackedPartial, TenExactValuesOfATimerTake82Bytes) {
  EXPECT_EQ(packed(timer_of(log_normal(10, 1))).size(), 82U);
  EXPECT_LE(packed(of(Kind::Counter, {count(1), count(41)})).size(), 3U);
  EXPECT_LE(packed(of(Kind::Gauge, {set_to(333)})).size(), 10U);
}

TEST(PackedPartial, IsTakenOffTheFront) {
  Bytes bytes;
  const std::vector<Case> all = cases();
  for (const Case& each : all)
    pack(each.partial, bytes);
  std::span<const std::byte> rest{bytes};
  for (const Case& each : all) {
    SCOPED_TRACE(each.name);
    const auto partial = unpack(rest);
    ASSERT_TRUE(partial.has_value());
    expect_same(each.partial, *partial);
  }
  EXPECT_TRUE(rest.empty());
}

TEST(PackedPartial, IsTheSameOnEveryMachine) {
  const Bytes counter = packed(of(Kind::Counter, {count(300)}));
  EXPECT_EQ(counter, (Bytes{std::byte{0x20}, std::byte{0xd8}, std::byte{0x04}, std::byte{1}}));
  const Bytes timer = packed(timer_of({1}));
  EXPECT_EQ(timer,
            (Bytes{std::byte{0x22}, std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0},
                   std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0xf0}, std::byte{0x3f}}));
}

TEST(PackedPartial, RefusesEveryCutOffRecord) {
  for (const Case& each : cases()) {
    SCOPED_TRACE(each.name);
    const Bytes bytes = packed(each.partial);
    for (std::size_t kept = 0; kept < bytes.size(); ++kept) {
      const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kept));
      std::span<const std::byte> rest{cut};
      EXPECT_FALSE(unpack(rest).has_value()) << kept;
      EXPECT_EQ(rest.size(), kept);
    }
  }
}

/// merge_packed() into it is merge() of the partial, or nothing at all where that cannot be.
void expect_merges(const Bytes& bytes, const Partial& into) {
  std::span<const std::byte> rest{bytes};
  const auto partial = unpack(rest);
  const bool can_be = partial.has_value() && partial->kind() == into.kind();
  Partial expected = into;
  if (can_be) expected.merge(*partial);
  Partial merged = into;
  EXPECT_EQ(merge_packed(bytes, merged), can_be);
  EXPECT_EQ(packed(merged), packed(expected));
}

TEST(PackedPartial, MergesAsTheUnpackedOneDoes) {
  const std::vector<Case> all = cases();
  for (const Case& into : all) {
    for (const Case& added : all) {
      SCOPED_TRACE(into.name + (" and " + std::string{added.name}));
      expect_merges(packed(added.partial), into.partial);
    }
    expect_merges({}, into.partial);
  }
}

TEST(PackedPartial, OfACutOffRecordNothingIsMerged) {
  const Partial into = timer_of(log_normal(300, 1));
  const Bytes bytes = packed(timer_of(log_normal(200, 2)));
  for (std::size_t kept = 0; kept < bytes.size(); ++kept)
    expect_merges({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kept)}, into);
  expect_merges(bytes, into);
}

// What is accepted can be merged and packed, as any partial; CHECKs and sanitizers watch.
void use_damaged(const Bytes& bytes, const Partial& other) {
  std::span<const std::byte> rest{bytes};
  auto partial = unpack(rest);
  expect_merges(bytes, other);
  if (!partial) {
    EXPECT_EQ(rest.size(), bytes.size());
    return;
  }
  EXPECT_EQ(packed(unpacked(packed(*partial))), packed(*partial));
  if (partial->kind() == other.kind()) partial->merge(other);
  EXPECT_LE(packed(*partial).size(), kPackedBytesMax);
}

void damage(Bytes bytes, std::size_t at, const Partial& other) {
  const std::byte whole = bytes[at];
  for (const unsigned flip : {0x01U, 0x08U, 0x80U, 0xffU}) {
    bytes[at] = whole ^ static_cast<std::byte>(flip);
    use_damaged(bytes, other);
  }
}

TEST(PackedPartial, GivesAPartialOrAFaultForEveryDamagedByte) {
  for (const Case& each : cases()) {
    SCOPED_TRACE(each.name);
    const Bytes bytes = packed(each.partial);
    const std::size_t step = bytes.size() > 1000 ? 37 : 1;
    for (std::size_t at = 0; at < bytes.size(); at += step)
      damage(bytes, at, each.partial);
  }
}

PackFault fault_of(const Bytes& bytes) {
  std::span<const std::byte> rest{bytes};
  const auto partial = unpack(rest);
  EXPECT_FALSE(partial.has_value());
  return partial ? PackFault{} : partial.error();
}

TEST(PackedPartial, SaysWhenItIsOfAnotherVersion) {
  Bytes bytes = packed(timer_of({1}));
  bytes[0] = std::byte{0x42};
  EXPECT_EQ(fault_of(bytes), PackFault::Version);
  EXPECT_EQ(fault_of(Bytes(16)), PackFault::Version);
  EXPECT_EQ(fault_of({}), PackFault::Damaged);
}

TEST(PackedPartial, RefusesWhatNoTimerHolds) {
  const auto timer_bytes = [](double value) {
    Bytes bytes = packed(timer_of({1}));
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < sizeof bits; ++i)
      bytes[2 + i] = static_cast<std::byte>(bits >> (8 * i));
    return bytes;
  };
  EXPECT_EQ(fault_of(timer_bytes(std::numeric_limits<double>::infinity())), PackFault::Damaged);
  EXPECT_EQ(fault_of(timer_bytes(std::nan(""))), PackFault::Damaged);
  EXPECT_EQ(fault_of(timer_bytes(-0.0)), PackFault::Damaged);
}

}  // namespace
}  // namespace ingest::model
