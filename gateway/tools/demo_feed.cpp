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
      load_(seed),
      next_(loop_.mono()),
      timer_(loop_.at(next_, [this] { run(); })) {}

DemoFeed::~DemoFeed() {
  loop_.cancel(timer_);
}

void DemoFeed::run() {
  const ingest::MonoTime now = loop_.mono();
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
  timer_ = loop_.at(next_, [this] { run(); });
}

}  // namespace gateway::tools
