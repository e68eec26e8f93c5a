#include "ingest/timeline/catalogue_builder.h"

#include <algorithm>

namespace ingest::timeline {
namespace {

// The kCatalogueValuesMax values with the most series.
query::TagKey tag_key(const std::string& key,
                      const std::map<std::string, std::uint64_t, std::less<>>& values) {
  query::TagKey tag{key, {}};
  tag.values.reserve(values.size());
  for (const auto& [value, series] : values)
    tag.values.push_back({value, series});
  const auto before = [](const query::TagValue& a, const query::TagValue& b) {
    return a.series != b.series ? a.series > b.series : a.value < b.value;
  };
  const std::size_t kept = std::min(tag.values.size(), query::kCatalogueValuesMax);
  std::ranges::partial_sort(tag.values, tag.values.begin() + static_cast<std::ptrdiff_t>(kept),
                            before);
  tag.values.resize(kept);
  return tag;
}

}  // namespace

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
    query::Metric metric;
    metric.name = name;
    metric.kind = static_cast<model::Kind>(kind);
    metric.series = status->live;
    metric.last_seen = std::min(timeline_.grid().end(status->newest), timeline_.finished());
    for (const auto& [key, values] : status->tags) {
      metric.tags.push_back(tag_key(key, values));
      steps += values.size();
    }
    building_->series += metric.series;
    building_->metrics.push_back(std::move(metric));
  }
  return steps;
}

}  // namespace ingest::timeline
