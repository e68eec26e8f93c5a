#pragma once
// UdpFeed: datagrams of one socket -> codec -> sink. A feed on N workers is N sockets of one port
// (SO_REUSEPORT), each with a UdpFeed of its own. Owned by its worker, that thread only.

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "ingest/base/result.h"
#include "ingest/codec/codec.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/feed/feed.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/fd.h"
#include "ingest/io/log.h"
#include "ingest/io/socket.h"

namespace ingest::feed {

/// Binds `count` sockets to one port, each with a receive buffer of 8 MiB (a smaller one is logged
/// once). Refuses a port that another program has, even one that would share it. Port 0 takes one
/// free port for all.
Result<std::vector<io::Fd>> open_udp_group(const io::Address& address, std::size_t count,
                                           const io::Logger& log);

/// Room for one recvmmsg. 4 MiB of address space, of which only what arrives is touched; all feeds
/// of a worker share it.
class DatagramBuffers {
 public:
  static constexpr std::size_t kDatagramsMax = 64;
  static constexpr std::size_t kDatagramBytesMax = std::size_t{64} * 1024;

  explicit DatagramBuffers(std::size_t datagram_bytes_max = kDatagramBytesMax);

  /// Reads what waits, without blocking; how many datagrams there are now, 0 for none.
  std::size_t receive(int fd);
  struct Datagram {
    std::string_view bytes;
    bool truncated = false;  // it was longer than the room
  };
  /// index is below what receive() returned; lives until the next receive().
  Datagram datagram(std::size_t index) const;

 private:
  std::size_t datagram_bytes_max_;
  std::unique_ptr<char[]> memory_;  // NOLINT(modernize-avoid-c-arrays): not zeroed, so not touched
  std::array<iovec, kDatagramsMax> places_{};
  std::array<mmsghdr, kDatagramsMax> headers_{};
};

class UdpFeed final : public Feed, private io::FdHandler {
 public:
  struct Parts {
    io::EventLoop* loop = nullptr;
    io::Fd fd;  // of open_udp_group
    std::unique_ptr<const codec::Codec> codec;
    model::SampleSink* sink = nullptr;
    DatagramBuffers* buffers = nullptr;
  };
  /// Begins to watch. loop, sink and buffers outlive the feed.
  static Result<std::unique_ptr<UdpFeed>> open(Parts parts);
  UdpFeed(const UdpFeed&) = delete;
  UdpFeed& operator=(const UdpFeed&) = delete;
  ~UdpFeed() override;

 private:
  UdpFeed(Parts parts, std::string address);
  void ready(std::uint32_t events) override;
  void take(const DatagramBuffers::Datagram& datagram);
  void read_drops();
  void watch_drops();

  io::EventLoop& loop_;
  io::Fd fd_;
  std::unique_ptr<const codec::Codec> codec_;
  codec::SampleBatch batch_;
  DatagramBuffers& buffers_;
  std::uint32_t drops_seen_ = 0;
  io::EventLoop::TimerId drops_timer_ = 0;
};

}  // namespace ingest::feed
