#pragma once
// Listener: the HTTP listening sockets, on one worker's loop. Accepts in bounded batches and deals
// each descriptor. Knows nothing of HTTP but the one short answer for whom there is no room.
//
// Out of descriptors it neither spins nor goes deaf: it gives up a reserved descriptor to accept,
// answers 503, closes, takes the reserve back and pauses for a moment.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/server/dealer.h"
#include "ingest/base/counters.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/fd.h"

namespace gateway::server {

/// Written by the accepting thread.
struct ListenerCounts {
  ingest::Counter accepted;
  ingest::Counter refused_full;            // limits.connections, or a worker's ring full: 503
  ingest::Counter refused_no_descriptors;  // EMFILE, ENFILE: 503
  ingest::Counter failed;                  // gone before accept, or out of memory
};

class Listener {
 public:
  static constexpr int kBatchMax = 64;  // accepts of one socket in one turn
  static constexpr ingest::Millis kPause{100};

  /// Binds and listens: "127.0.0.1:8080", "[::1]:0". The error is one sentence that names the
  /// address.
  static ingest::Result<std::unique_ptr<Listener>> open(const std::vector<std::string>& addresses);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  /// As bound, with the ports that were taken.
  std::vector<std::string> addresses() const;

  /// On the thread of `loop` or before it runs: begins to accept. Both live until
  /// stop().
  ingest::Result<void> start(ingest::io::EventLoop& loop, Dealer& dealer);
  /// The loop's thread: closes the sockets.
  void stop();

  const ListenerCounts& counts() const { return counts_; }

 private:
  class Socket;
  Listener();
  enum class Next : std::uint8_t { GoOn, Stop };
  void accept_batch(int listener);
  Next accept_one(int listener);
  static void refuse(ingest::io::Fd fd);
  void out_of_descriptors(int listener);
  void pause();
  void resume();

  std::vector<std::unique_ptr<Socket>> sockets_;
  ingest::io::EventLoop* loop_ = nullptr;
  Dealer* dealer_ = nullptr;
  ingest::io::Fd reserve_;
  ListenerCounts counts_;
  std::uint64_t pause_timer_ = 0;
  bool paused_ = false;
};

}  // namespace gateway::server
