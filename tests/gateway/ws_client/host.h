#pragma once
// Host: a server written by hand on a real socket, which says exactly what the test wants, and
// Guest: our client beside it, on a loop that the test turns and with a clock that it moves.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ws/accept_key.h"
#include "gateway/ws/frame.h"
#include "gateway/ws/mask.h"
#include "gateway/ws_client/client.h"
#include "ingest/base/clock.h"
#include "ingest/io/socket.h"

namespace tests {

using namespace std::chrono_literals;
namespace ws = gateway::ws;
namespace ws_client = gateway::ws_client;

/// What a client was told, in words.
class Ear final : public ws_client::ClientListener {
 public:
  void opened(const ws::Opened& opened) override {
    log.push_back("opened " + opened.protocol + (opened.deflate ? "+deflate" : ""));
    if (on_open) on_open();
  }
  void text(std::string_view message) override {
    log.push_back("text " + std::string{message});
    if (on_text) on_text(message);
  }
  void binary(ingest::ByteView message) override {
    log.push_back("binary " + std::string{ingest::as_text(message)});
  }
  void ended(const ws_client::Ending& ending, std::optional<ingest::Millis> again) override {
    log.push_back("ended " + ending.sentence);
    endings.push_back(ending);
    again_in = again;
    if (on_end) on_end();
  }
  bool heard(std::string_view line) const {
    for (const std::string& one : log) {
      if (one == line) return true;
    }
    return false;
  }

  std::vector<std::string> log;
  std::vector<ws_client::Ending> endings;
  std::optional<ingest::Millis> again_in;
  std::function<void()> on_open;
  std::function<void(std::string_view)> on_text;
  std::function<void()> on_end;
};

/// A loop, its clock, and what clients need.
struct Room {
  Room() {
    auto opened = ingest::io::EventLoop::open(clock);
    EXPECT_TRUE(opened.has_value());
    loop = *std::move(opened);
  }
  /// Turns until `done`, or until it is clear that it will not be.
  bool until(const std::function<bool()>& done) const {
    constexpr int kPatience = 1'500;
    constexpr int kQuick = 200;
    for (int i = 0; i < kPatience; ++i) {
      if (done()) return true;
      loop->turn(i < kQuick ? 0ms : 1ms);
    }
    return false;
  }
  void turn(int count = 5) const {
    for (int i = 0; i < count; ++i)
      loop->turn(0ms);
  }
  /// Moves time in steps, with turns in each, as a loop that sleeps would.
  void pass(ingest::Millis time) {
    for (ingest::Millis left = time; left > 0ms; left -= 100ms) {
      clock.advance(100ms);
      turn(2);
    }
  }

  ingest::ManualClock clock;
  std::unique_ptr<ingest::io::EventLoop> loop;
  ws_client::Tools tools;
};

/// One frame as it came from the client.
struct Got {
  ws::FrameHeader header;
  std::string payload;  // unmasked
  int close_code() const {
    if (payload.size() < 2) return 0;
    return static_cast<unsigned char>(payload[0]) << 8U | static_cast<unsigned char>(payload[1]);
  }
};

class Host {
 public:
  explicit Host(Room& room) : room_(room) {
    listener_ = *ingest::io::tcp_listen(*ingest::io::Address::parse("127.0.0.1:0"));
    address_ = ingest::io::local_address(listener_.get())->text();
  }
  std::string url() const { return "ws://" + address_ + "/v1/ws"; }
  const std::string& address() const { return address_; }
  void stop_listening() { listener_.reset(); }

