#pragma once
// timeline_levels: which levels a timeline keeps, how long their panes are, and how long each stays
// at most and at least. Pure arithmetic on its options, when it is built.

#include <array>

#include "ingest/timeline/retention.h"
#include "ingest/timeline/timeline.h"

namespace ingest::timeline {

/// Of roll-ups; the panes themselves are as long as the options say.
inline constexpr std::array<Millis, kRollups> kRollupLengths{Millis{0}, Millis{10'000},
                                                             Millis{60'000}};

/// By level; 0 where it is not kept: its roll-ups are not wanted, or no longer than a pane.
std::array<Millis, kRollups> lengths_of(const Timeline::Options& options);

/// A pane that is as long as a roll-up stands for it, as long as the roll-up would stay. At least
/// stays what windows need and what was not rolled up yet.
Retention::Options retention_of(const Timeline::Options& options);

}  // namespace ingest::timeline
