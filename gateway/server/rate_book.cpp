#include "gateway/server/rate_book.h"

namespace gateway::server {

std::optional<ingest::Millis> RateBook::refuses(std::string_view who, ingest::MonoTime now) {
  const std::uint64_t may = times();
  if (may == 0 || known() == 0) return std::nullopt;
  const std::lock_guard lock{mutex_};
  const auto found = known_.find(who);
  const bool has_place = found != known_.end() || known_.size() < kKnownMax;
  const publish::Allowance allowance =
      found != known_.end() ? found->second : (has_place ? publish::Allowance{} : others_);
  if (!allowance.is_spent(may, now, rate_.at_once)) return std::nullopt;
  refused_.fetch_add(1, std::memory_order_relaxed);
  return std::chrono::ceil<ingest::Millis>(allowance.again(rate_.at_once) - now);
}

void RateBook::count(std::string_view who, ingest::MonoTime now) {
  const std::uint64_t may = times();
  if (may == 0) return;
  const std::lock_guard lock{mutex_};
  place_of(who, now).spend(static_cast<std::uint64_t>(rate_.within.count()), may, now);
  size_.store(known_.size(), std::memory_order_relaxed);
}

publish::Allowance& RateBook::place_of(std::string_view who, ingest::MonoTime now) {
  if (const auto found = known_.find(who); found != known_.end()) return found->second;
  if (known_.size() >= kKnownMax) sweep(now);
  return known_.size() < kKnownMax ? known_[std::string{who}] : others_;
}

/// Forgets those of whom nothing is left to know. Looking at all of them is not for every newcomer.
void RateBook::sweep(ingest::MonoTime now) {
  if (now < swept_ + kSweepEvery) return;
  swept_ = now;
  std::erase_if(known_, [now](const auto& one) { return one.second.again({}) <= now; });
}

}  // namespace gateway::server
