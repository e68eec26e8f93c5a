#pragma once
// Pace: how often a costly look may be taken, so that it takes at most a named share of one core
// whatever it costs. Pure: the caller measures.

#include <chrono>

#include "ingest/base/clock.h"

namespace ingest::host {

class Pace {
 public:
  /// A look waits so many times as long as the last one took: 0.1 % of a core.
  static constexpr int kPatience = 1'000;

  bool due(MonoTime now) const { return now >= next_; }
  /// After each look.
  void took(MonoTime now, std::chrono::nanoseconds cost) { next_ = now + cost * kPatience; }

 private:
  MonoTime next_{};
};

/// What this thread has spent of its core so far.
std::chrono::nanoseconds thread_cpu_time();

}  // namespace ingest::host
