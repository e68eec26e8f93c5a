#include "ingest/io/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <deque>
#include <utility>
#include <vector>

#include "ingest/base/check.h"
#include "ingest/io/socket.h"
#include "ingest/io/timers.h"

namespace ingest::io {
namespace {

using Nanos = std::chrono::nanoseconds;

constexpr std::size_t kEventsMax = 256;
/// How long run() sleeps at most when nothing is due: only a bound, nothing depends on it.
constexpr Millis kWaitMax{60'000};

/// What epoll carries for us: a registration's generation and its descriptor.
constexpr std::uint64_t tag_of(std::uint32_t generation, int fd) {
  return (std::uint64_t{generation} << 32) | static_cast<std::uint32_t>(fd);
}

using Calls = std::deque<std::function<void()>>;  // a call may register another: places stay

void run_all(Calls& calls) {
  // NOLINTNEXTLINE(modernize-loop-convert): iterators die when a call registers another
  for (std::size_t i = 0; i < calls.size(); ++i)
    calls[i]();
}

Error loop_error(std::string_view deed, int error) {
  return {error, std::string{deed} + ": " + errno_text(error)};
}

}  // namespace

struct EventLoop::State {
  State(const Clock& clock_given, Fd epoll_given, Fd event_given)
      : clock(clock_given), epoll(std::move(epoll_given)), event(std::move(event_given)) {}

  /// A registration. An event fetched for one generation is not delivered to another, so a handler
  /// removed during a turn is never called, even when its descriptor's number already has a new
  /// owner.
  struct Watch {
    FdHandler* handler = nullptr;
    std::uint32_t generation = 0;
  };

  bool watches(int fd) const {
    return fd >= 0 && static_cast<std::size_t>(fd) < by_fd.size() &&
           by_fd[static_cast<std::size_t>(fd)].handler != nullptr;
  }
  Watch& watch(int fd) { return by_fd[static_cast<std::size_t>(fd)]; }
  int control(int operation, int fd, std::uint32_t events);
  void read_clock();
  Nanos wait(Millis wait_max);
  int fetch(Nanos wait);
  void dispatch(const epoll_event& fetched);
  void drain_wakes();

  const Clock& clock;
  Fd epoll;
  Fd event;
  std::vector<Watch> by_fd;  // by descriptor, at most RLIMIT_NOFILE
  Timers timers{kTimersMax};
  std::array<epoll_event, kEventsMax> fetched{};
  Calls wake_calls;
  Calls end_calls;
  std::atomic<bool> wake_pending{false};
  bool fine_waits = true;  // the kernel waits to the nanosecond
  bool woken = false;
  bool stopped = false;
  WallTime wall{};
  MonoTime mono{};
};

int EventLoop::State::control(int operation, int fd, std::uint32_t events) {
  epoll_event wanted{};
  wanted.events = events;
  wanted.data.u64 = tag_of(watch(fd).generation, fd);
  return ::epoll_ctl(epoll.get(), operation, fd, &wanted);
}

void EventLoop::State::read_clock() {
  wall = clock.wall();
  mono = clock.mono();
}

Nanos EventLoop::State::wait(Millis wait_max) {
  const Nanos most = std::clamp<Nanos>(wait_max, Nanos{0}, kWaitMax);
  const auto due = timers.next();
  return due ? std::clamp<Nanos>(*due - clock.mono(), Nanos{0}, most) : most;
}

int EventLoop::State::fetch(Nanos wait) {
  const auto events_max = static_cast<int>(fetched.size());
  if (fine_waits) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(wait);
    const timespec time{.tv_sec = whole.count(), .tv_nsec = (wait - whole).count()};
    const int count = ::epoll_pwait2(epoll.get(), fetched.data(), events_max, &time, nullptr);
    if (count >= 0 || errno == EINTR) return count;
    fine_waits = false;  // a kernel below 5.11, or a sandbox that forbids what it does not know
  }
  // Rounded up: waking before the timer is due would spin.
  const auto whole = static_cast<int>(std::chrono::ceil<Millis>(wait).count());
  return ::epoll_wait(epoll.get(), fetched.data(), events_max, whole);
}

void EventLoop::State::dispatch(const epoll_event& event_fetched) {
  const std::uint64_t tag = event_fetched.data.u64;
  const int fd = static_cast<int>(static_cast<std::uint32_t>(tag));
  if (fd == event.get()) {
    drain_wakes();
    return;
  }
  if (watches(fd) && tag_of(watch(fd).generation, fd) == tag) {
    watch(fd).handler->ready(event_fetched.events);
  }
}

void EventLoop::State::drain_wakes() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(event.get(), &count, sizeof count);
  woken = true;
}

