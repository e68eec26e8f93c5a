#include "ingest/timeline/timeline_levels.h"

#include <algorithm>

namespace ingest::timeline {

std::array<Millis, kRollups> lengths_of(const Timeline::Options& options) {
  const std::array<Millis, kRollups> wanted{options.retention, options.retention_ten,
                                            options.retention_sixty};
  std::array<Millis, kRollups> lengths{options.pane};
  for (std::size_t level = 1; level < kRollups; ++level) {
    const bool made =
        wanted[level] > Millis{0} && PaneStore::rolls_up(options.pane, kRollupLengths[level]);
    if (made) lengths[level] = kRollupLengths[level];
  }
  return lengths;
}

Retention::Options retention_of(const Timeline::Options& options) {
  const auto lengths = lengths_of(options);
  Retention::Options retention{.bytes_max = options.memory_max};
  retention.most = {options.retention, options.retention_ten, options.retention_sixty};
  Millis feeds{0};  // the length of the level above
  for (std::size_t level = kRollups; level-- > 0;) {
    Millis& most = retention.most[level];
    if (lengths[level] == Millis{0}) {
      // A pane that is as long as a roll-up stands for it.
      if (kRollupLengths[level] <= options.pane)
        retention.most[0] = std::max(retention.most[0], most);
      most = Millis{0};
      continue;
    }
    const Millis needed = feeds == Millis{0} ? lengths[level] : feeds + 3 * Timeline::kRound;
    retention.least[level] = std::min(most, needed + options.allowed_lateness + 2 * lengths[level]);
    feeds = lengths[level];
  }
  retention.least[0] = std::max(retention.least[0], options.retention_least);
  retention.most[0] = std::max(retention.most[0], options.retention_least);
  return retention;
}

}  // namespace ingest::timeline
