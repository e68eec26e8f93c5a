#pragma once
// The whole of Weir in this process, on free ports, and peers that speak to it over real sockets.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "gateway/cli/wiring.h"
#include "ingest/io/fd.h"
#include "ingest/io/real_clock.h"
#include "ingest/io/socket.h"

namespace gateway::cli {

using ingest::io::Address;
using ingest::io::Fd;

constexpr auto kPatience =
    std::chrono::seconds{20};  // for a machine that is busy; no test waits for it to pass

inline config::Config on_free_ports(std::uint64_t workers) {
  const config::Address any{.host = "127.0.0.1", .port = 0};
  config::Config config;
  config.http.listen = {any};
  config.feeds = {config::SocketFeed{.transport = config::Transport::Udp, .address = any},
                  config::SocketFeed{.transport = config::Transport::Tcp, .address = any},
                  config::HostFeed{}};
  config.workers = workers;
  config.archive.path.clear();
  return config;
}

/// A Weir that runs in threads of its own and drains at the end.
class Running {
 public:
  explicit Running(config::Config config) : config_(std::move(config)) {
    auto opened =
        Wiring::open({.config = &config_, .pages_dir = "", .clock = &clock_, .log = &log_});
    if (!opened) {
      ADD_FAILURE() << opened.error().what;
      return;
    }
    wiring_ = *std::move(opened);
    thread_ = std::thread{[this] { result_ = wiring_->run().has_value(); }};
  }
  ~Running() { stop(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  bool stop() {
    if (!thread_.joinable()) return result_;
    wiring_->stop();
    thread_.join();
    return result_;
  }
  Address address(std::string_view what) const {
    for (const server::ListenerInfo& listener : wiring_->listeners()) {
      if (listener.what == what) return *Address::parse(listener.address);
    }
    ADD_FAILURE() << what << " does not listen";
    return {};
  }

 private:
  config::Config config_;
  ingest::io::RealClock clock_;
  ingest::io::Logger log_{ingest::io::LogLevel::Error};
  std::unique_ptr<Wiring> wiring_;
  bool result_ = false;
  std::thread thread_;
};

/// A peer that waits for what it wants to read.
class Peer {
 public:
  explicit Peer(const Address& address) : fd_(*ingest::io::tcp_connect(address)) {
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  void send(std::string_view bytes) const {
    ASSERT_EQ(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  /// Reads until `wanted` came after all that was asked for before; false when the peer went.
  bool read_until(std::string_view wanted) {
    for (;;) {
      const std::size_t at = received_.find(wanted, seen_);
      if (at != std::string::npos) {
        seen_ = at + wanted.size();
        return true;
      }
      if (!read_some()) return false;
    }
  }
  /// All until the peer's end.
  const std::string& read_all() {
    while (read_some()) {
    }
    return received_;
  }

 private:
  bool read_some() {
    std::array<char, 16'384> block;  // NOLINT(*-member-init)
    const ssize_t count = recv(fd_.get(), block.data(), block.size(), 0);
    if (count <= 0) return false;
    received_.append(block.data(), static_cast<std::size_t>(count));
    return true;
  }
  Fd fd_;
  std::string received_;
  std::size_t seen_ = 0;
};

inline std::string get(const Address& address, const std::string& path) {
  Peer peer{address};
  peer.send("GET " + path + " HTTP/1.1\r\nHost: " + address.text() +
            "\r\nConnection: close\r\n\r\n");
  return peer.read_all();
}

/// Asks again until the page holds the text: what is counted shows soon, not at once.
inline bool shows(const Address& address, const std::string& path, std::string_view text) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  do {
    if (get(address, path).find(text) != std::string::npos) return true;
  } while (std::chrono::steady_clock::now() < until);
  return false;
}

}  // namespace gateway::cli