Result<std::unique_ptr<EventLoop>> EventLoop::open(const Clock& clock) {
  Fd epoll{::epoll_create1(EPOLL_CLOEXEC)};
  if (!epoll) return Failure{loop_error("cannot open an epoll descriptor", errno)};
  Fd event{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  if (!event) return Failure{loop_error("cannot open an event descriptor", errno)};
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.u64 = tag_of(0, event.get());
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, event.get(), &wanted) != 0) {
    return Failure{loop_error("cannot watch the event descriptor", errno)};
  }
  auto state = std::make_unique<State>(clock, std::move(epoll), std::move(event));
  state->read_clock();
  return std::unique_ptr<EventLoop>{new EventLoop(std::move(state))};
}

EventLoop::EventLoop(std::unique_ptr<State> state) : state_(std::move(state)) {}
EventLoop::~EventLoop() = default;

Result<void> EventLoop::add(int fd, std::uint32_t events, FdHandler& handler) {
  CHECK(fd >= 0 && !watches(fd));
  const auto needed = static_cast<std::size_t>(fd) + 1;
  if (state_->by_fd.size() < needed) state_->by_fd.resize(needed);
  ++state_->watch(fd).generation;
  if (state_->control(EPOLL_CTL_ADD, fd, events) != 0) {
    return Failure{loop_error("cannot watch a descriptor", errno)};
  }
  state_->watch(fd).handler = &handler;
  return {};
}

void EventLoop::modify(int fd, std::uint32_t events, FdHandler& handler) {
  CHECK(watches(fd));
  CHECK(state_->control(EPOLL_CTL_MOD, fd, events) == 0);
  state_->watch(fd).handler = &handler;
}

void EventLoop::remove(int fd) {
  CHECK(watches(fd));
  CHECK(state_->control(EPOLL_CTL_DEL, fd, 0) == 0);
  state_->watch(fd).handler = nullptr;
}

bool EventLoop::watches(int fd) const {
  return state_->watches(fd);
}

EventLoop::TimerId EventLoop::at(MonoTime when, std::function<void()> call) {
  return state_->timers.add(when, std::move(call));
}
void EventLoop::cancel(TimerId timer) {
  state_->timers.cancel(timer);
}

void EventLoop::wake() {
  // Only the first of many wakes pays the system call. The exchange also publishes what the caller
  // did before.
  if (state_->wake_pending.exchange(true)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = ::write(state_->event.get(), &one, sizeof one);
}

void EventLoop::on_wake(std::function<void()> call) {
  state_->wake_calls.push_back(std::move(call));
}
void EventLoop::on_turn_end(std::function<void()> call) {
  state_->end_calls.push_back(std::move(call));
}

WallTime EventLoop::wall() const {
  return state_->wall;
}
MonoTime EventLoop::mono() const {
  return state_->mono;
}
MonoTime EventLoop::measure() const {
  return state_->clock.mono();
}

void EventLoop::run() {
  while (!state_->stopped)
    turn(kWaitMax);
  state_->stopped = false;
}

void EventLoop::turn(Millis wait_max) {
  State& state = *state_;
  const int count = state.fetch(state.wait(wait_max));
  CHECK(count >= 0 || errno == EINTR);
  state.read_clock();
  for (int i = 0; i < count; ++i)
    state.dispatch(state.fetched[static_cast<std::size_t>(i)]);
  if (std::exchange(state.woken, false)) {
    // After the event descriptor was read: a wake between the two sees `true`, writes nothing, and
    // is served below.
    state.wake_pending.exchange(false);
    run_all(state.wake_calls);
  }
  state.timers.run_due(state.mono);
  run_all(state.end_calls);
}

int EventLoop::fd() const {
  return state_->epoll.get();
}

void EventLoop::stop() {
  state_->stopped = true;
}

}  // namespace ingest::io
