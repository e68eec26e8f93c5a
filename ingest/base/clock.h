#pragma once
// Time as the rooms see it. Pure rooms get it as an argument; loops read a Clock once a turn and
// hold it still.

#include <chrono>
#include <cstdint>

namespace ingest {

using Millis = std::chrono::milliseconds;
/// Milliseconds since the Unix epoch: sample times, panes, everything on the wire.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Millis>;
/// Monotonic time for timeouts and latencies; never compared with WallTime.
using MonoTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

constexpr WallTime wall_from_ms(std::int64_t since_epoch_ms) {
  return WallTime{Millis{since_epoch_ms}};
}
constexpr std::int64_t to_ms(WallTime time) {
  return time.time_since_epoch().count();
}

/// What moves panes and windows on.
enum class TimeBy : std::uint8_t {
  Wall,   // the clock of this machine
  Event,  // what samples say that their time is; those that say nothing, when they came
};

/// Where a loop gets its time. RealClock (ingest/io) asks the kernel.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual MonoTime mono() const = 0;
};

/// A clock that moves only when told to; wall and monotonic time advance together.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = wall_from_ms(1'700'000'000'000)) : wall_(start) {}
  WallTime wall() const override { return wall_; }
  MonoTime mono() const override { return mono_; }
  void advance(Millis by) {
    wall_ += by;
    mono_ += by;
  }
  /// Steps the wall clock alone, as an administrator or NTP would.
  void step_wall(Millis by) { wall_ += by; }

 private:
  WallTime wall_;
  MonoTime mono_{std::chrono::seconds{1}};
};

}  // namespace ingest
