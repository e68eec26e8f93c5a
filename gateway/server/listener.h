#pragma once
// Listener: the HTTP listening sockets, on one worker's loop. Accepts in bounded batches and deals
// each descriptor. Knows nothing of HTTP but the one short answer for whom there is no room.
//
// Who is refused on a TLS port is only closed: an answer in plain text could not be read.
//
// Out of descriptors it neither spins nor goes deaf: it gives up a reserved descriptor to accept,
// answers 503, closes, takes the reserve back and pauses for a moment.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/publish/allowance.h"
#include "gateway/server/dealer.h"
#include "gateway/server/proxy_rules.h"
#include "gateway/server/settings.h"
#include "ingest/base/counters.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/fd.h"
#include "ingest/io/socket.h"

namespace gateway::server {

/// Written by the accepting thread.
struct ListenerCounts {
  ingest::Counter accepted;
  ingest::Counter refused_full;            // limits.connections, or a worker's ring full: 503
  ingest::Counter refused_address;         // limits.connections_per_address: 503
  ingest::Counter refused_no_descriptors;  // EMFILE, ENFILE: 503
  ingest::Counter failed;                  // gone before accept, or out of memory
  ingest::Counter deferred;                // pauses for limits.handshakes_per_second
};

/// What is not the same for every server, besides the addresses.
struct ListenerOptions {
  Arrival::Wire wire = Arrival::Wire::Plain;  // Tls: on every address; a Unix socket stays plain
  mode_t unix_mode = 0660;                    // of a Unix socket's file
  ProxyRules proxies{};
  publish::Allowance::PerSecond handshakes_per_second = 0;  // further ones wait; 0: no limit
};

class Listener {
 public:
  static constexpr int kBatchMax = 64;  // accepts of one socket in one turn
  static constexpr ingest::Millis kPause{100};
  static constexpr ingest::Millis kPauseLeast{10};

  /// Binds and listens: "127.0.0.1:8080", "[::]:0" (IPv4 too), "unix:/run/weir.sock". The error is
  /// one sentence that names the address.
  static ingest::Result<std::unique_ptr<Listener>> open(const std::vector<std::string>& addresses,
                                                        const ListenerOptions& options = {});
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  /// As bound, with the ports that were taken.
  std::vector<std::string> addresses() const;
  /// The same, with "http" or "https" each.
  std::vector<ListenerInfo> infos() const;

  /// On the thread of `loop` or before it runs: begins to accept. Both live until
  /// stop().
  ingest::Result<void> start(ingest::io::EventLoop& loop, Dealer& dealer);
  /// The loop's thread: closes the sockets.
  void stop();

  const ListenerCounts& counts() const { return counts_; }

 private:
  class Socket;
  explicit Listener(const ListenerOptions& options);
  ingest::Result<void> add(const std::string& text);
  enum class Next : std::uint8_t { GoOn, Stop };
  void accept_batch(const Socket& socket);
  Next accept_one(const Socket& socket);
  Next take(const Socket& socket, ingest::io::Accepted accepted);
  void refuse(const Socket& socket, ingest::io::Fd fd) const;
  void out_of_descriptors(const Socket& socket);
  bool may_accept();
  void pause(ingest::MonoTime until);
  void resume();

  ListenerOptions options_;
  std::vector<std::unique_ptr<Socket>> sockets_;
  ingest::io::EventLoop* loop_ = nullptr;
  Dealer* dealer_ = nullptr;
  ingest::io::Fd reserve_;
  ListenerCounts counts_;
  std::uint64_t pause_timer_ = 0;
  bool paused_ = false;
  publish::Allowance handshakes_;
};

}  // namespace gateway::server
