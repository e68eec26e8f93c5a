#include "ingest/series/tag_values.h"

#include <string_view>

#include "ingest/base/hash_seed.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ingest::series {
namespace {

std::uint64_t hash_of(std::string_view text, std::uint64_t before) {
  return XXH3_64bits_withSeed(text.data(), text.size(), before);
}

std::uint64_t hash_of_name(const model::SeriesKey& key) {
  return hash_of(key.name(), hash_seed() ^ static_cast<std::uint64_t>(key.kind()));
}

}  // namespace

bool TagValues::fits(const model::SeriesKey& key) const {
  if (values_max_ == 0) return true;
  const std::uint64_t of_name = hash_of_name(key);
  for (const model::TagView& tag : key.tags()) {
    const std::uint64_t of_tag = hash_of(tag.key, of_name);
    const auto values = values_of_.find(of_tag);
    if (values == values_of_.end() || values->second < values_max_) continue;
    if (!series_of_.contains(hash_of(tag.value, of_tag))) return false;
  }
  return true;
}

void TagValues::add(const model::SeriesKey& key) {
  if (values_max_ == 0) return;
  const std::uint64_t of_name = hash_of_name(key);
  for (const model::TagView& tag : key.tags()) {
    const std::uint64_t of_tag = hash_of(tag.key, of_name);
    if (++series_of_[hash_of(tag.value, of_tag)] == 1) ++values_of_[of_tag];
  }
}

void TagValues::remove(const model::SeriesKey& key) {
  if (values_max_ == 0) return;
  const std::uint64_t of_name = hash_of_name(key);
  for (const model::TagView& tag : key.tags()) {
    const std::uint64_t of_tag = hash_of(tag.key, of_name);
    const auto series = series_of_.find(hash_of(tag.value, of_tag));
    if (series == series_of_.end() || --series->second > 0) continue;
    series_of_.erase(series);
    const auto values = values_of_.find(of_tag);
    if (values != values_of_.end() && --values->second == 0) values_of_.erase(values);
  }
}

}  // namespace ingest::series
