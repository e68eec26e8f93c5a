#pragma once
// SkewGuard: tells the one sample whose clock is wrong from time that leapt, where no arrival says
// what the time was: in a file of lines. A sample that lies more than `future` ahead of all before
// it waits, and what follows waits behind it. If one of the next kLookAhead comes back, and would
// be late because of it alone, it is skewed: it gets the verdict Future. Else time has leapt, as
// over a night without flights. Every sample is given on in the order of the file.
// Pure; owned by the reader.

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "ingest/base/clock.h"
#include "ingest/model/sample.h"

namespace ingest::replay {

class SkewGuard {
 public:
  static constexpr std::size_t kLookAhead = 8;

  struct Options {
    Millis future{10'000};
    Millis late_after{3'000};  // behind a sample: a pane and the allowed lateness
  };
  enum class Verdict : std::uint8_t { Good, Future };

  explicit SkewGuard(const Options& options) : options_(options) {}

  /// Calls give(sample, time, verdict) for each that is settled now, maybe for none. The views of
  /// the samples live until give() returns.
  template <class Give>
  void pass(const model::Sample& sample, WallTime time, Give&& give) {
    if (held_.empty() && !leaps(time)) {
      newest_ = newest_ ? std::max(*newest_, time) : time;
      give(sample, time, Verdict::Good);
      return;
    }
    held_.push_back(copy_of(sample, time));
    settle(kLookAhead, give);
  }
  /// The file has ended.
  template <class Give>
  void finish(Give&& give) {
    settle(0, give);
  }

 private:
  /// A sample with its own bytes.
  struct Held {
    model::Sample sample;
    WallTime time;
    std::unique_ptr<char[]> bytes;
  };

  bool leaps(WallTime time) const { return newest_ && time > *newest_ + options_.future; }
  /// Of the first that is held, seen from those behind it.
  bool is_skewed() const;
  static Held copy_of(const model::Sample& sample, WallTime time);

  template <class Give>
  void settle(std::size_t behind, Give& give) {
    while (!held_.empty()) {
      const bool leap = leaps(held_.front().time);
      if (leap && held_.size() <= behind) return;
      const bool skewed = leap && is_skewed();
      const Held head = std::move(held_.front());
      held_.pop_front();
      if (!skewed) newest_ = newest_ ? std::max(*newest_, head.time) : head.time;
      give(head.sample, head.time, skewed ? Verdict::Future : Verdict::Good);
    }
  }

  Options options_;
  std::optional<WallTime> newest_;
  std::deque<Held> held_;
};

}  // namespace ingest::replay
