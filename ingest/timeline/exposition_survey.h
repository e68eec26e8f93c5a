#pragma once
// ExpositionSurvey: the table of a scrape, read from the timeline in slices, so that no turn is
// long. Between two slices the timeline goes on: each series is told as it stands when it is
// reached. Pure; the hub's thread.

#include <cstddef>
#include <memory>

#include "ingest/query/exposition.h"
#include "ingest/timeline/recent_minute.h"
#include "ingest/timeline/timeline.h"

namespace ingest::timeline {

class ExpositionSurvey {
 public:
  explicit ExpositionSurvey(Timeline& timeline);
  /// Takes about so many off `steps`, one of them a series or a pane; the table when it is whole,
  /// else nullptr.
  query::ExpositionTablePtr go_on(std::size_t& steps);

 private:
  std::size_t take(SeriesIndex index, const Timeline::Series& series);
  query::ExpositionPart& part();
  void tell_timer(query::ExpositionRow& row, bool is_recent);
  const query::TimerShape* keep(query::TimerShapePtr shape);

  Timeline& timeline_;
  RecentMinute minute_;
  ToldTotal told_;
  SeriesIndex next_ = 0;
  std::shared_ptr<query::ExpositionTable> made_;
};

}  // namespace ingest::timeline
