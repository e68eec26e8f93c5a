#pragma once
// Crowd: many WebSocket clients in one process, as a benchmark needs them: they subscribe, and then
// read everything, or nothing at all. Blocking connects, then one epoll. For benchmarks only: no
// message is looked into.

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/check.h"
#include "ingest/io/fd.h"
#include "ingest/io/socket.h"

namespace tests {

/// A frame of a server from the front of `bytes`: its size with the header, or 0 while incomplete.
inline std::size_t frame_size(std::string_view bytes) {
  if (bytes.size() < 2) return 0;
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const std::size_t short_size = at(1) & 0x7FU;
  const std::size_t header = short_size < 126 ? 2 : short_size == 126 ? 4 : 10;
  if (bytes.size() < header) return 0;
  std::size_t payload = header == 2 ? short_size : 0;
  for (std::size_t i = 2; i < header; ++i)
    payload = payload << 8U | at(i);
  return bytes.size() >= header + payload ? header + payload : 0;
}

struct CrowdOptions {
  std::string address;
  std::string subscription;  // the first message
  bool deflate = false;
  bool reads = true;  // once subscribed
};

class Crowd {
 public:
  using Clock = std::chrono::system_clock;
  /// A frame came; called with how many microseconds since the epoch.
  using OnFrame = std::function<void(std::int64_t now_us)>;

  explicit Crowd(CrowdOptions options)
      : options_(std::move(options)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

  /// Adds `count` clients; returns when each has its `subd` and its `snap`.
  void join(std::size_t count) {
    constexpr std::size_t kAtOnce = 256;
    for (std::size_t left = count; left > 0;) {
      const std::size_t batch = std::min(left, kAtOnce);
      for (std::size_t i = 0; i < batch; ++i)
        connect_one();
      left -= batch;
      while (ready_ < clients_.size())
        turn(1'000, nullptr);
    }
  }
  /// Reads what comes for one epoll_wait, where these clients read.
  void turn(int wait_ms, const OnFrame& on_frame) {
    epoll_event events[256];
    const int count = epoll_wait(epoll_.get(), events, 256, wait_ms);
    for (int i = 0; i < count; ++i)
      read(*clients_[events[i].data.u64], on_frame);
  }
  std::size_t size() const { return clients_.size(); }
  std::size_t gone() const { return gone_; }

 private:
  struct Client {
    ingest::io::Fd fd;
    std::string waiting;  // an incomplete frame
    std::size_t frames = 0;
    bool upgraded = false;
  };

  static std::string masked(std::string_view text) {
    std::string frame = "\x81";
    CHECK(text.size() < 65'536);
    if (text.size() < 126) {
      frame += static_cast<char>(0x80U | text.size());
    } else {
      frame += '\xFE';
      frame += static_cast<char>(text.size() >> 8U);
      frame += static_cast<char>(text.size() & 0xFFU);
    }
    return frame.append(4, '\0').append(text);  // a zero key leaves the bytes as they are
  }

  void connect_one() {
    const auto address = ingest::io::Address::parse(options_.address);
    CHECK(address.has_value());
    ingest::io::Fd fd{socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC, 0)};
    CHECK(static_cast<bool>(fd));
    constexpr int kSmall = 4096;
    if (!options_.reads) setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kSmall, sizeof kSmall);
    CHECK(connect(fd.get(), address->data(), address->size()) == 0);
    std::string hello =
        "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    if (options_.deflate) hello += "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    hello += "\r\n" + masked(options_.subscription);
    CHECK(::send(fd.get(), hello.data(), hello.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(hello.size()));
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.u64 = clients_.size();
    CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &wanted) == 0);
    clients_.push_back(std::make_unique<Client>());
    clients_.back()->fd = std::move(fd);
  }

  void read(Client& client, const OnFrame& on_frame) {
    const ssize_t count = recv(client.fd.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
      epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, client.fd.get(), nullptr);
      ++gone_;
      return;
    }
    client.waiting.append(buffer_.data(), static_cast<std::size_t>(count));
    take(client, on_frame);
  }

  void take(Client& client, const OnFrame& on_frame) {
    std::string_view rest = client.waiting;
    if (!client.upgraded) {
      const std::size_t end = rest.find("\r\n\r\n");
      if (end == std::string_view::npos) return;
      CHECK(rest.starts_with("HTTP/1.1 101 "));
      rest.remove_prefix(end + 4);
      client.upgraded = true;
    }
    const std::int64_t now_us =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch())
            .count();
    while (const std::size_t size = frame_size(rest)) {
      rest.remove_prefix(size);
      if (++client.frames == kFirstFrames) subscribed(client);
      if (on_frame) on_frame(now_us);
    }
    client.waiting = std::string{rest};
  }

  void subscribed(const Client& client) {
    ++ready_;
    if (!options_.reads) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, client.fd.get(), nullptr);
  }

  static constexpr std::size_t kFirstFrames = 2;  // `subd` and `snap`
  CrowdOptions options_;
  ingest::io::Fd epoll_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<char> buffer_ = std::vector<char>(256 * 1024);
  std::size_t ready_ = 0;
  std::size_t gone_ = 0;
};

}  // namespace tests
