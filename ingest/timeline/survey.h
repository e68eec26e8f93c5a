#pragma once
// Surveys: what the series that satisfy some matchers come to: their catalogue, or a page of
// themselves. Worked out in steps; the timeline may change meanwhile. Pure; the hub's.

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ingest/query/catalogue.h"
#include "ingest/query/discovery.h"
#include "ingest/timeline/metric_summary.h"
#include "ingest/timeline/series_walk.h"
#include "ingest/timeline/timeline.h"

namespace ingest::timeline {

class CatalogueSurvey {
 public:
  CatalogueSurvey(const Timeline& timeline, query::Where where);
  /// Takes about so many off `steps`; the catalogue when it is whole, else nullptr.
  std::shared_ptr<const query::Catalogue> go_on(std::size_t& steps);
  /// What the catalogue takes in memory so far, about.
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t count(const Timeline::Series& series);
  void end_name(std::size_t& steps);
  void tell(query::Metric metric);
  static bool forget(Timeline::KindStatus& status, std::size_t& steps);

  const Timeline& timeline_;
  SeriesWalk walk_;
  std::array<std::optional<Timeline::KindStatus>, 4> kinds_;  // of the name at hand
  std::optional<MetricSummary> summary_;                      // of the first of them
  bool ends_ = false;                                         // all of the name was counted
  bool told_ = false;                                         // and so was the first of its kinds
  std::shared_ptr<query::Catalogue> made_;
  std::size_t bytes_ = 0;
};

class SeriesSurvey {
 public:
  /// `ask` has no fault; `where` are its matchers.
  SeriesSurvey(const Timeline& timeline, const query::SeriesAsk& ask, query::Where where);
  /// As above: the page when it is whole.
  std::optional<query::SeriesPage> go_on(std::size_t& steps);

 private:
  void take(const Timeline::Series& series);
  bool end_name();

  const Timeline& timeline_;
  std::optional<query::SeriesPlace> after_;
  std::size_t limit_ = 0;
  SeriesWalk walk_;
  std::vector<query::SeriesFound>
      first_;  // of the name at hand: the least, a heap, greatest on top
  query::SeriesPage page_;
  std::size_t bytes_ = 0;
};

}  // namespace ingest::timeline
