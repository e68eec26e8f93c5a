#pragma once
// DemoFeed: what DemoLoad makes, ten times a second, through the codec as if it had come over a
// socket. It rests until it is told to run, and costs nothing then. One worker owns it, its thread
// only.

#include <cstdint>
#include <memory>
#include <string>

#include "gateway/tools/demo_load.h"
#include "ingest/codec/codec.h"
#include "ingest/feed/feed.h"

namespace gateway::tools {

class DemoFeed final : public ingest::feed::Feed {
 public:
  /// After a pause of the loop at most so many steps are made up for.
  static constexpr int kStepsATurn = 20;

  DemoFeed(const ingest::feed::FeedHome& home, std::uint64_t seed);
  DemoFeed(const DemoFeed&) = delete;
  DemoFeed& operator=(const DemoFeed&) = delete;
  ~DemoFeed() override;

  /// From now on, where it rested; until `end` of the loop's clock.
  void run_until(ingest::MonoTime end);
  void rest();

 private:
  void run();
  void sleep();

  ingest::io::EventLoop& loop_;
  ingest::codec::SampleBatch batch_;
  std::unique_ptr<const ingest::codec::Codec> codec_;
  DemoLoad load_;
  std::string lines_;
  ingest::MonoTime next_{};
  ingest::MonoTime end_{};
  ingest::io::EventLoop::TimerId timer_ = 0;
};

}  // namespace gateway::tools
