#pragma once
// TokenBucket: how much of a rate is left to somebody, in integers: 10^-9 of a token, so that no
// nanosecond is lost to rounding. A value of two words; its rule stands elsewhere, as many share
// one. Pure: the caller says how late it is.

#include <algorithm>
#include <cstdint>

#include "ingest/base/clock.h"

namespace ingest::series {

class TokenBucket {
 public:
  static constexpr std::uint64_t kTokensMax = 1'000'000'000;  // of both numbers of a rule
  struct Rule {
    std::uint64_t per_second = 0;
    std::uint64_t burst = 0;  // how many it holds when full
  };

  TokenBucket() = default;
  /// Full.
  TokenBucket(Rule rule, MonoTime now) : nano_tokens_(rule.burst * kNano), filled_(now) {}

  /// Takes up to `wanted` and says how many they are. A time before the last one counts as that
  /// one.
  std::uint64_t take(std::uint64_t wanted, Rule rule, MonoTime now) {
    fill(rule, now);
    const std::uint64_t taken = std::min(wanted, nano_tokens_ / kNano);
    nano_tokens_ -= taken * kNano;
    return taken;
  }

 private:
  static constexpr std::uint64_t kNano = 1'000'000'000;

  void fill(Rule rule, MonoTime now) {
    if (now <= filled_) return;
    // No longer than it takes to be full, so that the product fits: at most 2 * 10^18.
    const std::uint64_t full_ns =
        (rule.burst / std::max<std::uint64_t>(rule.per_second, 1) + 1) * kNano;
    const auto since_ns = static_cast<std::uint64_t>((now - filled_).count());
    nano_tokens_ += rule.per_second * std::min(since_ns, full_ns);
    nano_tokens_ = std::min(nano_tokens_, rule.burst * kNano);
    filled_ = now;
  }

  std::uint64_t nano_tokens_ = 0;
  MonoTime filled_{};
};

}  // namespace ingest::series
