#include "ingest/io/signals.h"

#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigset_t and sigaction are POSIX
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "ingest/io/socket.h"

namespace ingest::io {
namespace {

sigset_t our_signals() {
  sigset_t set{};
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

Result<void> block_signals() {
  const sigset_t set = our_signals();
  const int fault = pthread_sigmask(SIG_BLOCK, &set, nullptr);
  if (fault != 0) return Failure{Error{fault, "cannot block signals: " + errno_text(fault)}};
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
  return {};
}

Result<std::unique_ptr<Signals>> Signals::open(EventLoop& loop, std::function<void(int)> received) {
  const sigset_t set = our_signals();
  Fd fd{::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
  if (!fd) return Failure{Error{errno, "cannot watch signals: " + errno_text(errno)}};
  const int number = fd.get();
  std::unique_ptr<Signals> signals{new Signals(loop, std::move(fd), std::move(received))};
  TRY(loop.add(number, EPOLLIN, *signals));
  return signals;
}

Signals::Signals(EventLoop& loop, Fd fd, std::function<void(int)> received)
    : loop_(loop), fd_(std::move(fd)), received_(std::move(received)) {}

Signals::~Signals() {
  if (loop_.watches(fd_.get())) loop_.remove(fd_.get());
}

void Signals::ready(std::uint32_t /*events*/) {
  signalfd_siginfo info{};
  while (::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    received_(static_cast<int>(info.ssi_signo));
  }
}

}  // namespace ingest::io
