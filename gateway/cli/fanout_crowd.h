#pragma once
// FanoutCrowd: many readers of frames on bare sockets and one epoll, for `weir bench fanout`. They
// read as little of a frame as counting needs, so that most of a machine of two cores is left to
// who sends: the same reader for a Weir and for a bare loop of send(). Owned by the command, one
// thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/fd.h"

namespace gateway::cli {

class FanoutCrowd {
 public:
  /// A shorter payload is a word of the protocol and no update.
  static constexpr std::size_t kUpdateBytesMin = 100;

  enum class Speaks : std::uint8_t { WebSocket, Nothing };  // Nothing: frames come at once
  enum class Deflate : std::uint8_t { No, Yes };
  enum class Buffer : std::uint8_t { Usual, Small };  // of the socket's receive side
  enum class Stamps : std::uint8_t { Off, On };       // the kernel's time of each arrival is kept
  struct Options {
    std::string address;  // "127.0.0.1:8080"
    Speaks speaks = Speaks::WebSocket;
    std::string hello{};      // of WebSocket: its first message, which asks for `streams`
    std::size_t streams = 1;  // each is answered by `subd` and `snap`, after the welcome
    Deflate deflate = Deflate::No;
    Buffer buffer = Buffer::Usual;
    Stamps stamps = Stamps::Off;
  };

  explicit FanoutCrowd(Options options);
  ~FanoutCrowd();
  FanoutCrowd(const FanoutCrowd&) = delete;
  FanoutCrowd& operator=(const FanoutCrowd&) = delete;

  /// Adds so many, and waits until each has its snapshots.
  ingest::Result<void> join(std::size_t members);
  /// Reads what has come, and waits for it that long. How many had something.
  std::size_t turn(ingest::Millis wait);

  /// From here on the first `members` take nothing, until resume().
  void stall(std::size_t members);
  void resume();
  /// Sends a WebSocket ping from one of them, each time another; one at a time waits of each.
  void ping();

  std::size_t size() const { return members_.size(); }
  /// Updates of all members so far, and all bytes.
  std::uint64_t updates() const { return updates_; }
  std::uint64_t bytes() const { return bytes_; }
  /// Members whose connection has ended.
  std::size_t gone() const { return gone_; }
  /// Members whose newest update is of a window that ends no further behind the newest that any
  /// has. Of plain frames.
  std::size_t newest(ingest::Millis behind) const;
  /// The last whole update of the first member, header and all.
  const std::string& sample() const { return sample_; }

  /// When updates came, and how long pongs took: since the last call. Ns; only with Stamps::On.
  std::vector<std::int64_t> take_arrivals() { return std::exchange(arrivals_, {}); }
  std::vector<std::int64_t> take_pongs() { return std::exchange(pongs_, {}); }

 private:
  struct Member;
  struct Chunk {
    std::string_view bytes;
    std::int64_t at_ns = 0;
  };
  ingest::Result<void> connect_one();
  ingest::Result<void> connect_some(std::size_t all);
  void read(Member& member);
  void take(Member& member, Chunk chunk);
  static std::size_t take_header(Member& member, std::string_view bytes);
  void frame_ended(Member& member, std::int64_t at_ns);
  void lost(Member& member);
  std::string greeting() const;

  Options options_;
  ingest::io::Fd epoll_;
  std::vector<std::unique_ptr<Member>> members_;
  std::vector<char> buffer_;
  std::size_t stalled_ = 0;  // of the first
  std::size_t joined_ = 0;
  std::size_t gone_ = 0;
  std::size_t pinging_ = 0;  // who is next
  std::uint64_t updates_ = 0;
  std::uint64_t bytes_ = 0;
  std::string sample_;
  std::vector<std::int64_t> arrivals_;
  std::vector<std::int64_t> pongs_;
};

}  // namespace gateway::cli
