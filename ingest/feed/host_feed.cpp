#include "ingest/feed/host_feed.h"

#include <algorithm>

namespace ingest::feed {
namespace {

/// Between the first two readings.
constexpr Millis kFirstInterval{250};

}  // namespace

HostFeed::HostFeed(io::EventLoop& loop, model::SampleSink& sink, const Options& options)
    : Feed("host", ""),
      loop_(loop),
      every_(options.every),
      report_(sink),
      readers_(options.from),
      timer_(loop_.at(loop_.mono(), [this] { run(); })) {}

HostFeed::~HostFeed() {
  loop_.cancel(timer_);
}

void HostFeed::run() {
  readers_.read(report_, loop_.mono());
  FeedLedger& ledger = book();
  ledger.lines.samples = report_.samples();
  ledger.sources_missing = report_.missing();
  ledger.devices_folded = readers_.folded();
  timer_ = loop_.at(loop_.mono() + until_next(), [this] { run(); });
  read_once_ = true;
}

Millis HostFeed::until_next() const {
  if (!read_once_) return std::min(kFirstInterval, every_);
  // The middle of the next interval; the one under way only if most of an interval is left to it.
  const Millis into = (loop_.wall().time_since_epoch() + every_ / 2) % every_;
  const Millis wait = every_ - into;
  return wait < every_ / 4 ? wait + every_ : wait;
}

}  // namespace ingest::feed
