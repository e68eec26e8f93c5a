#include "gateway/server/slow_board.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gateway::server {

void SlowBoard::put(std::uint32_t worker, std::vector<SlowReader> readers) {
  const std::lock_guard lock{mutex_};
  by_worker_[worker] = std::move(readers);
}

std::vector<SlowReader> SlowBoard::worst() const {
  std::vector<SlowReader> all;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [worker, readers] : by_worker_)
      all.insert(all.end(), readers.begin(), readers.end());
  }
  std::ranges::stable_sort(all, [](const SlowReader& a, const SlowReader& b) {
    return std::tuple{a.lag.demoted, a.lag.skipped, a.behind, a.lag.held} >
           std::tuple{b.lag.demoted, b.lag.skipped, b.behind, b.lag.held};
  });
  all.resize(std::min(all.size(), kShown));
  return all;
}

}  // namespace gateway::server
