#include "gateway/server/series_judge.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace gateway::server {
namespace {

/// Reorders `values`, which are some.
double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

struct Baseline {
  double median = 0;
  double spread = 0;  // a standard deviation, as the MAD says it

  double z(double value) const {
    const double away = value - median;
    if (away == 0) return 0;
    return spread > 0 ? std::clamp(away / spread, -kZMax, kZMax)
                      : std::copysign(kFromNothing, away);
  }
};

Baseline baseline_of(std::vector<double>& values) {
  constexpr double kDeviationsInMad = 1.4826;  // of a normal distribution, as the next
  constexpr double kDeviationsInMean = 1.2533;
  Baseline baseline;
  baseline.median = median(values);
  for (double& value : values)
    value = std::abs(value - baseline.median);
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  baseline.spread =
      std::max(kDeviationsInMad * median(values), kLeastSpread * std::abs(baseline.median));
  // Of what is mostly 0 both are 0, but not the mean of what it is away (Iglewicz and Hoaglin).
  if (baseline.spread == 0) baseline.spread = kDeviationsInMean * mean;
  return baseline;
}

/// How many of the windows end before the newest one begins.
std::size_t baseline_size(const Course& course) {
  const auto end = course.times.back() - course.window;
  return static_cast<std::size_t>(std::upper_bound(course.times.begin(), course.times.end(), end) -
                                  course.times.begin());
}

bool came(double count) {
  return count > 0;  // not of NaN
}

Judgement silent(const Course& course, const Baseline& baseline) {
  std::size_t last = course.times.size() - 1;
  while (last > 0 && !came(course.counts[last]))
    --last;
  // The window after it holds nothing: the last sample came before that begins.
  return {.state = Judgement::State::Silent,
          .baseline = baseline.median,
          .since = course.times[last] + course.step - course.window};
}

Judgement unusual(const Course& course, const Baseline& baseline, std::size_t from) {
  const double value = course.values.back();
  const double z = baseline.z(value);
  Judgement found{.state = z > 0 ? Judgement::State::High : Judgement::State::Low,
                  .value = value,
                  .baseline = baseline.median,
                  .z = z};
  if (baseline.median != 0) found.ratio = value / baseline.median;
  std::size_t first = course.times.size() - 1;
  const auto stands_out = [&](double other) {
    const double its = baseline.z(other);
    return std::abs(its) >= kUnusualZ && (its > 0) == (z > 0);  // not of NaN
  };
  while (first > from && stands_out(course.values[first - 1]))
    --first;
  found.since = course.times[first];
  return found;
}

}  // namespace

double Judgement::weight() const {
  return z ? std::abs(*z) : kFromNothing;
}

std::optional<Judgement> judge(const Course& course) {
  if (course.times.empty()) return std::nullopt;
  const std::size_t size = baseline_size(course);
  std::vector<double> values;
  std::size_t alive = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (came(course.counts[i])) ++alive;
    if (!std::isnan(course.values[i])) values.push_back(course.values[i]);
  }
  const double enough = kBaselineLeast * static_cast<double>(size);
  if (values.empty() || static_cast<double>(values.size()) < enough) return std::nullopt;
  const Baseline baseline = baseline_of(values);
  if (!came(course.counts.back())) {
    if (static_cast<double>(alive) < enough) return std::nullopt;
    return silent(course, baseline);
  }
  if (!(std::abs(baseline.z(course.values.back())) >= kUnusualZ)) return std::nullopt;
  return unusual(course, baseline, size);
}

}  // namespace gateway::server
