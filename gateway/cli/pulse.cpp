#include "gateway/cli/pulse.h"

#include <algorithm>
#include <limits>

namespace gateway::cli {
namespace {

constexpr std::uint64_t kForEver = std::numeric_limits<std::uint64_t>::max();

}  // namespace

// relaxed, all of it: the numbers are all that is told, and they only grow.
void Pulse::watch(ingest::io::EventLoop& loop) {
  loops_.push_back(std::make_unique<Watched>());
  Watched* watched = loops_.back().get();
  watched->loop = &loop;
  loop.on_wake([this, watched] {
    watched->answered.store(asked_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  });
}

void Pulse::ask() {
  asked_.fetch_add(1, std::memory_order_relaxed);
  for (const auto& watched : loops_)
    watched->loop->wake();
}

bool Pulse::felt() const {
  const std::uint64_t asked = asked_.load(std::memory_order_relaxed);
  return asked > 0 && std::all_of(loops_.begin(), loops_.end(), [asked](const auto& watched) {
           return watched->answered.load(std::memory_order_relaxed) >= asked;
         });
}

void Pulse::ended(std::size_t index) {
  loops_[index]->answered.store(kForEver, std::memory_order_relaxed);
}

}  // namespace gateway::cli
