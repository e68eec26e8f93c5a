#pragma once
// Laggards: which readers of a worker fell behind, and how often: who is slow, for people. It costs
// nothing while everybody keeps up. Part of the worker's Desk; one thread.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gateway/publish/mail.h"

namespace gateway::publish {

struct Lag {
  Subscriber who;
  std::uint64_t skipped = 0;  // gaps: frames were lost, and the newest state came instead
  std::uint64_t demoted = 0;  // subscriptions moved to a slower rate
  std::uint64_t held = 0;     // frames waited for limits.output_per_second
};

class Laggards {
 public:
  /// Remembered; one more takes the place of the one with the least to tell.
  static constexpr std::size_t kKept = 256;

  void skipped(const Subscriber& who) { ++of(who).skipped; }
  void demoted(const Subscriber& who) { ++of(who).demoted; }
  void held(const Subscriber& who) { ++of(who).held; }
  /// It went away.
  void left(const Subscriber& who);
  bool empty() const { return lags_.empty(); }
  /// Those with the most to tell, the worst first.
  std::vector<Lag> worst(std::size_t count) const;

 private:
  Lag& of(const Subscriber& who);

  std::vector<Lag> lags_;
};

}  // namespace gateway::publish
