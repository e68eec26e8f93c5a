#pragma once
// UdpFeed: datagrams of one socket -> codec -> sink. A feed on N workers is N sockets of one port
// (SO_REUSEPORT), each with a UdpFeed of its own. Owned by its worker, that thread only.
//
// While datagrams come thick, it does not wake for each: it reads all there are, lets its
// descriptor be for as long as RestPlan says, and reads again; the receive buffer holds what comes
// meanwhile. When they come thin it is woken by each, so that none waits.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "ingest/base/ip_address.h"
#include "ingest/base/result.h"
#include "ingest/codec/codec.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/feed/feed.h"
#include "ingest/feed/receive_room.h"
#include "ingest/feed/rest_plan.h"
#include "ingest/feed/turn_share.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/fd.h"

namespace ingest::feed {

class UdpFeed final : public Feed, private io::FdHandler {
 public:
  /// Woken twice within this time, it rests.
  static constexpr std::chrono::microseconds kThick{100};
  /// A smaller receive buffer may not hold what comes in a rest: then it never rests.
  static constexpr int kRestBufferBytes = 1024 * 1024;

  enum class Merge : std::uint8_t {
    No,
    Yes,  // UDP_GRO, where the kernel has it
  };
  enum class Rest : std::uint8_t {
    Never,
    WhenThick,
  };
  struct Parts {
    FeedHome home;
    std::string name;  // "udp/statsd"
    io::Fd fd;         // of open_udp_group
    std::unique_ptr<const codec::Codec> codec;
    ReceiveRoom* room = nullptr;
    Merge merge = Merge::Yes;
    Rest rest = Rest::WhenThick;
  };
  /// Begins to watch. The room outlives the feed.
  static Result<std::unique_ptr<UdpFeed>> open(Parts parts);
  UdpFeed(const UdpFeed&) = delete;
  UdpFeed& operator=(const UdpFeed&) = delete;
  ~UdpFeed() override;

  /// With the kernel's drops as of now: while a worker is kept from its loop, they are what
  /// happens.
  FeedLedger ledger() const override;

 private:
  UdpFeed(Parts parts, std::string address);
  void ready(std::uint32_t events) override;
  struct Drained {
    std::size_t messages = 0;
    std::size_t waited_bytes = 0;  // of the receive buffer, before
    bool all = true;               // false: more waits, other events come first
  };
  Drained drain();
  void take(const ReceiveRoom::Message& message);
  void rest(MonoTime until);
  void rested();
  /// A word of SO_MEMINFO.
  std::optional<std::uint32_t> memory(std::size_t what) const;
  void read_drops();
  void watch_drops();

  io::EventLoop& loop_;
  io::Fd fd_;
  std::unique_ptr<const codec::Codec> codec_;
  model::SampleSink& sink_;
  codec::SampleBatch batch_;
  ReceiveRoom& room_;
  ReadReach reach_{ReceiveRoom::kMessagesMax};
  std::optional<IpAddress> sender_;  // of the last message, until the drain ends
  bool may_rest_ = false;
  RestPlan rests_;
  MonoTime woken_{};
  io::EventLoop::TimerId rest_timer_ = 0;  // not 0: resting
  std::uint32_t drops_seen_ = 0;
  io::EventLoop::TimerId drops_timer_ = 0;
};

}  // namespace ingest::feed
