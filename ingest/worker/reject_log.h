#pragma once
// RejectLog: the last lines that one feed dropped, for people to look at. A sample of them: of a
// flood the first few of each second are kept, and the others cost a compare and a count. Pure: the
// caller says how late it is. Owned by one worker, its thread only.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/rejected_line.h"

namespace ingest::worker {

/// One of them, owning its bytes, which may be any.
struct KeptReject {
  WallTime time;            // of its arrival
  std::string sender;       // "192.0.2.1", "2001:db8::" of a /64; "local", "others"
  std::string_view reason;  // "bad_value"
  std::size_t column = 1;   // in the whole line, as model::RejectedLine has it
  std::size_t bytes = 0;    // of the whole line
  std::size_t skipped = 0;  // of them before `text`
  std::string text;
};

/// What is kept of a feed's.
struct FeedRejects {
  std::string feed;
  std::vector<KeptReject> lines;  // the oldest first
  std::uint64_t passed_over = 0;  // came too fast to be kept
};

class RejectLog {
 public:
  static constexpr std::size_t kLinesMax = 20;
  static constexpr std::size_t kASecondMax = 4;
  static constexpr std::size_t kTextBytesMax = 240;
  /// What is kept before the column of a line that is longer.
  static constexpr std::size_t kBeforeMax = 160;

  /// Whether one more is kept in this second; it is counted where not.
  bool admits(MonoTime now);
  /// An admitted one, instead of the oldest where there are kLinesMax.
  void keep(const model::RejectedLine& line, WallTime time, std::string sender);

  bool empty() const { return ring_.empty(); }
  FeedRejects view(std::string feed) const;

 private:
  std::vector<KeptReject> ring_;
  std::size_t next_ = 0;  // of ring_, once it is full
  MonoTime second_{};     // when the second began
  std::size_t in_second_ = 0;
  std::uint64_t passed_over_ = 0;
};

}  // namespace ingest::worker
