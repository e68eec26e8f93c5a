#pragma once
// SeriesJudge: whether a series behaves as it did a moment ago: its newest window against those of
// a baseline four windows long, which ends where that one begins. Robust: by median and MAD, so
// that a spike in the baseline hides nothing. Pure.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "ingest/base/clock.h"

namespace gateway::server {

/// Windows that end a step apart, ascending; `values` and `counts` are one for each of `times`, NaN
/// where there is none.
struct Course {
  std::span<const ingest::WallTime> times;
  std::span<const double> values;
  std::span<const double> counts;  // samples, or distinct members: whether anything came
  ingest::Millis window{0};
  ingest::Millis step{0};
};

struct Judgement {
  enum class State : std::uint8_t {
    High,
    Low,
    Silent,  // nothing came any more
  };
  State state = State::High;
  std::optional<double> value{};  // none: silent
  double baseline = 0;            // the median
  std::optional<double> ratio{};  // value by baseline, where that is not 0
  std::optional<double> z{};      // how many deviations of the baseline it is away
  /// From when on: the end of the first window in a row that stood out; of a silent one about when
  /// the last sample came.
  std::optional<ingest::WallTime> since{};

  /// What is told first.
  double weight() const;
};

/// |z| from which on a value is unusual (Iglewicz and Hoaglin).
constexpr double kUnusualZ = 3.5;
/// A baseline counts as no steadier than this part of its median: overlapping windows are alike,
/// and of a line as straight as a ruler every change would be.
constexpr double kLeastSpread = 0.05;
constexpr double kZMax = 1'000;
/// z of what came from nothing: of a baseline that was the same all along, 0, no other can be said.
/// As much as a series that fell silent weighs, so that neither hides what moved.
constexpr double kFromNothing = 10;
/// As much of the baseline must be there.
constexpr double kBaselineLeast = 0.75;

/// Nothing where it is as it was, or there is too little to compare with.
std::optional<Judgement> judge(const Course& course);

}  // namespace gateway::server
