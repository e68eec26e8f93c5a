#include "gateway/publish/laggards.h"

#include <algorithm>
#include <tuple>

namespace gateway::publish {
namespace {

bool is_worse(const Lag& a, const Lag& b) {
  return std::tuple{a.demoted, a.skipped, a.held} > std::tuple{b.demoted, b.skipped, b.held};
}

}  // namespace

Lag& Laggards::of(const Subscriber& who) {
  const auto found = std::ranges::find(lags_, who, &Lag::who);
  if (found != lags_.end()) return *found;
  if (lags_.size() < kKept) return lags_.emplace_back(Lag{.who = who});
  const auto least = std::ranges::max_element(lags_, is_worse);  // the last in that order
  *least = Lag{.who = who};
  return *least;
}

void Laggards::left(const Subscriber& who) {
  std::erase_if(lags_, [&](const Lag& lag) { return lag.who == who; });
}

std::vector<Lag> Laggards::worst(std::size_t count) const {
  std::vector<Lag> all = lags_;
  const std::size_t kept = std::min(count, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(kept), is_worse);
  all.resize(kept);
  return all;
}

}  // namespace gateway::publish
