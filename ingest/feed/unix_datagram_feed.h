#pragma once
// UnixDatagramFeed: datagrams of a Unix socket -> codec -> sink. One owner in the process: one
// worker, its thread only. A sender that waits for room loses nothing, and one that does not is
// told; so there are no drops to count.

#include <cstdint>
#include <memory>
#include <string>

#include "ingest/base/result.h"
#include "ingest/codec/codec.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/feed/feed.h"
#include "ingest/feed/receive_room.h"
#include "ingest/feed/turn_share.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/unix_socket.h"

namespace ingest::feed {

class UnixDatagramFeed final : public Feed, private io::FdHandler {
 public:
  struct Parts {
    FeedHome home;
    std::string name;         // "unixgram/statsd"
    std::string address;      // "unix:/run/weir/statsd.sock"
    io::UnixListener socket;  // of io::UnixType::Datagrams
    std::unique_ptr<const codec::Codec> codec;
    ReceiveRoom* room = nullptr;  // outlives the feed
  };
  /// Begins to watch.
  static Result<std::unique_ptr<UnixDatagramFeed>> open(Parts parts);
  UnixDatagramFeed(const UnixDatagramFeed&) = delete;
  UnixDatagramFeed& operator=(const UnixDatagramFeed&) = delete;
  ~UnixDatagramFeed() override;

 private:
  explicit UnixDatagramFeed(Parts parts);
  void ready(std::uint32_t events) override;

  io::EventLoop& loop_;
  io::UnixListener socket_;
  std::unique_ptr<const codec::Codec> codec_;
  model::SampleSink& sink_;
  codec::SampleBatch batch_;
  ReceiveRoom& room_;
};

}  // namespace ingest::feed
