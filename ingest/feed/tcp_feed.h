#pragma once
// A line format over TCP: TcpListener accepts on one worker and hands each descriptor out (the
// wiring deals it to the worker with the fewest); TcpPeers, one for each worker, reads those that
// it was given. Each belongs to its worker's thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

#include "ingest/base/counters.h"
#include "ingest/base/result.h"
#include "ingest/codec/codec.h"
#include "ingest/codec/line_splitter.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/feed/feed.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/fd.h"
#include "ingest/io/socket.h"

namespace ingest::feed {

class TcpListener final : private io::FdHandler {
 public:
  /// `listening` is a descriptor of io::tcp_listen. `accepted` gets each new one; the loop outlives
  /// the listener.
  static Result<std::unique_ptr<TcpListener>> open(io::EventLoop& loop, io::Fd listening,
                                                   std::function<void(io::Fd)> accepted);
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;
  ~TcpListener() override;

  /// As bound, port 0 resolved.
  const io::Address& address() const { return address_; }
  /// How often there was no descriptor left and accepting paused. Any thread.
  std::uint64_t pauses() const { return pauses_.get(); }

 private:
  TcpListener(io::EventLoop& loop, io::Fd listening, const io::Address& address,
              std::function<void(io::Fd)> accepted);
  void ready(std::uint32_t events) override;
  void pause();

  io::EventLoop& loop_;
  io::Fd fd_;
  io::Address address_;
  std::function<void(io::Fd)> accepted_;
  io::EventLoop::TimerId resume_ = 0;
  Counter pauses_;
};

class TcpPeers final : public Feed {
 public:
  static constexpr std::size_t kPeersMax = 4096;
  static constexpr std::size_t kReadBytesMax = std::size_t{64} * 1024;

  struct Parts {
    io::EventLoop* loop = nullptr;
    std::unique_ptr<const codec::Codec> codec;
    model::SampleSink* sink = nullptr;
    std::string address;  // of the listener, for people
    Millis idle_timeout{60'000};
    std::size_t peers_max = kPeersMax;
    std::function<void()> on_closed;  // after each peer that had been adopted; may be empty
  };
  /// loop and sink outlive the feed.
  explicit TcpPeers(Parts parts);
  TcpPeers(const TcpPeers&) = delete;
  TcpPeers& operator=(const TcpPeers&) = delete;
  ~TcpPeers() override;

  /// Reads `fd` from now on; closes it at once, counted, when peers_max are open. False then: no
  /// on_closed follows.
  bool adopt(io::Fd fd);
  std::size_t open_peers() const { return peers_.size(); }

 private:
  class Peer;
  enum class Why : std::uint8_t { Ended, Idle };
  void read(Peer& peer);
  void close(Peer& peer, Why why);
  void sweep();

  Parts parts_;
  codec::SampleBatch batch_;
  std::unique_ptr<char[]> buffer_;  // NOLINT(modernize-avoid-c-arrays): not zeroed
  std::unordered_map<int, std::unique_ptr<Peer>> peers_;
  io::EventLoop::TimerId sweep_timer_ = 0;
};

}  // namespace ingest::feed
