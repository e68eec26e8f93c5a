#pragma once
// Backoff: how long to wait before the next attempt: full jitter, a random time up to a ceiling
// that doubles with each failure. So thousands of clients that lose one server do not come back in
// step. Pure; owned by a Client.

#include <algorithm>
#include <cstdint>

#include "gateway/ws_client/secrets.h"
#include "ingest/base/clock.h"

namespace gateway::ws_client {

struct BackoffLimits {
  ingest::Millis base{500};
  ingest::Millis cap{30'000};
};

class Backoff {
 public:
  explicit Backoff(BackoffLimits limits) : limits_(limits) {}

  /// The wait after one more failure: 0 to ceiling(), which then doubles up to the cap.
  ingest::Millis next(Secrets& secrets) {
    const ingest::Millis most = ceiling();
    ++failures_;
    return random_between(ingest::Millis{0}, most, secrets);
  }
  ingest::Millis ceiling() const {
    constexpr std::uint32_t kDoublingsMax = 30;
    const std::int64_t factor = std::int64_t{1} << std::min(failures_, kDoublingsMax);
    return std::min(limits_.cap, limits_.base * factor);
  }
  /// A connection worked: the next failure begins anew.
  void reset() { failures_ = 0; }

  /// `least` is at most `most`.
  static ingest::Millis random_between(ingest::Millis least, ingest::Millis most,
                                       Secrets& secrets) {
    const auto span = static_cast<std::uint64_t>((most - least).count());
    return least + ingest::Millis{static_cast<std::int64_t>(secrets.number_up_to(span))};
  }

 private:
  BackoffLimits limits_;
  std::uint32_t failures_ = 0;
};

}  // namespace gateway::ws_client
