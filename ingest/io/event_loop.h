#pragma once
// EventLoop: one thread's epoll, timers and wake-up. Level-triggered. Owned and run by one thread;
// only wake() may be called from others. `now` is read once a turn and does not move inside it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/fd.h"

namespace ingest::io {

/// Somebody whose descriptor is watched. Must outlive its registration.
class FdHandler {
 public:
  FdHandler() = default;
  FdHandler(const FdHandler&) = delete;
  FdHandler& operator=(const FdHandler&) = delete;
  virtual ~FdHandler() = default;
  /// `events` are EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR, EPOLLRDHUP as epoll gave them.
  virtual void ready(std::uint32_t events) = 0;
};

class EventLoop {
 public:
  using TimerId = std::uint64_t;  // never 0
  static constexpr std::size_t kTimersMax = std::size_t{1} << 20;

  static Result<std::unique_ptr<EventLoop>> open(const Clock& clock);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  /// Watches `fd` for `events`. A handler may remove itself or others during a turn: it gets no
  /// further call.
  Result<void> add(int fd, std::uint32_t events, FdHandler& handler);
  /// `fd` is watched.
  void modify(int fd, std::uint32_t events, FdHandler& handler);
  /// `fd` is watched. Before it is closed: a closed number may be somebody else's already.
  void remove(int fd);
  bool watches(int fd) const;

  /// Calls once at `when` or as soon after as the kernel wakes us: 50 us as a rule (its timer
  /// slack), a millisecond where it knows no epoll_pwait2. Timers due in the same turn run in order
  /// of `when`; one that is set by a call of this turn waits for the next. At most kTimersMax wait
  /// (owners have bounds of their own: CHECKed).
  TimerId at(MonoTime when, std::function<void()> call);
  /// Harmless for a timer that has already run.
  void cancel(TimerId timer);

  /// Any thread: the loop runs its wake handler soon. Many wakes before it does are one.
  void wake();
  /// Every registered call runs, in order of registration.
  void on_wake(std::function<void()> call);
  /// Called at the end of every turn, after descriptors and timers: one place to flush what the
  /// turn produced. Every registered call runs, in order of registration.
  void on_turn_end(std::function<void()> call);

  WallTime wall() const;  // of this turn
  MonoTime mono() const;  // of this turn
  /// Moves within a turn, too: for how long work takes, never for what is due.
  MonoTime measure() const;

  /// Runs until stop(). turn() runs one turn, waiting at most `wait_max`; for tests and custom
  /// loops.
  void run();
  void turn(Millis wait_max);
  /// Readable when a descriptor or a wake-up waits for turn(); timers do not show. For loops around
  /// this one, and tests.
  int fd() const;
  /// The loop's own thread only (other threads wake it and let the handler stop it).
  void stop();

 private:
  struct State;
  explicit EventLoop(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ingest::io
