#pragma once
// FeedSockets: the configured feeds. Their sockets open before any worker is built, so that a taken
// port is told at once; then they are plugged into the workers. Owned by the wiring.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/feed_names.h"
#include "gateway/cli/feed_tokens.h"
#include "gateway/cli/replay_files.h"
#include "gateway/cli/seat.h"
#include "gateway/config/config.h"
#include "gateway/server/dealer.h"
#include "gateway/server/settings.h"
#include "ingest/base/result.h"
#include "ingest/feed/stream_listener.h"
#include "ingest/io/fd.h"
#include "ingest/io/log.h"
#include "ingest/io/unix_socket.h"

namespace gateway::cli {

class FeedSockets {
 public:
  /// The error is a sentence that names the address.
  static ingest::Result<FeedSockets> open(const std::vector<config::Feed>& feeds,
                                          std::size_t workers, const ingest::io::Logger& log);

  /// Ports as taken, in the order of the configuration.
  const std::vector<server::ListenerInfo>& listeners() const { return listeners_; }

  struct Plugs {
    std::span<const std::unique_ptr<Seat>> seats;
    server::Dealer* dealer = nullptr;
    /// Of feeds that want a token.
    WriterCheck writer;
  };
  /// Once, before the threads start: UDP on every seat, streams accepted on the first and dealt, a
  /// Unix socket of datagrams, the host and replays on the last. Seats and dealer outlive this
  /// object.
  ingest::Result<void> plug(const Plugs& plugs);
  /// Before the seats' loops go: accepts no more.
  void close() { stream_listeners_.clear(); }

 private:
  struct Socket {
    config::SocketFeed feed;
    std::string name;
    std::string address;                           // as bound
    std::vector<ingest::io::Fd> fds;               // of UDP one for each worker, of TCP one
    std::optional<ingest::io::UnixListener> file;  // instead: of Unix sockets
  };
  ingest::Result<void> add(const config::Feed& feed, std::size_t workers,
                           const ingest::io::Logger& log);
  static ingest::Result<Socket> open_socket(const config::SocketFeed& feed, std::size_t workers,
                                            const ingest::io::Logger& log);
  static ingest::Result<void> plug_udp(Socket& socket, const Plugs& plugs);
  static ingest::Result<void> plug_unixgram(Socket& socket, const Plugs& plugs);
  ingest::Result<void> plug_stream(Socket& socket, const Plugs& plugs);
  /// `number` is the feed's in Seat::stream_peers.
  ingest::Result<void> accept_on(Socket& socket, const Plugs& plugs, std::uint32_t number);
  ingest::Result<void> plug_socket(Socket& socket, const Plugs& plugs);

  FeedNames names_;
  std::vector<Socket> sockets_;
  std::vector<config::HostFeed> hosts_;
  ReplayFiles replays_;
  std::vector<server::ListenerInfo> listeners_;
  std::vector<std::unique_ptr<ingest::feed::StreamListener>> stream_listeners_;
};

}  // namespace gateway::cli
