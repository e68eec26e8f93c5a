#pragma once
// What sketches are asked to hold: values of many shapes, with weights, and what is true of them.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "ingest/sketch/exp_histogram.h"

namespace ingest::sketch {

using Values = std::vector<ExpHistogram::Value>;

inline ExpHistogram histogram_of(const Values& values) {
  ExpHistogram histogram;
  for (const auto& each : values)
    histogram.add(each.value, each.weight);
  return histogram;
}

/// Everything that can be seen of it, as text.
inline std::string content(const ExpHistogram& histogram) {
  std::string text = std::to_string(histogram.scale()) + " w" + std::to_string(histogram.weight());
  text += " z" + std::to_string(histogram.zero_weight()) + " " + std::to_string(histogram.min()) +
          ".." + std::to_string(histogram.max());
  for (const auto& each : histogram.exact_values()) {
    text += " " + std::to_string(each.value) + "x" + std::to_string(each.weight);
  }
  for (const auto& run : {histogram.positive(), histogram.negative()}) {
    text += " @" + std::to_string(run.first);
    for (const ExpHistogram::Weight weight : run.weights)
      text += " " + std::to_string(weight);
  }
  return text;
}

inline Values sorted(Values values) {
  std::sort(values.begin(), values.end(),
            [](const auto& a, const auto& b) { return a.value < b.value; });
  return values;
}

/// The smallest value at or below which a share q of the weight is.
inline double exact_quantile(const Values& ascending, double q) {
  long double whole = 0;
  for (const auto& each : ascending)
    whole += each.weight;
  long double below = 0;
  for (const auto& each : ascending) {
    below += each.weight;
    if (below >= static_cast<long double>(q) * whole * (1 - 0x1p-48L)) return each.value;
  }
  return ascending.back().value;
}

/// A value out of nothing but the shape's parameters and `random`.
struct Shape {
  const char* name;
  std::function<double(std::mt19937_64&)> draw;
};

/// The finest bounds and their neighbours: each value falls just into a bucket or just past it.
inline double beside_a_bound(std::mt19937_64& random) {
  const auto index = std::uniform_int_distribution<std::int32_t>{-500, 500}(random);
  const double bound = ExpHistogram::lower_bound(index, ExpHistogram::kScaleMax);
  return random() % 2 == 0 ? bound : std::nextafter(bound, 1e300);
}

/// Ever wider, so that merges of parts find each other at different scales.
inline double ever_wider(std::mt19937_64& random) {
  const int width = std::uniform_int_distribution{0, 300}(random);
  const double magnitude = std::pow(10.0, std::uniform_int_distribution{-width, width}(random));
  return random() % 4 == 0 ? -magnitude : magnitude;
}

inline const std::vector<Shape>& shapes() {
  using Random = std::mt19937_64;
  static const std::vector<Shape> kAll = {
      {"uniform",
       [](Random& r) {
         return std::uniform_real_distribution{0.5, 900.0}(r);
       }},
      {"log_normal",
       [](Random& r) {
         return std::lognormal_distribution{2.0, 1.5}(r);
       }},
      {"bimodal",
       [](Random& r) {
         return std::bernoulli_distribution{0.3}(r) ? std::normal_distribution{-40.0, 3.0}(r)
                                                    : std::normal_distribution{900.0, 20.0}(r);
       }},
      {"pareto",
       [](Random& r) {
         return std::pow(std::uniform_real_distribution{1e-12, 1.0}(r), -1 / 0.8);
       }},
      {"few",
       [](Random& r) {
         return double(std::uniform_int_distribution{-20, 20}(r));
       }},
      {"wild",
       [](Random& r) {
         const int exponent = std::uniform_int_distribution{-300, 300}(r);
         return std::uniform_real_distribution{-1.0, 1.0}(r)*std::pow(10.0, exponent);
       }},
      {"beside_a_bound", beside_a_bound},
      {"ever_wider", ever_wider},
  };
  return kAll;
}

inline Values draw(const Shape& shape, std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  Values values;
  for (std::size_t i = 0; i < count; ++i) {
    const double value = shape.draw(random);
    values.push_back({value, ExpHistogram::Weight{1} << 20U | (random() & 0xFFFFU)});
  }
  return values;
}

/// Each item added to one of up to nine parts, and these merged: any two of them, in any order.
template <class Sketch, class Items, class Add>
Sketch split_and_merged(const Sketch& empty, Items items, std::mt19937_64& random, Add add) {
  std::shuffle(items.begin(), items.end(), random);
  std::vector<Sketch> parts(1 + random() % 9, empty);
  for (const auto& each : items)
    add(parts[random() % parts.size()], each);
  while (parts.size() > 1) {
    const std::size_t from = random() % parts.size();
    const Sketch moved = parts[from];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(from));
    parts[random() % parts.size()].merge(moved);
  }
  return parts.front();
}

inline ExpHistogram split_and_merged(const Values& values, std::mt19937_64& random) {
  return split_and_merged(ExpHistogram{}, values, random, [](ExpHistogram& part, const auto& each) {
    part.add(each.value, each.weight);
  });
}

}  // namespace ingest::sketch
