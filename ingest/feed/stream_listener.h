#pragma once
// StreamListener: accepts senders on a TCP port or a Unix socket, on one worker, and hands each
// descriptor out (the wiring deals it to the worker with the fewest). That worker's thread only.

#include <cstdint>
#include <functional>
#include <memory>
#include <variant>

#include "ingest/base/counters.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/fd.h"
#include "ingest/io/socket.h"
#include "ingest/io/unix_socket.h"

namespace ingest::feed {

class StreamListener final : private io::FdHandler {
 public:
  /// What io::tcp_listen gave, or a Unix socket with its file.
  using Listening = std::variant<io::Fd, io::UnixListener>;

  /// `accepted` gets each new one; the loop outlives the listener.
  static Result<std::unique_ptr<StreamListener>> open(io::EventLoop& loop, Listening listening,
                                                      std::function<void(io::Accepted)> accepted);
  StreamListener(const StreamListener&) = delete;
  StreamListener& operator=(const StreamListener&) = delete;
  ~StreamListener() override;

  /// Takes those that wait now, as many as a backlog holds: at the end, when no turn follows.
  void take_waiting();

  /// As bound, port 0 resolved.
  const io::Address& address() const { return address_; }
  /// How often there was no descriptor left and accepting paused. Any thread.
  std::uint64_t pauses() const { return pauses_.get(); }

 private:
  StreamListener(io::EventLoop& loop, Listening listening, const io::Address& address,
                 std::function<void(io::Accepted)> accepted);
  void ready(std::uint32_t events) override;
  void take(int connections_max);
  void pause();

  io::EventLoop& loop_;
  Listening listening_;
  int fd_;  // of listening_
  io::Address address_;
  std::function<void(io::Accepted)> accepted_;
  io::EventLoop::TimerId resume_ = 0;  // 0: does not pause
  Counter pauses_;
};

}  // namespace ingest::feed
