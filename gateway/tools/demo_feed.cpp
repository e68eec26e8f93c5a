#include "gateway/tools/demo_feed.h"

#include "ingest/codec/format.h"

namespace gateway::tools {
namespace {

constexpr ingest::Millis kStep{1'000 / DemoLoad::kStepsASecond};

}  // namespace

DemoFeed::DemoFeed(const ingest::feed::FeedHome& home, std::uint64_t seed)
    : Feed("demo", ""),
      loop_(*home.loop),
      batch_(*home.sink),
      codec_(ingest::codec::make_codec(ingest::codec::Format::Statsd)),
      load_(seed) {}

DemoFeed::~DemoFeed() {
  loop_.cancel(timer_);
}

void DemoFeed::run_until(ingest::MonoTime end) {
  end_ = end;
  if (timer_ != 0) return;
  next_ = loop_.mono();
  sleep();
}

void DemoFeed::rest() {
  if (timer_ == 0) return;
  loop_.cancel(timer_);
  timer_ = 0;
}

void DemoFeed::sleep() {
  timer_ = loop_.at(next_, [this] { run(); });
}

void DemoFeed::run() {
  timer_ = 0;
  const ingest::MonoTime now = loop_.mono();
  if (now >= end_) return;
  ingest::feed::FeedLedger& ledger = book();
  for (int i = 0; i < kStepsATurn && next_ <= now; ++i) {
    lines_.clear();
    load_.step(lines_);
    ledger.bytes += lines_.size();
    codec_->parse(lines_, ledger.lines, batch_);
    batch_.flush();
    next_ += kStep;
  }
  if (next_ <= now) next_ = now + kStep;
  sleep();
}

}  // namespace gateway::tools