  /// The next client; false when none comes.
  bool accept() {
    in_.clear();
    return room_.until([this] {
      auto taken = ingest::io::accept_from(listener_.get());
      if (taken) fd_ = std::move(taken->fd);
      return taken.has_value();
    });
  }
  /// Its request, to the blank line.
  std::string request() {
    std::size_t end = std::string::npos;
    room_.until([&] {
      poll();
      end = in_.find("\r\n\r\n");
      return end != std::string::npos;
    });
    if (end == std::string::npos) return "";
    std::string head = in_.substr(0, end + 4);
    in_.erase(0, end + 4);
    return head;
  }
  static std::string header(const std::string& request, const std::string& name) {
    const std::size_t at = request.find(name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t begin = at + name.size() + 2;
    return request.substr(begin, request.find("\r\n", begin) - begin);
  }
  /// The right 101, with more header lines.
  static std::string answer(const std::string& request, const std::string& more = "") {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           ws::accept_key(header(request, "Sec-WebSocket-Key")) + "\r\n" + more + "\r\n";
  }
  /// Accepts, upgrades, and says `first` in the same segment as the 101.
  bool welcome(const std::string& more = "", std::string_view first = "") {
    if (!accept()) return false;
    const std::string asked = request();
    if (asked.empty()) return false;
    send(answer(asked, more) + std::string{first});
    return true;
  }

  void send(std::string_view bytes) {
    std::size_t sent = 0;
    room_.until([&] {
      const ssize_t count =
          ::send(fd_.get(), bytes.data() + sent, bytes.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count > 0) sent += static_cast<std::size_t>(count);
      return sent == bytes.size() || (count < 0 && errno != EAGAIN);
    });
  }
  /// The next frame; nothing when none comes.
  std::optional<Got> frame() {
    std::optional<Got> got;
    room_.until([&] {
      poll();
      got = take_frame();
      return got.has_value() || closed_;
    });
    return got;
  }
  /// Did the client end TCP?
  bool saw_end() {
    return room_.until([this] {
      poll();
      return closed_;
    });
  }
  bool closed() {
    poll();
    return closed_;
  }
  void leave() { fd_.reset(); }
  void reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd_.reset();
  }
  const std::string& unread() const { return in_; }

 private:
  void poll() {
    closed_ = false;
    char bytes[64 * 1024];
    while (fd_) {
      const ssize_t count = recv(fd_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      closed_ = count == 0 || (count < 0 && errno != EAGAIN);
      if (count <= 0) return;
      in_.append(bytes, static_cast<std::size_t>(count));
    }
  }
  std::optional<Got> take_frame() {
    const auto parsed = ws::parse_frame_header(ingest::as_bytes(in_));
    if (!parsed || !parsed->has_value()) return std::nullopt;
    const ws::FrameHeader& header = (*parsed)->header;
    const std::size_t size = (*parsed)->header_bytes + header.payload_bytes;
    if (in_.size() < size) return std::nullopt;
    std::string payload = in_.substr((*parsed)->header_bytes, header.payload_bytes);
    in_.erase(0, size);
    if (header.mask) {
      for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ (*header.mask)[i % 4]);
    }
    return Got{header, std::move(payload)};
  }

  Room& room_;
  ingest::io::Fd listener_;
  ingest::io::Fd fd_;
  std::string address_;
  std::string in_;
  bool closed_ = false;
};

/// A frame of the server, unmasked.
inline std::string server_frame(ws::Opcode opcode, std::string_view payload,
                                ws::Fin fin = ws::Fin::Yes) {
  return std::string{ws::frame_header(opcode, fin, payload.size()).text()}.append(payload);
}
inline std::string close_frame(int code, std::string_view reason = "") {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return server_frame(ws::Opcode::Close, payload.append(reason));
}

inline ws_client::ClientOptions options_for(const std::string& url) {
  ws_client::ClientOptions options;
  auto parsed = ws_client::Url::parse(url);
  EXPECT_TRUE(parsed.has_value()) << url;
  options.url = *std::move(parsed);
  options.compression = ws::Compression::None;
  return options;
}

/// A client and its ear.
struct Guest {
  Guest(Room& room, ws_client::ClientOptions options)
      : client(*room.loop, room.tools, std::move(options), ear) {
    client.start();
  }
  Ear ear;
  ws_client::Client client;
};

}  // namespace tests
