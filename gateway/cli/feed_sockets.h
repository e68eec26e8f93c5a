#pragma once
// FeedSockets: the configured feeds. Their sockets open before any worker is built, so that a taken
// port is told at once; then they are plugged into the workers. Owned by the wiring.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "gateway/cli/seat.h"
#include "gateway/config/config.h"
#include "gateway/server/dealer.h"
#include "gateway/server/settings.h"
#include "ingest/base/result.h"
#include "ingest/feed/tcp_feed.h"
#include "ingest/io/fd.h"
#include "ingest/io/log.h"

namespace gateway::cli {

class FeedSockets {
 public:
  /// The error is a sentence that names the address.
  static ingest::Result<FeedSockets> open(const std::vector<config::Feed>& feeds,
                                          std::size_t workers, const ingest::io::Logger& log);

  /// Ports as taken, in the order of the configuration.
  const std::vector<server::ListenerInfo>& listeners() const { return listeners_; }

  /// Once, before the threads start: UDP on every seat, TCP accepted on the first and dealt, the
  /// host on the last. Seats and dealer outlive this object.
  ingest::Result<void> plug(std::span<const std::unique_ptr<Seat>> seats, server::Dealer& dealer);
  /// Before the seats' loops go: accepts no more.
  void close() { tcp_listeners_.clear(); }

 private:
  struct Socket {
    config::SocketFeed feed;
    std::vector<ingest::io::Fd> fds;  // one for each worker, or the one that listens
    std::string address;              // as bound
  };
  static ingest::Result<Socket> open_socket(const config::SocketFeed& feed, std::size_t workers,
                                            const ingest::io::Logger& log);
  static ingest::Result<void> plug_udp(Socket& socket,
                                       std::span<const std::unique_ptr<Seat>> seats);
  ingest::Result<void> plug_tcp(Socket& socket, std::span<const std::unique_ptr<Seat>> seats,
                                server::Dealer& dealer);

  std::vector<Socket> sockets_;
  std::vector<config::HostFeed> hosts_;
  std::vector<server::ListenerInfo> listeners_;
  std::vector<std::unique_ptr<ingest::feed::TcpListener>> tcp_listeners_;
};

}  // namespace gateway::cli
