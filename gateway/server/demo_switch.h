#pragma once
// DemoSwitch: whether made-up data is wanted, told by any worker that answers to the one that makes
// it. Part of the wiring; any thread.

#include <atomic>
#include <chrono>
#include <functional>
#include <utility>

#include "ingest/base/clock.h"

namespace gateway::server {

class DemoSwitch {
 public:
  /// It ends by itself: somebody who closes his browser does not measure a shop for ever.
  static constexpr ingest::Millis kLasts = std::chrono::minutes{30};

  /// `changed` wakes who makes the data.
  explicit DemoSwitch(std::function<void()> changed) : changed_(std::move(changed)) {}

  void turn_on(ingest::MonoTime now) { set(now + kLasts); }
  void turn_off() { set({}); }
  /// Until when it is wanted; the past where it is not. relaxed: the time is all that is told.
  ingest::MonoTime until() const { return until_.load(std::memory_order_relaxed); }
  bool is_on(ingest::MonoTime now) const { return now < until(); }

 private:
  void set(ingest::MonoTime until) {
    until_.store(until, std::memory_order_relaxed);
    changed_();
  }

  std::function<void()> changed_;
  std::atomic<ingest::MonoTime> until_{ingest::MonoTime{}};
};

}  // namespace gateway::server
