#include "ingest/timeline/joined_panes.h"

#include <algorithm>

namespace ingest::timeline {
namespace {

std::size_t at(Rollup level) {
  return static_cast<std::size_t>(level);
}

}  // namespace

JoinedPanes::JoinedPanes(const SeriesPanes& panes, const Sizes& sizes, PaneNumber first)
    : panes_(&panes),
      sizes_(sizes),
      parts_{Part{Rollup::Sixty, 0, 0}, Part{Rollup::Ten, 0, 0},
             Part{Rollup::Base, std::max(first, panes.covers(Rollup::Base)), SeriesPanes::kNever}} {
  reach_back(Rollup::Ten, Rollup::Base, first);
  reach_back(Rollup::Sixty, coarsest_, first);
}

// Where the finer level does not reach back to `first`, this one goes as far as it was made, and
// the finer one begins at its edge.
void JoinedPanes::reach_back(Rollup level, Rollup finer, PaneNumber first) {
  Part& part = parts_[kRollups - 1 - at(level)];
  Part& next = parts_[kRollups - 1 - at(finer)];
  const PaneNumber size = sizes_[at(level)];
  const PaneNumber fine = sizes_[at(finer)];
  if (size == 0 || panes_->covers(level) == SeriesPanes::kNever) return;
  const PaneNumber begins = next.first * fine;
  if (begins <= first) return;
  part.first = std::max(first / size, panes_->covers(level));
  part.end = std::min((begins + size - 1) / size, panes_->made_until(level));
  if (part.first >= part.end) return;
  next.first = std::max(next.first, part.end * size / fine);
  coarsest_ = level;
}

}  // namespace ingest::timeline
