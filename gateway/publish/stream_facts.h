#pragma once
// StreamFacts: what a stream costs to keep up to date, for people. Immutable; made on the hub's
// thread, read by all workers.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gateway::publish {

struct StreamFacts {
  std::string metric;
  std::string query;  // canonical: it says what its readers may see
  std::uint64_t rows = 0;
  std::uint64_t readers = 0;           // subscriptions; 0: it lingers
  std::uint64_t cells_per_second = 0;  // rows x columns, each slide
  std::uint64_t bytes = 0;             // of its table and its channels
};

/// The dearest first.
using StreamList = std::vector<StreamFacts>;

}  // namespace gateway::publish
