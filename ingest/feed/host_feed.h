#pragma once
// HostFeed: this machine and this process, read by ingest/host, with OpenTelemetry's names;
// seconds, bytes and ratios 0 to 1. Here is only when it is read.
//
// One owner in the process: one worker, its thread only.

#include <string>

#include "ingest/base/clock.h"
#include "ingest/feed/feed.h"
#include "ingest/host/readers.h"
#include "ingest/host/report.h"
#include "ingest/io/event_loop.h"

namespace ingest::feed {

class HostFeed final : public Feed {
 public:
  struct Options {
    Millis every{1'000};
    host::Readers::Options from{};
  };
  /// Reads first in the loop's next turn, again 250 ms later (what grew needs two readings), then
  /// `every`, in the middle of that interval of the wall clock, so that each pane of that size gets
  /// one reading. loop and sink outlive the feed.
  HostFeed(io::EventLoop& loop, model::SampleSink& sink, const Options& options);
  HostFeed(const HostFeed&) = delete;
  HostFeed& operator=(const HostFeed&) = delete;
  ~HostFeed() override;

 private:
  void run();
  Millis until_next() const;

  io::EventLoop& loop_;
  Millis every_;
  host::Report report_;
  host::Readers readers_;
  bool read_once_ = false;
  io::EventLoop::TimerId timer_ = 0;
};

}  // namespace ingest::feed
