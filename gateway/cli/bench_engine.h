#pragma once
// bench_engine: the engine's inner loops, measured in memory on one core: no socket, no thread.

#include <functional>
#include <string>

namespace gateway::cli {

struct EngineNumber {
  std::string what;
  double each_ns = 0;     // of one item
  double each_bytes = 0;  // of one item; 0 where bytes mean nothing
};

/// Measures one after the other, some 0.15 s each, and tells each when it is known.
void measure_engine(const std::function<void(const EngineNumber&)>& tell);

}  // namespace gateway::cli
