// What a new series folds into past a cap of all workers together, and which cap that is.

#include <algorithm>

#include "ingest/timeline/timeline.h"

namespace ingest::timeline {
namespace {

constexpr std::string_view kOverflowTag = "weir_overflow";
constexpr std::string_view kOverflowName = "weir.overflow";

/// At most four of each name, on top of the caps.
bool stands_for_others(const model::SeriesKey& key) {
  const std::vector<model::TagView> tags = key.tags();
  if (tags.empty()) return key.name() == kOverflowName;
  return tags.size() == 1 && tags[0].key == kOverflowTag && tags[0].value == "true";
}

}  // namespace

std::optional<Timeline::Overflow> Timeline::overflow_of(const model::SeriesKey& key,
                                                        Names::const_iterator at) const {
  const std::optional<model::Cap> cap = cap_for(key, at);
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

// Before its kind counts it.
void Timeline::count_under_caps(Name& name, const model::SeriesKey& key, int by) {
  const auto step = static_cast<std::uint64_t>(static_cast<std::int64_t>(by));  // wraps for -1
  const bool others = name.live() > (by < 0 ? 1U : 0U);
  if (!others && key.name() != kOverflowName) own_names_ += step;
  if (stands_for_others(key)) return;
  name.own += step;
  own_ += step;
}

// `name` is the first that is not before the key's.
std::optional<model::Cap> Timeline::cap_for(const model::SeriesKey& key,
                                            Names::const_iterator name) const {
  const bool known = name != names_.end() && name->first == key.name();
  const bool name_lives = known && name->second.live() > 0;
  if (!name_lives && own_names_ >= options_.names_max) return model::Cap::Names;
  if (name_lives && name->second.own >= options_.series_per_name_max)
    return model::Cap::SeriesPerName;
  if (name_lives && !values_fit(name->second, key)) return model::Cap::ValuesPerTag;
  if (own_ >= options_.series_max) return model::Cap::Series;
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
