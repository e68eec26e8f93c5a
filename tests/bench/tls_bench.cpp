// rooms: gateway/server
// What an idle TLS connection costs in memory: a worker with a thousand clients that have finished
// their handshake and had one answer, by the growth of the process's resident memory less that of
// the clients, which live in a process of their own. And what a handshake costs in time.
#include <benchmark/benchmark.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "gateway/server/hub_port.h"
#include "gateway/server/listener.h"
#include "gateway/server/worker.h"
#include "gateway/tls/stream.h"
#include "ingest/base/check.h"
#include "ingest/io/real_clock.h"
#include "tests/support/certificates.h"

namespace {

using gateway::tls::Buffers;
using gateway::tls::ClientContext;
using gateway::tls::ServerContext;
using gateway::tls::Stream;

/// Resident memory of this process, in bytes.
std::size_t resident() {
  std::ifstream file{"/proc/self/statm"};
  std::size_t all = 0;
  std::size_t pages = 0;
  file >> all >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// A worker that listens, over TLS where a context is given.
struct Server {
  explicit Server(const ServerContext* tls) {
    using gateway::server::Arrival;
    gateway::server::ListenerOptions options;
    if (tls != nullptr) options.wire = Arrival::Wire::Tls;
    listener = *gateway::server::Listener::open({"127.0.0.1:0"}, options);
    settings.listeners = listener->infos();
    site = std::make_unique<gateway::server::Site>(settings, metrics, dealer, log);
    worker = *gateway::server::Worker::open(clock, {.index = 0,
                                                    .site = site.get(),
                                                    .dealer = &dealer,
                                                    .mail = &mail,
                                                    .wake_hub = [] {},
                                                    .adopt_feed = {},
                                                    .on_drained = {},
                                                    .seed = 1,
                                                    .tls = tls});
    CHECK(worker->accept_with(*listener).has_value());
  }
  const std::string& address() const { return settings.listeners.front().address; }
  std::uint64_t answered() const { return worker->counts().http_answers[200].get(); }
  void run_until_answered(std::uint64_t count) {
    while (answered() < count)
      worker->loop().turn(ingest::Millis{100});
    for (int i = 0; i < 10; ++i)
      worker->loop().turn(ingest::Millis{1});
  }

  ingest::io::RealClock clock;
  gateway::server::Settings settings;
  gateway::server::Metrics metrics{"0"};
  gateway::server::Dealer dealer{1, 100'000};
  ingest::io::Logger log{ingest::io::LogLevel::Error};
  gateway::server::MailLink mail;
  std::unique_ptr<gateway::server::Listener> listener;
  std::unique_ptr<gateway::server::Site> site;
  std::unique_ptr<gateway::server::Worker> worker;
};

struct Certificate {
  Certificate() { authority.issue("server", "DNS:localhost"); }
  std::unique_ptr<ServerContext> server() const {
    return *ServerContext::open({{authority.cert("server"), authority.key("server")}});
  }
  tests::support::Authority authority;
};

constexpr std::string_view kRequest = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A client's half of a blocking exchange.
void ask(int fd, const ClientContext* tls, Buffers& buffers,
         std::vector<std::unique_ptr<Stream>>& streams) {
  std::array<std::uint8_t, Stream::kReadBytes> bytes;  // NOLINT(*-member-init)
  if (tls == nullptr) {
    CHECK(send(fd, kRequest.data(), kRequest.size(), 0) > 0);
    CHECK(recv(fd, bytes.data(), bytes.size(), 0) > 0);
    return;
  }
  streams.push_back(*Stream::client(*tls, fd, "localhost", buffers));
  Stream& stream = *streams.back();
  char peeked = 0;
  while (stream.handshake().state != Stream::State::Done)
    CHECK(recv(fd, &peeked, 1, MSG_PEEK) == 1);
  const iovec request{.iov_base = const_cast<char*>(kRequest.data()), .iov_len = kRequest.size()};
  stream.write({&request, 1});
  while (stream.read(bytes).state != Stream::State::Done)
    CHECK(recv(fd, &peeked, 1, MSG_PEEK) == 1);
}

/// The clients, in a process of their own until they are told to go.
pid_t start_clients(const std::string& address, int count, bool over_tls) {
  const pid_t child = fork();
  if (child != 0) return child;
  const auto tls = *ClientContext::open({.trust = ClientContext::Trust::Anybody, .ca_file = {}});
  Buffers buffers;
  std::vector<ingest::io::Fd> fds;
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < count; ++i) {
    fds.push_back(*ingest::io::tcp_connect(*ingest::io::Address::parse(address)));
    ask(fds.back().get(), over_tls ? tls.get() : nullptr, buffers, streams);
  }
  pause();
  _exit(0);
}

/// `count` clients more: what the server's resident memory grew by, in bytes.
std::size_t grown_by(Server& server, int count, bool over_tls, std::vector<pid_t>& children) {
  const std::size_t before = resident();
  children.push_back(start_clients(server.address(), count, over_tls));
  server.run_until_answered(server.answered() + static_cast<std::uint64_t>(count));
  return resident() - std::min(before, resident());
}

void idle_connection(benchmark::State& state, bool over_tls) {
  constexpr int kWarmUp = 50;
  constexpr int kClients = 1'000;
  const Certificate certificate;
  const auto context = certificate.server();
  for (auto turn : state) {
    Server server{over_tls ? context.get() : nullptr};
    std::vector<pid_t> children;
    grown_by(server, kWarmUp, over_tls, children);
    const std::size_t bytes = grown_by(server, kClients, over_tls, children);
    state.counters["bytes_each"] = static_cast<double>(bytes) / kClients;
    for (const pid_t child : children) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    }
  }
}
BENCHMARK_CAPTURE(idle_connection, plain, false)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(idle_connection, tls, true)->Iterations(1)->Unit(benchmark::kMillisecond);

/// Both halves of a handshake over a socket pair, in one thread.
void handshake(benchmark::State& state) {
  const Certificate certificate;
  const auto server = certificate.server();
  const auto client = *ClientContext::open({.trust = ClientContext::Trust::Anybody, .ca_file = {}});
  Buffers buffers;
  for (auto turn : state) {
    int ends[2] = {-1, -1};
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    const ingest::io::Fd near{ends[0]};
    const ingest::io::Fd far{ends[1]};
    const auto theirs = *Stream::client(*client, near.get(), "localhost", buffers);
    const auto ours = *Stream::server(*server, far.get(), buffers);
    while (!ours->is_ready()) {
      theirs->handshake();
      ours->handshake();
    }
  }
}
BENCHMARK(handshake)->Unit(benchmark::kMicrosecond);

/// Frames of a turn, from the server's buffers into one send.
void write_gathered(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const Certificate certificate;
  const auto server = certificate.server();
  const auto client = *ClientContext::open({.trust = ClientContext::Trust::Anybody, .ca_file = {}});
  Buffers buffers;
  int ends[2] = {-1, -1};
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
  const ingest::io::Fd near{ends[0]};
  const ingest::io::Fd far{ends[1]};
  const auto theirs = *Stream::client(*client, near.get(), "localhost", buffers);
  const auto ours = *Stream::server(*server, far.get(), buffers);
  while (!ours->is_ready()) {
    theirs->handshake();
    ours->handshake();
  }
  std::string bytes(size, 'x');
  constexpr std::size_t kFrames = 8;
  std::array<iovec, kFrames> frames;  // NOLINT(*-member-init)
  for (std::size_t i = 0; i < kFrames; ++i)
    frames[i] = {.iov_base = bytes.data() + i * size / kFrames, .iov_len = size / kFrames};
  std::array<char, 65536> sink;  // NOLINT(*-member-init)
  for (auto turn : state) {
    CHECK(ours->write(frames).state == Stream::State::Done);
    while (recv(near.get(), sink.data(), sink.size(), MSG_DONTWAIT) > 0) {
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}
BENCHMARK(write_gathered)->Arg(1024)->Arg(16 * 1024)->Arg(64 * 1024);

}  // namespace
