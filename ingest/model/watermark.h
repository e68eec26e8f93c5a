#pragma once
// Watermark: how far event time has come (time.clock: event): every source that still speaks has
// given samples up to here, so what is older by more than the allowed lateness is late. Pure: both
// clocks are arguments. It must not know panes or feeds. Owned by one worker, by the hub for all of
// them, or by the one reader of a replay.
//
//   source A  ------------------------o            newest of A
//   source B  ----------------o                    newest of B = the slowest: the watermark
//   source C  ------o  (said nothing for source_idle, or fell behind: holds nobody back)
//
// The watermark never goes back. A source holds it back by at most `future`, as no source may be
// that far ahead of the others: panes that are open stay few. When nobody speaks any more it comes
// up to the newest sample.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "ingest/base/clock.h"

namespace ingest::model {

/// What some sources together have to say.
struct EventFront {
  std::optional<WallTime> slowest;  // the newest sample of the slowest that speaks; none: all idle
  std::optional<WallTime> newest;   // of all, ever
  /// Both together.
  void merge(const EventFront& other);
};

class Watermark {
 public:
  struct Options {
    Millis source_idle{5'000};
    Millis future{10'000};
  };
  explicit Watermark(const Options& options) : options_(options) {}

  /// A source, by a small number, has given samples up to `newest`.
  void seen(std::uint32_t source, WallTime newest, MonoTime now);
  /// Of what was seen; a source that is older than time() holds nothing back.
  EventFront front(MonoTime now) const;
  /// Of any sample ever.
  std::optional<WallTime> newest() const { return newest_; }
  /// What all sources there are have to say.
  void advance(const EventFront& front);
  /// What others have come to.
  void advance(WallTime to) { time_ = time_ ? std::max(*time_, to) : to; }
  /// None before the first sample.
  std::optional<WallTime> time() const { return time_; }

 private:
  struct Source {
    bool known = false;
    WallTime newest;
    MonoTime heard;
  };
  Options options_;
  std::vector<Source> sources_;
  std::optional<WallTime> newest_;
  std::optional<WallTime> time_;
};

}  // namespace ingest::model
