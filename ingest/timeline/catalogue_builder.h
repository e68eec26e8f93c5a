#pragma once
// CatalogueBuilder: which metrics exist, read from the timeline in slices, so that no turn is long.
// Pure; the hub's.

#include <memory>
#include <optional>
#include <string>

#include "ingest/query/catalogue.h"
#include "ingest/timeline/metric_summary.h"
#include "ingest/timeline/timeline.h"

namespace ingest::timeline {

class CatalogueBuilder {
 public:
  explicit CatalogueBuilder(const Timeline& timeline) : timeline_(timeline) {}

  bool building() const { return building_ != nullptr; }
  /// Begins afresh.
  void begin();
  /// Reads about `steps` metrics and tag values more; the catalogue when it is whole, else nullptr.
  std::shared_ptr<const query::Catalogue> build(std::size_t steps);

 private:
  void enter(const std::string& name);
  bool read(const Timeline::Name& from, std::size_t& steps);

  const Timeline& timeline_;
  std::shared_ptr<query::Catalogue> building_;
  std::string name_;                      // at hand; behind the last one that was read
  std::size_t kind_ = 0;                  // of it
  std::optional<MetricSummary> summary_;  // of that
};

}  // namespace ingest::timeline
