#pragma once
// Retention: how long panes and roll-ups stay in memory, so that memory stays under its limit. The
// finest detail shrinks first; when every level is at its least, there is no room for new series.
// What shrank grows back, the coarsest first, when there is room again. Pure arithmetic; owned by
// the timeline, on the hub's thread. It must not know what a pane is.

#include <array>
#include <cstddef>

#include "ingest/timeline/series_panes.h"

namespace ingest::timeline {

class Retention {
 public:
  using PerLevel = std::array<Millis, kRollups>;
  struct Options {
    PerLevel most{};   // 0 where a level is not kept
    PerLevel least{};  // what windows and roll-ups need; not above `most`
    std::size_t bytes_max = 0;
  };

  explicit Retention(const Options& options) : options_(options), keep_(options.most) {}

  /// Once a round, in which all that keep() allowed to go has gone. `age`: of the oldest that there
  /// can be, since the start.
  void adapt(std::size_t held_bytes, Millis age);

  Millis keep(std::size_t level) const { return keep_[level]; }
  bool shrunk(std::size_t level) const { return keep_[level] < options_.most[level]; }
  /// No detail is left to give: new series find no room.
  bool exhausted() const { return exhausted_; }

 private:
  bool shrink(Millis age);
  void grow();

  Options options_;
  PerLevel keep_;
  bool exhausted_ = false;
};

}  // namespace ingest::timeline
