#pragma once
// StreamPeers: the senders of a line format over TCP or a Unix stream socket, those of one worker.
// A StreamListener accepts them. Owned by its worker, that thread only.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ingest/base/clock.h"
#include "ingest/base/ip_address.h"
#include "ingest/codec/codec.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/feed/feed.h"
#include "ingest/feed/receive_room.h"
#include "ingest/feed/turn_share.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/fd.h"
#include "ingest/io/socket.h"

namespace ingest::feed {

class StreamPeers final : public Feed {
 public:
  static constexpr std::size_t kPeersMax = 4'096;
  static constexpr std::size_t kPeersPerAddressMax = kPeersMax / 4;
  /// Of the line that admits a peer.
  static constexpr std::size_t kFirstLineBytesMax = 1024;
  /// How soon a peer that may send no more is closed, at the latest.
  static constexpr Millis kLookEvery{5'000};

  struct Parts {
    FeedHome home;
    std::string name;     // "tcp/statsd"
    std::string address;  // of the listener, for people
    std::unique_ptr<const codec::Codec> codec;
    ReceiveRoom* room = nullptr;  // outlives the feed
    Millis idle_timeout{60'000};
    std::size_t peers_max = kPeersMax;
    /// Of one IPv4 address or IPv6 /64: nobody keeps the others out. Who has no address (a Unix
    /// socket) is held by peers_max alone.
    std::size_t peers_per_address_max = kPeersPerAddressMax;
    std::function<void()> on_closed;  // after each peer that had been adopted; may be empty
    /// Asked each kLookEvery: whether a peer that was admitted may still send.
    using Holds = std::function<bool()>;
    /// Whether a peer may send that began with this line (without its end), which is then no line
    /// of the format; whoever may not, by an empty Holds, is closed. A peer of a Unix socket has
    /// nobody's address. Empty: all may, and the first line is like others.
    std::function<Holds(std::string_view first_line, const IpAddress& sender)> admits;
  };
  explicit StreamPeers(Parts parts);
  StreamPeers(const StreamPeers&) = delete;
  StreamPeers& operator=(const StreamPeers&) = delete;
  ~StreamPeers() override;

  /// Reads `fd` from now on; closes it at once, counted, when peers_max are open, or
  /// peers_per_address_max of its address, or when the feed does not allow that. False then: no
  /// on_closed follows. `peer` as accept() gave it: a socket that was reset since cannot tell any
  /// more. Who is neither of a Unix socket nor has an address is refused.
  bool adopt(io::Fd fd, const io::Address& peer);
  /// Counts one that somebody else turned away before it came here.
  void refused() { ++book().connections.refused; }
  std::size_t open_peers() const { return peers_.size(); }

 private:
  class Peer;
  enum class Why : std::uint8_t { Ended, Idle, Denied, Revoked };
  void ready(int fd);
  void wait(int fd);
  void read_waiting();
  void read(Peer& peer);
  void take(Peer& peer, std::string_view bytes);
  /// What of `bytes` stands behind the first line; nothing when the peer may not send.
  std::optional<std::string_view> admit(Peer& peer, std::string_view bytes) const;
  void close(Peer& peer, Why why);
  bool is_crowded(const Peer& peer) const;
  void sweep();
  void look();

  Parts parts_;
  codec::SampleBatch batch_;
  std::unordered_map<int, std::unique_ptr<Peer>> peers_;
  TurnShare share_;
  MonoTime turn_{std::chrono::nanoseconds{-1}};  // of the loop, in which share_ began
  std::deque<int> waiting_;  // of peers_: readable, and this turn had no time left for them
  std::map<IpAddress, std::size_t> by_host_;  // of the peers with an address
  io::EventLoop::TimerId sweep_timer_ = 0;
  io::EventLoop::TimerId look_timer_ = 0;
};

}  // namespace ingest::feed
