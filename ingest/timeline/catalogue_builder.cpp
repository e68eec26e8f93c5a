#include "ingest/timeline/catalogue_builder.h"

#include "ingest/timeline/survey.h"

namespace ingest::timeline {
void CatalogueBuilder::begin() {
  building_ = std::make_shared<query::Catalogue>();
  last_.reset();
}

std::shared_ptr<const query::Catalogue> CatalogueBuilder::build(std::size_t steps) {
  if (!building_) return nullptr;
  const Timeline::Names& names = timeline_.names();
  auto next = last_ ? names.upper_bound(*last_) : names.begin();
  for (std::size_t done = 0; next != names.end(); ++next) {
    if (done >= steps) return nullptr;
    done += read(next->first, next->second);
    last_ = next->first;
  }
  last_.reset();
  return std::move(building_);
}

std::size_t CatalogueBuilder::read(const std::string& name, const Timeline::Name& from) {
  std::size_t steps = 1;
  for (std::size_t kind = 0; kind < from.kinds.size(); ++kind) {
    const Timeline::KindStatus* status = from.kinds[kind].get();
    if (status == nullptr || status->live == 0) continue;
    query::Metric metric = metric_of(name, static_cast<model::Kind>(kind), *status, timeline_);
    for (const auto& [key, values] : status->tags)
      steps += values.size();
    building_->series += metric.series;
    building_->metrics.push_back(std::move(metric));
  }
  return steps;
}

}  // namespace ingest::timeline
