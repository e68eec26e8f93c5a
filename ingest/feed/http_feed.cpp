#include "ingest/feed/http_feed.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "ingest/base/check.h"
#include "ingest/codec/line_ends.h"

namespace ingest::feed {
namespace {

using codec::LineEnds;
using codec::LineLedger;

/// Up to the end of the last line in `bytes`, which begin a line; 0 where none ends.
std::size_t last_end(std::string_view bytes, codec::LineRule rule) {
  const bool strings = rule == codec::LineRule::Quoted && bytes.find('"') != std::string_view::npos;
  return strings ? LineEnds{rule}.last(bytes) : bytes.rfind('\n') + 1;  // npos + 1 is 0
}

/// The whole lines of the first kSliceBytes; a longer line whole.
std::string_view slice_of(std::string_view rest, codec::LineRule rule) {
  for (std::size_t size = HttpFeed::kSliceBytes; size < rest.size(); size *= 2) {
    if (const std::size_t end = last_end(rest.substr(0, size), rule); end > 0)
      return rest.substr(0, end);
  }
  return rest;
}

/// For a second look at a line: what it gives has been taken already.
class Nowhere final : public model::SampleSink {
 public:
  void take(std::span<const model::Sample> /*batch*/) override {}
};

}  // namespace

/// Says which lines of a slice are bad, where its ledger has said how many.
class HttpFeed::Reading::FaultFinder {
 public:
  FaultFinder(std::string_view body, const codec::Codec& codec) : body_(body), codec_(codec) {}

  /// `slice` is a part of the body, at the start of a line, behind those that were looked at
  /// before.
  void look(std::string_view slice, std::uint64_t bad, std::vector<LineFault>& faults) {
    while (bad > 0 && faults.size() < kFaultsMax && !slice.empty()) {
      const std::size_t end = LineEnds{codec_.line_rule()}.first(slice);
      const std::string_view line = slice.substr(0, end);
      slice.remove_prefix(line.size());
      const std::optional<codec::Reject> reason = fault_of(line);
      if (!reason) continue;
      --bad;
      faults.push_back({.line = number_of(line), .reason = *reason});
    }
  }

 private:
  std::optional<codec::Reject> fault_of(std::string_view line) {
    LineLedger ledger;
    codec_.parse(line, ledger, batch_);
    batch_.flush();
    const auto* const bad = std::find_if(ledger.rejected.begin(), ledger.rejected.end(),
                                         [](std::uint64_t count) { return count > 0; });
    if (bad == ledger.rejected.end()) return std::nullopt;
    return static_cast<codec::Reject>(bad - ledger.rejected.begin());
  }

  std::uint64_t number_of(std::string_view line) {
    const auto at = static_cast<std::size_t>(line.data() - body_.data());
    const std::string_view between = body_.substr(counted_, at - counted_);
    newlines_ += static_cast<std::uint64_t>(std::count(between.begin(), between.end(), '\n'));
    counted_ = at;
    return newlines_ + 1;
  }

  std::string_view body_;
  const codec::Codec& codec_;
  Nowhere nowhere_;
  codec::SampleBatch batch_{nowhere_};
  std::size_t counted_ = 0;     // bytes of the body
  std::uint64_t newlines_ = 0;  // in those
};

HttpFeed::Reading::Reading(HttpFeed& feed, const Body& body, const codec::Codec& codec)
    : feed_(feed), codec_(codec), body_(body), rest_(body.text) {}

HttpFeed::Reading::~Reading() = default;

std::size_t HttpFeed::Reading::take_some() {
  if (rest_.empty()) return 0;
  const std::string_view slice = slice_of(rest_, codec_.line_rule());
  rest_.remove_prefix(slice.size());
  FeedLedger& ledger = feed_.book();
  const std::uint64_t accepted_before = ledger.lines.accepted;
  const std::uint64_t rejected_before = ledger.lines.rejected_total();
  feed_.batch_.from(feed_.sink_.source_of(body_.sender));  // an index holds for a turn
  codec_.parse(slice, ledger.lines, feed_.batch_);
  feed_.batch_.flush();
  ledger.bytes += slice.size();
  taken_.accepted += ledger.lines.accepted - accepted_before;
  const std::uint64_t bad = ledger.lines.rejected_total() - rejected_before;
  taken_.rejected += bad;
  if (bad > 0 && taken_.faults.size() < kFaultsMax) {
    if (!finder_) finder_ = std::make_unique<FaultFinder>(body_.text, codec_);
    finder_->look(slice, bad, taken_.faults);
  }
  return rest_.size();
}

HttpFeed::HttpFeed(std::string_view format, model::SampleSink& sink)
    : Feed("http/" + std::string{format}, ""), sink_(sink), batch_(sink) {}

std::unique_ptr<HttpFeed::Reading> HttpFeed::begin(const Body& body, const codec::Codec& codec) {
  DCHECK(name().ends_with(codec.format()));
  return std::unique_ptr<Reading>{new Reading(*this, body, codec)};
}

}  // namespace ingest::feed
