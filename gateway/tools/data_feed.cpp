#include "gateway/tools/data_feed.h"

#include <algorithm>
#include <utility>

#include "ingest/codec/format.h"

namespace gateway::tools {
namespace {

constexpr ingest::Millis kStep{100};

}  // namespace

DataFeed::DataFeed(const ingest::feed::FeedHome& home, DataRows rows, const Pace& pace)
    : Feed("demo", ""),
      loop_(*home.loop),
      batch_(*home.sink),
      codec_(ingest::codec::make_codec(ingest::codec::Format::Json)),
      rows_(std::move(rows)),
      pace_(pace),
      begun_(loop_.mono()),
      timer_(loop_.at(begun_, [this] { run(); })) {}

DataFeed::~DataFeed() {
  loop_.cancel(timer_);
}

/// Within the round; the doubles' own rounding is far below a millisecond.
ingest::MonoTime DataFeed::due(std::size_t row) const {
  const auto span = static_cast<double>(std::max(rows_.span(), ingest::Millis{1}).count());
  const double part = static_cast<double>(rows_.row(row).after.count()) / span;
  return begun_ +
         ingest::Millis{static_cast<std::int64_t>(part * static_cast<double>(pace_.lasts.count()))};
}

void DataFeed::run() {
  const ingest::MonoTime now = loop_.mono();
  ingest::feed::FeedLedger& ledger = book();
  std::size_t bytes = 0;
  for (; next_ < rows_.size() && due(next_) <= now && bytes < kBytesATurn; ++next_) {
    const std::string_view lines = rows_.row(next_).lines;
    bytes += lines.size();
    codec_->parse(lines, ledger.lines, batch_);
    batch_.flush();
  }
  ledger.bytes += bytes;
  ingest::MonoTime when = bytes < kBytesATurn ? now + kStep : now;
  if (next_ == rows_.size()) {
    if (++round_ == pace_.rounds) return;
    begun_ += pace_.lasts;
    if (begun_ + pace_.lasts < now) begun_ = now;  // the process was stopped meanwhile
    next_ = 0;
    when = std::max(begun_, now);
  }
  timer_ = loop_.at(when, [this] { run(); });
}

}  // namespace gateway::tools
