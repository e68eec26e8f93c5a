#include "gateway/cli/bare_sender.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <thread>
#include <utility>
#include <vector>

#include "ingest/io/socket.h"

namespace gateway::cli {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Result;
using ingest::io::Fd;

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kMilliNs = 1'000'000;

std::int64_t time_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * kSecondNs + time.tv_nsec;
}

void wait_until(std::int64_t wall_ns) {
  const timespec until{.tv_sec = wall_ns / kSecondNs, .tv_nsec = wall_ns % kSecondNs};
  while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

bool write_all(int fd, const void* from, std::size_t bytes) {
  return send(fd, from, bytes, MSG_NOSIGNAL) == static_cast<ssize_t>(bytes);
}
bool read_all(int fd, void* to, std::size_t bytes) {
  return bytes == 0 || recv(fd, to, bytes, MSG_WAITALL) == static_cast<ssize_t>(bytes);
}

/// The child's side: one thread, and those of an order while it is carried out.
class Loop {
 public:
  Loop(Fd listener, Fd orders, unsigned threads)
      : listener_(std::move(listener)), orders_(std::move(orders)), threads_(threads) {}

  void run() {
    for (;;) {
      std::array<pollfd, 2> wanted{{{orders_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}}};
      if (::poll(wanted.data(), wanted.size(), -1) < 0 && errno != EINTR) return;
      if (wanted[1].revents != 0) accept_all();
      if (wanted[0].revents != 0 && !obey()) return;
    }
  }

 private:
  void accept_all() {
    while (auto accepted = ingest::io::accept_from(listener_.get())) {
      constexpr int kOn = 1;
      setsockopt(accepted->fd.get(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
      connections_.push_back(std::move(accepted->fd));
    }
  }

  bool obey() {
    BareSender::Order order;
    if (!read_all(orders_.get(), &order, sizeof order)) return false;
    std::vector<char> bytes(order.bytes);
    if (!read_all(orders_.get(), bytes.data(), bytes.size())) return false;
    if (order.connections == 0) connections_.clear();
    while (connections_.size() < order.connections) {  // all stand in the listener's queue
      accept_all();
      if (connections_.size() < order.connections) std::this_thread::yield();
    }
    const BareSender::Done done = send_rounds(order, bytes);
    return write_all(orders_.get(), &done, sizeof done);
  }

  BareSender::Done send_rounds(const BareSender::Order& order, const std::vector<char>& bytes) {
    BareSender::Done done;
    if (order.connections == 0) return done;
    const std::int64_t period_ns = order.period_ms * kMilliNs;
    const std::int64_t first_ns = (time_of(CLOCK_REALTIME) / period_ns + 1) * period_ns;
    const std::int64_t cpu_before = time_of(CLOCK_PROCESS_CPUTIME_ID);
    std::vector<BareSender::Done> parts(threads_);
    const auto work = [&](unsigned part) {
      for (std::uint32_t round = 0; round < order.rounds; ++round) {
        wait_until(first_ns + round * period_ns);
        send_to_each(part, bytes, parts[part]);
      }
    };
    std::vector<std::thread> others;
    for (unsigned part = 1; part < threads_; ++part)
      others.emplace_back(work, part);
    work(0);
    for (std::thread& other : others)
      other.join();
    for (const BareSender::Done& part : parts) {
      done.sends += part.sends;
      done.short_sends += part.short_sends;
    }
    done.cpu_ns = static_cast<std::uint64_t>(time_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_before);
    return done;
  }

  void send_to_each(unsigned part, const std::vector<char>& bytes, BareSender::Done& done) const {
    const std::size_t begin = connections_.size() * part / threads_;
    const std::size_t end = connections_.size() * (part + 1) / threads_;
    for (std::size_t i = begin; i < end; ++i) {
      const ssize_t count =
          send(connections_[i].get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      ++(count == static_cast<ssize_t>(bytes.size()) ? done.sends : done.short_sends);
    }
  }

  Fd listener_;
  Fd orders_;
  unsigned threads_;
  std::vector<Fd> connections_;
};

}  // namespace

BareSender::BareSender(pid_t pid, Fd orders, std::string address)
    : pid_(pid), orders_(std::move(orders)), address_(std::move(address)) {}

BareSender::BareSender(BareSender&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      orders_(std::move(other.orders_)),
      address_(std::move(other.address_)) {}

BareSender::~BareSender() {
  if (pid_ < 0) return;
  orders_.reset();  // that is how it hears of it
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

Result<BareSender> BareSender::start(unsigned threads) {
  const auto any = TRY(ingest::io::Address::parse("127.0.0.1:0"));
  Fd listener = TRY(ingest::io::tcp_listen(any));
  const ingest::io::Address bound = TRY(ingest::io::local_address(listener.get()));
  std::array<int, 2> ends{-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return Failure{Error{errno, "cannot open a socket: " + ingest::io::errno_text(errno)}};
  Fd ours{ends[0]};
  Fd theirs{ends[1]};
  const pid_t pid = fork();
  if (pid < 0) return Failure{Error{errno, "cannot start a process"}};
  if (pid == 0) {
    ours.reset();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none{};
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
    Loop{std::move(listener), std::move(theirs), threads}.run();
    _exit(0);
  }
  return BareSender{pid, std::move(ours), bound.text()};
}

Result<void> BareSender::order(Order order, std::string_view bytes) const {
  order.bytes = static_cast<std::uint32_t>(bytes.size());
  if (write_all(orders_.get(), &order, sizeof order) &&
      (bytes.empty() || write_all(orders_.get(), bytes.data(), bytes.size())))
    return {};
  return Failure{Error{0, "the bare sender has gone"}};
}

Result<std::optional<BareSender::Done>> BareSender::poll() const {
  Done done;
  const ssize_t count = recv(orders_.get(), &done, sizeof done, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::optional<Done>{};
  if (count != sizeof done) return Failure{Error{0, "the bare sender has gone"}};
  return std::optional{done};
}

}  // namespace gateway::cli
