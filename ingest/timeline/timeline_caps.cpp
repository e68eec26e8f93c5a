// What a new series folds into past a cap of all workers together, and which cap that is.

#include <algorithm>

#include "ingest/timeline/timeline.h"

namespace ingest::timeline {
namespace {

constexpr std::string_view kOverflowTag = "weir_overflow";
constexpr std::string_view kOverflowName = "weir.overflow";

}  // namespace

// Past a cap. There are at most four overflow series for each name, on top of the caps.
std::optional<Timeline::Overflow> Timeline::overflow_of(const model::SeriesKey& key) const {
  const std::optional<model::Cap> cap = cap_for(key);
  if (!cap) return std::nullopt;
  Overflow overflow{
      .into = *cap == model::Cap::Names
                  ? model::SeriesKey{key.kind(), kOverflowName, {}}
                  : model::SeriesKey{key.kind(), key.name(), {{kOverflowTag, "true"}}},
      .cap = *cap};
  // A worker's own overflow series.
  const bool last_resort = key.name() == kOverflowName && key.tags().empty();
  if (last_resort || overflow.into == key) return std::nullopt;
  return overflow;
}

std::optional<model::Cap> Timeline::cap_for(const model::SeriesKey& key) const {
  const auto name = names_.find(key.name());
  const std::uint64_t siblings = name == names_.end() ? 0 : name->second.live();
  if (siblings == 0 && live_names_ >= options_.names_max) return model::Cap::Names;
  if (siblings > 0 && siblings >= options_.series_per_name_max) return model::Cap::SeriesPerName;
  if (siblings > 0 && !values_fit(name->second, key)) return model::Cap::ValuesPerTag;
  if (live_ >= options_.series_max) return model::Cap::Series;
  if (retention_.exhausted()) return model::Cap::Memory;
  return std::nullopt;
}

bool Timeline::values_fit(const Name& name, const model::SeriesKey& key) const {
  const auto& status = name.kinds[static_cast<std::size_t>(key.kind())];
  if (status == nullptr) return true;
  const std::vector<model::TagView> tags = key.tags();
  return std::none_of(tags.begin(), tags.end(), [&](const model::TagView& tag) {
    const auto held = status->tags.find(tag.key);
    return held != status->tags.end() && held->second.size() >= options_.values_per_tag_max &&
           !held->second.contains(tag.value);
  });
}

}  // namespace ingest::timeline
