// rooms: ingest/sketch
// Three ExpHistograms, added to and merged as the input says, against every value that went in: the
// content is that of one pass, both ends are exact, and no quantile is wrong by more than it says.
// An input: steps of two bytes, where and what; a value of a step is eight bytes more.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "ingest/sketch/exp_histogram.h"

namespace {

using ingest::sketch::ExpHistogram;
using Value = ExpHistogram::Value;

constexpr std::size_t kValuesMax = 4'000;  // of an input: all of them are sorted

void expect(bool promise) {
  if (!promise) std::abort();
}

struct Pair {
  ExpHistogram sketch{};
  std::vector<Value> plain{};
};

void expect_same(const ExpHistogram& a, const ExpHistogram& b) {
  expect(a.is_exact() == b.is_exact() && a.scale() == b.scale() && a.weight() == b.weight());
  const ExpHistogram::Exact mine = a.exact_values();
  const ExpHistogram::Exact others = b.exact_values();
  expect(std::ranges::equal(mine, others));
  if (a.is_exact()) return;
  static ExpHistogram::BucketsRoom my_room;
  static ExpHistogram::BucketsRoom other_room;
  const ExpHistogram::Buckets my = a.buckets(my_room);
  const ExpHistogram::Buckets other = b.buckets(other_room);
  expect(my.zeros == other.zeros && my.min == other.min && my.max == other.max);
  expect(std::ranges::equal(my.positive, other.positive));
  expect(std::ranges::equal(my.negative, other.negative));
}

/// What was kept elsewhere is the same again.
void expect_kept(const ExpHistogram& sketch) {
  static ExpHistogram::BucketsRoom room;
  const auto again = !sketch.is_exact()        ? ExpHistogram::of_buckets(sketch.buckets(room))
                     : sketch.values().empty() ? ExpHistogram::of_units(sketch.units())
                                               : ExpHistogram::of_values(sketch.values());
  expect(again.has_value());
  expect_same(sketch, *again);
}

void expect_quantiles(const ExpHistogram& sketch, const std::vector<Value>& ascending) {
  double before = sketch.min();
  // Parts of a whole that doubles hold exactly, so that a rank is no matter of rounding.
  for (const unsigned part : {0U, 1U, 2U, 8U, 16U, 24U, 31U, 32U}) {
    const auto rank = std::max<ExpHistogram::Weight>((sketch.weight() * part + 31) / 32, 1);
    ExpHistogram::Weight sum = 0;
    double truth = 0;
    for (const Value& each : ascending) {
      truth = each.value;
      sum += each.weight;
      if (sum >= rank) break;
    }
    const auto [value, error] = sketch.quantile_with_bound(part / 32.0);
    expect(error <= sketch.error_bound() && value >= before && value <= sketch.max());
    // The smallest doubles are further apart than any relative error.
    const double rounding = std::numeric_limits<double>::denorm_min() + std::abs(truth) * 1e-15;
    expect(std::abs(value - truth) <= std::abs(truth) * error * (1 + 1e-12) + rounding);
    before = value;
  }
}

void check(Pair& pair) {
  const ExpHistogram& sketch = pair.sketch;
  ExpHistogram one_pass;
  for (const Value& each : pair.plain)
    one_pass.add(each.value, each.weight);
  expect_same(sketch, one_pass);
  expect_kept(sketch);
  if (pair.plain.empty()) return;
  std::ranges::stable_sort(pair.plain, {}, &Value::value);
  expect(sketch.min() == pair.plain.front().value && sketch.max() == pair.plain.back().value);
  expect(sketch.quantile(0) == sketch.min() && sketch.quantile(1) == sketch.max());
  expect_quantiles(sketch, pair.plain);
}

class Steps {
 public:
  explicit Steps(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::size_t left() const { return bytes_.size(); }
  std::uint8_t byte() {
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  /// Any finite number, of whatever is left.
  double number() {
    std::uint64_t bits = 0;
    const std::size_t size = std::min(sizeof bits, bytes_.size());
    std::memcpy(&bits, bytes_.data(), size);
    bytes_ = bytes_.subspan(size);
    const auto value = std::bit_cast<double>(bits);
    return std::isfinite(value) ? value + 0.0 : static_cast<double>(bits % 1'000);
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

void add(Pair& pair, double value, ExpHistogram::Weight weight) {
  pair.sketch.add(value, weight);
  pair.plain.push_back({value, weight});
}

/// A run of values that grow by a factor fills buckets with few bytes.
void add_run(Pair& pair, double value, unsigned count) {
  const double factor = 1 + (count % 5) * 0.01;
  std::vector<double> values;
  for (unsigned i = 0; i < count && std::isfinite(value); ++i, value *= factor)
    values.push_back(value);
  pair.sketch.add_units(values);
  for (const double each : values)
    pair.plain.push_back({each, ExpHistogram::kUnit});
}

void merge(Pair& pair, Pair& other) {
  if (&other == &pair) return;
  pair.sketch.merge(other.sketch);
  pair.plain.insert(pair.plain.end(), other.plain.begin(), other.plain.end());
  other = {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Steps steps{{data, size}};
  std::array<Pair, 3> pairs;
  for (std::size_t values = 0; steps.left() >= 2 && values < kValuesMax;) {
    Pair& pair = pairs[steps.byte() % pairs.size()];
    const unsigned what = steps.byte();
    if (what % 8 == 0) {  // merges its neighbour, which begins again
      merge(pair, pairs[what / 8 % pairs.size()]);
    } else if (what % 8 == 1) {
      add_run(pair, steps.number(), what);
      values += what;
    } else {
      add(pair, steps.number(), what % 8 == 2 ? what : ExpHistogram::kUnit);
      ++values;
    }
  }
  for (Pair& pair : pairs)
    check(pair);
  return 0;
}
