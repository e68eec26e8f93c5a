#include "ingest/timeline/catalogue_builder.h"

#include <algorithm>
#include <utility>

namespace ingest::timeline {

void CatalogueBuilder::begin() {
  building_ = std::make_shared<query::Catalogue>();
  enter({});
}

void CatalogueBuilder::enter(const std::string& name) {
  name_ = name;
  kind_ = 0;
  summary_.reset();
}

std::shared_ptr<const query::Catalogue> CatalogueBuilder::build(std::size_t steps) {
  if (!building_) return nullptr;
  const Timeline::Names& names = timeline_.names();
  for (auto at = names.lower_bound(name_); at != names.end(); ++at) {
    if (at->first != name_) enter(at->first);
    if (steps == 0 || !read(at->second, steps)) return nullptr;
    enter(name_ + '\0');  // no name has one: the next begins here
  }
  return std::move(building_);
}

/// Whether all of it was read.
bool CatalogueBuilder::read(const Timeline::Name& from, std::size_t& steps) {
  for (; kind_ < from.kinds.size(); ++kind_, summary_.reset()) {
    const Timeline::KindStatus* status = from.kinds[kind_].get();
    if (status == nullptr || status->live == 0) continue;
    if (!summary_) summary_.emplace(name_, static_cast<model::Kind>(kind_));
    if (!summary_->go_on(*status, steps)) return false;
    query::Metric metric = summary_->finish(*status, timeline_);
    building_->series += metric.series;
    building_->metrics.push_back(std::move(metric));
  }
  steps -= std::min<std::size_t>(steps, 1);
  return true;
}

}  // namespace ingest::timeline
