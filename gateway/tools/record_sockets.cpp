#include "gateway/tools/record_sockets.h"

#include <linux/sock_diag.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "ingest/codec/line_ends.h"
#include "ingest/codec/line_ledger.h"
#include "ingest/feed/receive_room.h"
#include "ingest/feed/stream_listener.h"
#include "ingest/feed/udp_group.h"
#include "ingest/io/socket.h"
#include "ingest/io/unix_socket.h"

namespace gateway::tools {
namespace {

using ingest::Millis;
using ingest::Result;
using ingest::codec::LineEnds;
using ingest::feed::ReceiveRoom;
using ingest::io::EventLoop;
using ingest::io::Fd;
using ingest::io::UnixListener;
using Parts = RecordSockets::Parts;

constexpr Millis kDropsEvery{1'000};
/// Reads of one socket in one turn: signals and others get served under a flood.
constexpr int kReadsPerTurn = 16;
/// At the end a flood may never stop: what has waited until then is less.
constexpr int kLastReads = 4'096;
constexpr int kLastTurnsOfAPeer =
    16;  // of kReadsPerTurn: 16 MiB, more than a socket's buffer holds
constexpr mode_t kSocketMode = 0660;

Result<ingest::io::Address> local_of(const Target& target) {
  if (target.host == "localhost")
    return ingest::io::Address::parse("127.0.0.1:" + std::to_string(target.port));
  const bool v6 = target.host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + target.host + "]" : target.host;
  return ingest::io::Address::parse(host + ":" + std::to_string(target.port));
}

// ---- datagrams ----

class Datagrams final : public RecordSockets, private ingest::io::FdHandler {
 public:
  using Socket = std::variant<Fd, UnixListener>;

  Datagrams(const Datagrams&) = delete;
  Datagrams& operator=(const Datagrams&) = delete;
  static Result<std::unique_ptr<RecordSockets>> open(const Parts& parts) {
    if (parts.listen.way == Target::Way::Unixgram) {
      auto listener =
          TRY(UnixListener::open(parts.listen.path, kSocketMode, ingest::io::UnixType::Datagrams));
      return start(parts, std::move(listener), parts.listen.path);
    }
    const auto address = TRY(local_of(parts.listen));
    auto group = TRY(ingest::feed::open_udp_group(address, 1, *parts.log));
    const auto bound = TRY(ingest::io::local_address(group.front().get()));
    return start(parts, std::move(group.front()), bound.text());
  }
  ~Datagrams() override {
    loop_.cancel(timer_);
    if (loop_.watches(fd_)) loop_.remove(fd_);
  }

  std::string address() const override { return address_; }
  void drain() override {
    for (int i = 0; i < kLastReads && read() > 0; ++i) {
    }
    tell_drops();
  }

 private:
  Datagrams(const Parts& parts, Socket socket, std::string address)
      : loop_(*parts.loop),
        sink_(*parts.sink),
        socket_(std::move(socket)),
        fd_(std::holds_alternative<Fd>(socket_) ? std::get<Fd>(socket_).get()
                                                : std::get<UnixListener>(socket_).fd()),
        address_(std::move(address)) {}

  static Result<std::unique_ptr<RecordSockets>> start(const Parts& parts, Socket socket,
                                                      std::string address) {
    std::unique_ptr<Datagrams> made{new Datagrams(parts, std::move(socket), std::move(address))};
    TRY(made->loop_.add(made->fd_, EPOLLIN, *made));
    made->watch_drops();
    return std::unique_ptr<RecordSockets>{std::move(made)};
  }

  void ready(std::uint32_t /*events*/) override {
    for (int i = 0; i < kReadsPerTurn; ++i) {
      if (read() < ReceiveRoom::kMessagesMax) return;
    }
  }
  std::size_t read() {
    const bool unix_path = std::holds_alternative<UnixListener>(socket_);
    const std::size_t count =
        room_.receive(fd_, unix_path ? ReceiveRoom::Socket::Unix : ReceiveRoom::Socket::Udp);
    for (std::size_t i = 0; i < count; ++i) {
      const ReceiveRoom::Message message = room_.message(i);
      sink_.datagram(message.bytes,
                     message.truncated ? ArrivalSink::Whole::No : ArrivalSink::Whole::Yes);
    }
    return count;
  }
  /// The socket's own count: 32 bits that wrap around.
  void tell_drops() {
    std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
    socklen_t size = sizeof memory;
    if (std::holds_alternative<UnixListener>(socket_)) return;  // there a sender waits
    if (::getsockopt(fd_, SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0) return;
    const std::uint32_t seen = memory[SK_MEMINFO_DROPS];
    drops_ += seen - std::exchange(drops_seen_, seen);
    sink_.dropped(drops_);
  }
  void watch_drops() {
    tell_drops();
    timer_ = loop_.at(loop_.mono() + kDropsEvery, [this] { watch_drops(); });
  }

  EventLoop& loop_;
  ArrivalSink& sink_;
  Socket socket_;
  int fd_;
  std::string address_;
  ReceiveRoom room_;
  std::uint32_t drops_seen_ = 0;
  std::uint64_t drops_ = 0;
  EventLoop::TimerId timer_ = 0;
};

// ---- streams ----

class Streams final : public RecordSockets {
 public:
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  static Result<std::unique_ptr<RecordSockets>> open(const Parts& parts) {
    std::unique_ptr<Streams> made{new Streams(parts)};
    const auto accepted = [streams = made.get()](ingest::io::Accepted peer) {
      streams->adopt(std::move(peer.fd));
    };
    if (parts.listen.way == Target::Way::Unix) {
      auto listener = TRY(UnixListener::open(parts.listen.path, kSocketMode));
      made->address_ = parts.listen.path;
      made->listener_ =
          TRY(ingest::feed::StreamListener::open(*parts.loop, std::move(listener), accepted));
    } else {
      const auto local = TRY(local_of(parts.listen));
      Fd listening = TRY(ingest::io::tcp_listen(local));
      made->address_ = TRY(ingest::io::local_address(listening.get())).text();
      made->listener_ =
          TRY(ingest::feed::StreamListener::open(*parts.loop, std::move(listening), accepted));
    }
    return std::unique_ptr<RecordSockets>{std::move(made)};
  }
  ~Streams() override {
    for (const auto& [fd, peer] : peers_)
      loop_.remove(fd);
  }

  std::string address() const override { return address_; }
  /// Also of those that have connected and were not accepted yet.
  void drain() override {
    listener_->take_waiting();
    std::vector<int> open;
    for (const auto& [fd, peer] : peers_)
      open.push_back(fd);
    std::ranges::sort(open, {}, [this](int fd) { return peers_.at(fd)->number; });
    for (const int fd : open) {
      Peer& peer = *peers_.at(fd);
      Left left = Left::More;
      for (int i = 0; i < kLastTurnsOfAPeer && left == Left::More; ++i)
        left = read(peer);
      if (left != Left::Gone) end(fd);
    }
  }

 private:
  struct Peer final : ingest::io::FdHandler {
    Peer(Streams& streams, Fd given, std::uint32_t given_number)
        : owner(streams), fd(std::move(given)), number(given_number), ends(streams.rule_) {}
    void ready(std::uint32_t /*events*/) override { owner.read(*this); }
    Streams& owner;
    Fd fd;
    std::uint32_t number;
    LineEnds ends;
    std::string pending;  // of a line that has not ended
  };

  explicit Streams(const Parts& parts)
      : loop_(*parts.loop),
        sink_(*parts.sink),
        rule_(ingest::codec::line_rule_of(parts.format)),
        connections_max_(parts.connections_max),
        buffer_(ReceiveRoom::kMessageBytesMax) {}

  void adopt(Fd fd) {
    if (peers_.size() >= connections_max_) return sink_.refused();
    const int number = fd.get();
    auto peer = std::make_unique<Peer>(*this, std::move(fd), ++connections_);
    if (loop_.add(number, EPOLLIN, *peer)) peers_.emplace(number, std::move(peer));
  }
  enum class Left : std::uint8_t { Nothing, More, Gone };
  Left read(Peer& peer) {
    for (int i = 0; i < kReadsPerTurn; ++i) {
      const ssize_t got = ::recv(peer.fd.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return Left::Nothing;
      if (got <= 0) {
        end(peer.fd.get());
        return Left::Gone;
      }
      take(peer, {buffer_.data(), static_cast<std::size_t>(got)});
    }
    return Left::More;
  }
  void take(Peer& peer, std::string_view bytes) {
    const std::size_t whole = peer.ends.last(bytes);
    peer.pending.append(bytes.substr(0, whole));
    if (whole > 0) give(peer);
    peer.pending.append(bytes.substr(whole));
    if (peer.pending.size() > ingest::codec::kLineBytesMax) give(peer);  // no line, but its bytes
  }
  void give(Peer& peer) {
    if (!peer.pending.empty()) sink_.piece(peer.number, peer.pending);
    peer.pending.clear();
  }
  void end(int fd) {
    const auto found = peers_.find(fd);
    give(*found->second);
    sink_.closed(found->second->number);
    loop_.remove(fd);
    peers_.erase(found);
  }

  EventLoop& loop_;
  ArrivalSink& sink_;
  ingest::codec::LineRule rule_;
  std::size_t connections_max_;
  std::vector<char> buffer_;
  std::string address_;
  std::uint32_t connections_ = 0;
  std::unordered_map<int, std::unique_ptr<Peer>> peers_;
  std::unique_ptr<ingest::feed::StreamListener> listener_;  // last: it ends first
};

}  // namespace

Result<std::unique_ptr<RecordSockets>> RecordSockets::open(const Parts& parts) {
  return sends_datagrams(parts.listen.way) ? Datagrams::open(parts) : Streams::open(parts);
}

}  // namespace gateway::tools
