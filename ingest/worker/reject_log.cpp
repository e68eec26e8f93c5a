#include "ingest/worker/reject_log.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ingest::worker {

bool RejectLog::admits(MonoTime now) {
  if (in_second_ == 0 || now - second_ >= std::chrono::seconds{1}) {
    second_ = now;
    in_second_ = 0;
  }
  if (in_second_ == kASecondMax) {
    ++passed_over_;
    return false;
  }
  ++in_second_;
  return true;
}

void RejectLog::keep(const model::RejectedLine& line, WallTime time, std::string sender) {
  // Of a long line the place where reading gave up, and what stands around it.
  const std::size_t bytes = line.text.size();
  std::size_t skipped = 0;
  if (bytes > kTextBytesMax && line.column > kBeforeMax)
    skipped = std::min(line.column - kBeforeMax, bytes - kTextBytesMax);
  KeptReject kept{.time = time,
                  .sender = std::move(sender),
                  .reason = line.reason,
                  .column = line.column,
                  .bytes = bytes,
                  .skipped = skipped,
                  .text = std::string{line.text.substr(skipped, kTextBytesMax)}};
  if (ring_.size() < kLinesMax) {
    ring_.push_back(std::move(kept));
    return;
  }
  ring_[next_] = std::move(kept);
  next_ = (next_ + 1) % kLinesMax;
}

FeedRejects RejectLog::view(std::string feed) const {
  FeedRejects view{.feed = std::move(feed), .lines = ring_, .passed_over = passed_over_};
  const auto oldest = view.lines.begin() + static_cast<std::ptrdiff_t>(next_);
  std::rotate(view.lines.begin(), oldest, view.lines.end());
  return view;
}

}  // namespace ingest::worker
