#include "gateway/tools/interrupt.h"

#include <poll.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>

#include "ingest/io/socket.h"

namespace gateway::tools {

using std::chrono::nanoseconds;

namespace {

/// As nohup asks for; a blocked signal would reach the descriptor in spite of it.
bool is_ignored(int signal) {
  struct sigaction now {};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-union-access): as the system has it
  return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace

ingest::Result<Interrupt> Interrupt::open() {
  sigset_t wanted{};
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  if (!is_ignored(SIGHUP)) sigaddset(&wanted, SIGHUP);
  ingest::io::Fd fd{::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK)};
  if (!fd)
    return ingest::Failure{
        ingest::Error{errno, "cannot wait for signals: " + ingest::io::errno_text(errno)}};
  return Interrupt{std::move(fd)};
}

bool Interrupt::wait_until(ingest::MonoTime when) {
  constexpr std::int64_t kNanosInSecond = 1'000'000'000;
  while (!raised_) {
    const nanoseconds left = std::max<nanoseconds>(
        nanoseconds{0},
        when == ingest::MonoTime{} ? nanoseconds{0} : when - std::chrono::steady_clock::now());
    const timespec timeout{.tv_sec = left.count() / kNanosInSecond,
                           .tv_nsec = left.count() % kNanosInSecond};
    pollfd wanted{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    const int ready = ::ppoll(&wanted, 1, &timeout, nullptr);
    raised_ = ready > 0;
    if (ready >= 0) break;
  }
  return raised_;
}

}  // namespace gateway::tools
