#pragma once
// TokenBucket: how much of a rate is left to somebody, in integers: 10^-9 of a token, so that no
// nanosecond is lost to rounding. A value of two words; its rule stands elsewhere, as many share
// one. Pure: the caller says how late it is.

#include <algorithm>
#include <chrono>
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
  TokenBucket(Rule rule, MonoTime now) : nano_tokens_(nano(rule.burst)), filled_(now) {}

  /// Takes up to `wanted` and says how many they are. A time before the last one counts as that
  /// one.
  std::uint64_t take(std::uint64_t wanted, Rule rule, MonoTime now) {
    fill(rule, now);
    if (nano_tokens_ < kNano) return 0;
    const std::uint64_t taken = std::min(wanted, static_cast<std::uint64_t>(nano_tokens_ / kNano));
    nano_tokens_ -= nano(taken);
    return taken;
  }

  /// Takes `wanted` also where there is less, up to a debt of `debt_max`, itself at most
  /// kTokensMax: what comes whole is not cut apart, but paid for before more comes.
  void owe(std::uint64_t wanted, std::uint64_t debt_max, Rule rule, MonoTime now) {
    fill(rule, now);
    const std::int64_t taken = nano(std::min(wanted, kTokensMax));
    nano_tokens_ = std::max(nano_tokens_ - taken, -nano(std::min(debt_max, kTokensMax)));
  }
  /// Until there is a whole token again; 0 while there is one.
  std::chrono::nanoseconds wait(Rule rule, MonoTime now) {
    fill(rule, now);
    if (nano_tokens_ >= kNano) return {};
    const auto per_second = static_cast<std::int64_t>(std::max<std::uint64_t>(rule.per_second, 1));
    return std::chrono::nanoseconds{(kNano - nano_tokens_ + per_second - 1) / per_second};
  }

 private:
  static constexpr std::int64_t kNano = 1'000'000'000;

  static constexpr std::int64_t nano(std::uint64_t tokens) {
    return static_cast<std::int64_t>(tokens) * kNano;
  }

  void fill(Rule rule, MonoTime now) {
    if (now <= filled_) return;
    // No longer than it takes to be full, so that the product fits: at most 3 * 10^18.
    const auto per_second = static_cast<std::int64_t>(rule.per_second);
    const std::int64_t missing = nano(rule.burst) - nano_tokens_;
    const std::int64_t full_ns = missing / std::max<std::int64_t>(per_second, 1) + 1;
    const std::int64_t since_ns = (now - filled_).count();
    nano_tokens_ += per_second * std::min(since_ns, full_ns);
    nano_tokens_ = std::min(nano_tokens_, nano(rule.burst));
    filled_ = now;
  }

  std::int64_t nano_tokens_ = 0;  // below 0: owed
  MonoTime filled_{};
};

}  // namespace ingest::series
