#pragma once
// House: one worker with a real listening socket on port 0, run turn by turn with a clock that the
// test moves, and Visitor: a client on a real socket. The test plays the hub: it reads and writes
// the mail.

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/server/hub_port.h"
#include "gateway/server/listener.h"
#include "gateway/server/worker.h"
#include "gateway/tls/stream.h"
#include "ingest/base/check.h"
#include "ingest/base/clock.h"
#include "ingest/io/log.h"
#include "ingest/io/socket.h"
#include "ingest/io/unix_socket.h"

namespace tests {

using namespace std::chrono_literals;

/// How the house listens, where it is not plain HTTP on one port.
struct Door {
  std::vector<std::string> addresses{"127.0.0.1:0"};
  gateway::server::ListenerOptions options{};
  const gateway::tls::ServerContext* tls = nullptr;
  std::uint64_t connections_max = 64;
  std::uint64_t connections_per_address_max = gateway::server::Dealer::kAnyNumber;
  ingest::io::LogLevel log_level = ingest::io::LogLevel::Error;
  int log_fd = 2;
};

struct House {
  explicit House(gateway::server::Settings wanted = {}, const Door& door = {})
      : settings(std::move(wanted)),
        dealer(1, door.connections_max, door.connections_per_address_max),
        log(door.log_level, door.log_fd) {
    settings.version = "0.1.0";
    settings.rules.epoch = "01JDX8Q3";
    settings.started = clock.wall();
    auto opened = gateway::server::Listener::open(door.addresses, door.options);
    CHECK(opened.has_value());
    listener = *std::move(opened);
    settings.listeners = listener->infos();
    site = std::make_unique<gateway::server::Site>(settings, metrics, dealer, log);
    auto made = gateway::server::Worker::open(clock, {.index = 0,
                                                      .site = site.get(),
                                                      .dealer = &dealer,
                                                      .mail = &mail,
                                                      .wake_hub =
                                                          [this] {
                                                            ++hub_wakes;
                                                            if (wake_hub) wake_hub();
                                                          },
                                                      .adopt_feed = {},
                                                      .on_drained = {},
                                                      .seed = 1,
                                                      .tls = door.tls});
    CHECK(made.has_value());
    worker = *std::move(made);
    CHECK(worker->accept_with(*listener).has_value());
    hub = std::make_unique<gateway::server::HubPort>(std::vector<gateway::server::HubPort::Seat>{
        {.link = &mail, .wake = [this] { worker->loop().wake(); }}});
  }

  void turn(int count = 1, ingest::Millis wait = 0ms) {
    for (int i = 0; i < count; ++i) {
      worker->loop().turn(wait);
      if (hub_turn) hub_turn();
    }
  }
  /// Moves time in steps of the wheel, with a turn in each, as a loop that sleeps would.
  void pass(ingest::Millis time) {
    for (ingest::Millis left = time; left > 0ms; left -= 250ms) {
      clock.advance(250ms);
      turn(2);
    }
  }
  const std::string& address() const { return settings.listeners.front().address; }
  std::uint64_t ended(gateway::server::Ended why) const {
    return worker->counts().ended[static_cast<std::size_t>(why)].get();
  }
  /// What the worker said to the hub so far.
  std::vector<gateway::publish::ToHub> hub_mail() {
    std::vector<gateway::publish::ToHub> all;
    turn(2);
    while (hub->drain([&](gateway::publish::ToHub&& one) { all.push_back(std::move(one)); })) {
    }
    return all;
  }

  ingest::ManualClock clock;
  gateway::server::Settings settings;
  gateway::server::Metrics metrics{"0.1.0"};
  gateway::server::Dealer dealer;
  ingest::io::Logger log;
  gateway::server::MailLink mail;
  std::unique_ptr<gateway::server::Listener> listener;
  std::unique_ptr<gateway::server::Site> site;
  std::unique_ptr<gateway::server::Worker> worker;
  std::unique_ptr<gateway::server::HubPort> hub;
  int hub_wakes = 0;
  std::function<void()> wake_hub;  // where a real hub lives beside the worker
  std::function<void()> hub_turn;
};

/// A client frame with FIN, masked by a fixed key.
inline std::string masked(std::uint8_t opcode, std::string_view payload) {
  std::string frame;
  frame += static_cast<char>(0x80U | opcode);
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80U | payload.size());
  } else {
    frame += static_cast<char>(0x80U | 126U);
    frame += static_cast<char>(payload.size() >> 8U);
    frame += static_cast<char>(payload.size() & 0xFFU);
  }
  constexpr std::string_view kKey = "\x12\x34\x56\x78";
  frame += kKey;
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame += static_cast<char>(payload[i] ^ kKey[i % 4]);
  return frame;
}
inline std::string text_frame(std::string_view text) {
  return masked(1, text);
}

