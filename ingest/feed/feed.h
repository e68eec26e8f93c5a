#pragma once
// Feed: an inbound source on one worker. Created, run and destroyed by the worker's thread;
// ledger(), name() and address() may be read by any thread while it lives. Knows nothing of series:
// samples go to a SampleSink.

#include <string>
#include <utility>

#include "ingest/base/counters.h"
#include "ingest/feed/feed_ledger.h"
#include "ingest/io/event_loop.h"
#include "ingest/model/sample.h"

namespace ingest::feed {

/// What a worker gives a feed that it takes in (Worker::add_feed). All of it outlives the feed.
struct FeedHome {
  io::EventLoop* loop = nullptr;
  model::SampleSink* sink = nullptr;  // the feed's own: it has a ledger of its own
};

class Feed {
 public:
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  virtual ~Feed() = default;

  /// "udp/statsd", "tcp/statsd", "host": the label `feed` of the metrics. Feeds of a group share
  /// it.
  const std::string& name() const { return name_; }
  /// "127.0.0.1:8125" as bound (port 0 resolved); empty where there is none.
  std::string address() const { return address_; }
  /// What was published last, and what a feed can tell of itself without its thread.
  virtual FeedLedger ledger() const { return published_.read(); }
  /// The worker, at the end of each turn. Costs nothing when nothing happened.
  void publish() {
    if (std::exchange(changed_, false)) published_.publish(ledger_);
  }

 protected:
  Feed(std::string name, std::string address)
      : name_(std::move(name)), address_(std::move(address)) {}
  /// To write into; marks it for the next publish().
  FeedLedger& book() {
    changed_ = true;
    return ledger_;
  }

 private:
  std::string name_;
  std::string address_;
  FeedLedger ledger_;
  bool changed_ = false;
  Published<FeedLedger> published_;
};

}  // namespace ingest::feed
