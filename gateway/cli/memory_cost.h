#pragma once
// memory_cost: what a configuration can cost in memory at the worst, in words; `weir check` prints
// it. Arithmetic on the configuration and on what the benchmarks measured; it asks no machine.

#include <cstdint>
#include <string>

#include "gateway/config/config.h"

namespace gateway::cli {

/// Bytes of one series at each level, when all of its detail is there.
struct SeriesCost {
  std::uint64_t panes = 0;
  std::uint64_t ten_seconds = 0;
  std::uint64_t minutes = 0;
  std::uint64_t blocks = 0;  // what is lost at the ends of its logs
  std::uint64_t total() const { return panes + ten_seconds + minutes + blocks; }
};

/// Of a timer that gets `kBusySamples` different samples in every pane, and of a counter.
constexpr std::uint64_t kBusySamples = 10;
SeriesCost timer_cost(const config::Config& config);
SeriesCost counter_cost(const config::Config& config);

/// Of events and service checks, when each is as long as one may be.
std::uint64_t annotations_cost(const config::Config& config);

/// Several lines, each ended.
std::string memory_cost_text(const config::Config& config);

}  // namespace gateway::cli
