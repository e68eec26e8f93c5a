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

/// Lines are read in blocks of this size and the rest of a line, so that looking for the few bad
/// lines of a large body reads little of it again.
constexpr std::size_t kBlockBytes = std::size_t{16} * 1024;

/// Up to the end of a line near `kBlockBytes`; all, when no line ends there, and where newlines may
/// stand in strings: to tell those from ends would cost every good body more.
std::string_view block_of(std::string_view rest) {
  if (rest.size() <= kBlockBytes) return rest;
  const std::size_t end = rest.find('\n', kBlockBytes - 1);
  return rest.substr(0, end == std::string_view::npos ? rest.size() : end + 1);
}

/// For a second look at a line: what it gives has been taken already.
class Nowhere final : public model::SampleSink {
 public:
  void take(std::span<const model::Sample> /*batch*/) override {}
};

/// Says which lines of a block are bad, where its ledger has said how many.
class FaultFinder {
 public:
  FaultFinder(std::string_view body, const codec::Codec& codec) : body_(body), codec_(codec) {}

  /// `block` is a part of the body, at the start of a line, behind those that were looked at
  /// before.
  void look(std::string_view block, std::uint64_t bad, std::vector<HttpFeed::LineFault>& faults) {
    while (bad > 0 && faults.size() < HttpFeed::kFaultsMax && !block.empty()) {
      const std::size_t end = LineEnds{codec_.line_rule()}.first(block);
      const std::string_view line = block.substr(0, end);
      block.remove_prefix(line.size());
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

}  // namespace

HttpFeed::HttpFeed(std::string_view format, model::SampleSink& sink)
    : Feed("http/" + std::string{format}, ""), sink_(sink), batch_(sink) {}

HttpFeed::Taken HttpFeed::take(const Body& whole_body, const codec::Codec& codec) {
  DCHECK(name().ends_with(codec.format()));
  const std::string_view body = whole_body.text;
  batch_.from(sink_.source_of(whole_body.sender));
  FeedLedger& ledger = book();
  ledger.bytes += body.size();
  Taken taken;
  std::optional<FaultFinder> finder;
  const std::uint64_t accepted_before = ledger.lines.accepted;
  const bool whole =
      codec.line_rule() == codec::LineRule::Quoted && body.find('"') != std::string_view::npos;
  for (std::string_view rest = body; !rest.empty();) {
    const std::string_view block = whole ? rest : block_of(rest);
    rest.remove_prefix(block.size());
    const std::uint64_t rejected_before = ledger.lines.rejected_total();
    codec.parse(block, ledger.lines, batch_);
    const std::uint64_t bad = ledger.lines.rejected_total() - rejected_before;
    if (bad == 0) continue;
    taken.rejected += bad;
    if (!finder) finder.emplace(body, codec);
    finder->look(block, bad, taken.faults);
  }
  batch_.flush();
  taken.accepted = ledger.lines.accepted - accepted_before;
  return taken;
}

}  // namespace ingest::feed