constexpr std::string_view kUpgrade =
    "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A frame of the server.
struct Heard {
  std::uint8_t opcode = 0;
  bool compressed = false;  // RSV1
  std::string payload;
  /// Of a Close frame.
  int close_code() const {
    if (opcode != 8 || payload.size() < 2) return 0;
    return (static_cast<unsigned char>(payload[0]) << 8) | static_cast<unsigned char>(payload[1]);
  }
};

class Visitor {
 public:
  explicit Visitor(House& house, int receive_buffer = 0)
      : Visitor(house, house.address(), receive_buffer) {}
  /// By a TCP address that the house can be reached by, or "unix:PATH".
  Visitor(House& house, const std::string& at, int receive_buffer = 0) : house_(house) {
    if (at.starts_with("unix:")) {
      auto connected = ingest::io::unix_connect(at.substr(5));
      CHECK(connected.has_value());
      fd_ = *std::move(connected);
      house_.turn(3);
      return;
    }
    const auto address = ingest::io::Address::parse(at);
    CHECK(address.has_value());
    ingest::io::Fd fd{socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC, 0)};
    CHECK(static_cast<bool>(fd));
    if (receive_buffer > 0)
      setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    CHECK(connect(fd.get(), address->data(), address->size()) == 0);
    fd_ = std::move(fd);
    house_.turn(3);
  }

  /// What is said and heard from here on travels inside TLS; true when the handshake is done.
  bool start_tls(const gateway::tls::ClientContext& context, const std::string& host) {
    begin_tls(context, host);
    return go_on_with_tls();
  }
  /// Sends the hello, without a turn of the house.
  void begin_tls(const gateway::tls::ClientContext& context, const std::string& host) {
    tls_ = *gateway::tls::Stream::client(context, fd_.get(), host, buffers_);
    static_cast<void>(tls_->handshake());
  }
  bool go_on_with_tls() {
    using State = gateway::tls::Stream::State;
    State state = State::WantRead;
    wait([&] {
      state = tls_->handshake().state;
      return state != State::WantRead && state != State::WantWrite;
    });
    return state == State::Done;
  }
  const gateway::tls::Stream& tls() const { return *tls_; }
  int fd() const { return fd_.get(); }
  /// The last bytes, then close_notify; the TCP connection stays.
  void finish_tls(std::string_view bytes) {
    put(bytes);
    tls_->finish();
  }
  /// Past TLS.
  void send_raw(std::string_view bytes) {
    static_cast<void>(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
    house_.turn(2);
  }
  ssize_t put_without_a_turn(std::string_view bytes) { return put(bytes); }
  /// The socket has something to read.
  bool has_bytes() const {
    char byte = 0;
    return recv(fd_.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 1;
  }

  /// Gives up when the house takes no more; returns how many bytes went.
  std::size_t send(std::string_view bytes) {
    std::size_t sent = 0;
    for (int stuck = 0; sent < bytes.size() && stuck < kQuick;) {
      const ssize_t count = put(bytes.substr(sent));
      if (count < 0 && errno != EAGAIN) return sent;
      stuck = count > 0 ? 0 : stuck + 1;
      sent += count > 0 ? static_cast<std::size_t>(count) : 0;
      house_.turn();
    }
    return sent;
  }
  /// Hands it to the kernel, without a turn of the house; false when nobody is there any more.
  bool post(std::string_view bytes) {
    return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  /// Takes what is there now.
  void poll() {
    char bytes[64 * 1024];
    while (!closed_) {
      const ssize_t count = take_some(bytes);
      if (count < 0 && errno == EAGAIN) return;
      reset_ = count < 0;
      closed_ = count <= 0;
      if (count > 0) heard_.append(bytes, static_cast<std::size_t>(count));
    }
  }
  /// Runs the house until `done`, or until it is clear that it will not be.
  bool wait(const std::function<bool()>& done) {
    for (int i = 0; i < kPatience; ++i) {
      poll();
      if (done()) return true;
      house_.turn(1, i < kQuick ? 0ms : 1ms);
    }
    return false;
  }
  bool wait_closed() {
    return wait([this] { return closed_; });
  }

  /// One whole answer of HTTP, by Content-Length; empty when none comes.
  std::string answer() {
    std::size_t size = 0;
    wait([&] {
      size = answer_size();
      return size > 0 || closed_;
    });
    return take(size > 0 ? size : heard_.size());
  }
  std::string get(std::string_view path) {
    send("GET " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return answer();
  }
  /// The 101; true when it came.
  bool upgrade(std::string_view more = {}, std::string_view request = kUpgrade) {
    send(std::string{request} + std::string{more});
    wait([this] { return heard_.find("\r\n\r\n") != std::string::npos || closed_; });
    const std::size_t end = heard_.find("\r\n\r\n");
    return end != std::string::npos && take(end + 4).starts_with("HTTP/1.1 101 ");
  }
  /// The next frame; nothing when none comes.
  std::optional<Heard> frame() {
    std::size_t size = 0;
    wait([&] {
      size = frame_size();
      return size > 0 || closed_;
    });
    if (size == 0) return std::nullopt;
    const std::string bytes = take(size);
    return Heard{.opcode = static_cast<std::uint8_t>(bytes[0] & 0x0F),
                 .compressed = (bytes[0] & 0x40) != 0,
                 .payload = bytes.substr(header_size(bytes))};
  }
  /// The next text, or "".
  std::string text() {
    const std::optional<Heard> heard = frame();
    return heard && heard->opcode == 1 ? heard->payload : "";
  }

  void shut_half() { shutdown(fd_.get(), SHUT_WR); }
  void reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd_.reset();
  }
  void leave() { fd_.reset(); }

  bool closed() const { return closed_; }
  bool was_reset() const { return reset_; }
  const std::string& heard() const { return heard_; }
  std::string take_heard() { return std::exchange(heard_, {}); }

 private:
  static constexpr int kPatience = 600;
  static constexpr int kQuick = 200;

  /// As send(2) and recv(2) would answer.
  ssize_t put(std::string_view bytes) {
    if (!tls_) return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    const iovec buffer{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
    return as_by_system(tls_->write({&buffer, 1}));
  }
  template <std::size_t kSize>
  ssize_t take_some(char (&bytes)[kSize]) {
    if (!tls_ || !tls_->is_ready()) {
      if (tls_) return errno = EAGAIN, -1;
      return recv(fd_.get(), bytes, kSize, MSG_DONTWAIT);
    }
    return as_by_system(tls_->read({reinterpret_cast<std::uint8_t*>(bytes), kSize}));
  }
  static ssize_t as_by_system(const gateway::tls::Stream::Answer& answer) {
    using State = gateway::tls::Stream::State;
    if (answer.state == State::Done) return static_cast<ssize_t>(answer.bytes);
    if (answer.state == State::Closed) return 0;
    errno = answer.state == State::Failed ? ECONNRESET : EAGAIN;
    return -1;
  }
  std::string take(std::size_t size) {
    std::string front = heard_.substr(0, size);
    heard_.erase(0, size);
    return front;
  }
  std::size_t answer_size() const {
    const std::size_t end = heard_.find("\r\n\r\n");
    if (end == std::string::npos) return 0;
    const std::size_t length = heard_.find("Content-Length: ");
    const std::size_t body = length < end ? std::stoul(heard_.substr(length + 16)) : 0;
    return heard_.size() >= end + 4 + body ? end + 4 + body : 0;
  }
  static std::size_t header_size(std::string_view bytes) {
    const int length = bytes[1] & 0x7F;
    return length < 126 ? 2 : length == 126 ? 4 : 10;
  }
  std::size_t frame_size() const {
    if (heard_.size() < 2 || heard_.size() < header_size(heard_)) return 0;
    std::size_t payload = heard_[1] & 0x7F;
    const std::size_t header = header_size(heard_);
    if (header > 2) payload = 0;
    for (std::size_t i = 2; i < header; ++i)
      payload = (payload << 8U) | static_cast<unsigned char>(heard_[i]);
    return heard_.size() >= header + payload ? header + payload : 0;
  }

  House& house_;
  ingest::io::Fd fd_;
  gateway::tls::Buffers buffers_;
  std::unique_ptr<gateway::tls::Stream> tls_;
  std::string heard_;
  bool closed_ = false;
  bool reset_ = false;
};

}  // namespace tests
