#include "ingest/series/series_table.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/model/glob.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ingest::series {
namespace {

using model::Kind;
using model::LocalSeries;
using model::RawKey;
using model::SeriesKey;

constexpr std::size_t kExpireVisitsMin = 256;

std::size_t spelling_bytes(const RawKey& raw) {
  return raw.name.size() + raw.field.size() + raw.tags.size();
}

bool same_bytes(const char* held, std::string_view text) {
  return text.empty() || std::memcmp(held, text.data(), text.size()) == 0;
}

std::uint64_t hash_part(std::string_view text, std::uint64_t before) {
  return text.empty() ? before : XXH3_64bits_withSeed(text.data(), text.size(), before);
}

}  // namespace

bool SeriesTable::SpellingEqual::operator()(Index index, const Probe& probe) const {
  const Spelling& held = (*spellings)[index];
  const RawKey& raw = *probe.raw;
  if (held.hash != probe.hash || held.name_bytes != raw.name.size() ||
      held.field_bytes != raw.field.size() || held.bytes.size() != spelling_bytes(raw) ||
      held.kind != probe.kind || held.style != raw.style) {
    return false;
  }
  const char* const bytes = held.bytes.data();
  const std::size_t before_tags = raw.name.size() + raw.field.size();
  return same_bytes(bytes, raw.name) && same_bytes(bytes + raw.name.size(), raw.field) &&
         same_bytes(bytes + before_tags, raw.tags);
}

SeriesTable::SeriesTable(const Options& options)
    : options_(options),
      by_spelling_(0, SpellingHash{&spellings_}, SpellingEqual{&spellings_}),
      by_key_(0, KeyHash{&series_}, KeyEqual{&series_}) {
  CHECK(options.series_max > 0 && options.names_max > 0 && options.series_per_name_max > 0);
}

SeriesTable::~SeriesTable() = default;

std::uint64_t SeriesTable::hash_of(Kind kind, const RawKey& raw) {
  constexpr unsigned kStyleBits = 3;
  const auto seed =
      static_cast<std::uint64_t>(kind) << kStyleBits | static_cast<std::uint64_t>(raw.style);
  const std::uint64_t name = XXH3_64bits_withSeed(raw.name.data(), raw.name.size(), seed);
  return hash_part(raw.tags, hash_part(raw.field, name));
}

void SeriesTable::prefetch(std::uint64_t hash) const {
  by_spelling_.prefetch(Probe{.hash = hash});
}

SeriesTable::Found SeriesTable::find(Kind kind, const RawKey& raw, std::uint64_t hash,
                                     WallTime now) {
  const auto held = by_spelling_.find(Probe{hash, kind, &raw});
  if (held == by_spelling_.end()) [[unlikely]]
    return find_slow(kind, raw, hash, now);
  const Spelling& spelling = spellings_[*held];
  counts_.duplicate_tags += spelling.duplicates;
  Seen& seen = seen_[spelling.series];
  seen.last = now;
  return {{spelling.series, seen.generation}, names_watched_[seen.name] != 0, false};
}

SeriesTable::Found SeriesTable::find_slow(Kind kind, const RawKey& raw, std::uint64_t hash,
                                          WallTime now) {
  ++counts_.slow_lookups;
  std::uint32_t duplicates = 0;
  SeriesKey key = SeriesKey::from_raw(kind, raw, &duplicates);
  counts_.duplicate_tags += duplicates;
  bool overflow = false;
  const auto held = by_key_.find(key);
  const Index index = held != by_key_.end() ? *held : place_for(std::move(key), overflow);
  Seen& seen = seen_[index];
  seen.last = now;
  if (!overflow) remember(index, {hash, kind, &raw}, duplicates);
  return {{index, seen.generation}, names_watched_[seen.name] != 0, overflow};
}

SeriesTable::Index SeriesTable::place_for(SeriesKey key, bool& overflow) {
  const auto name = name_of_.find(key.name());
  const bool name_is_new =
      name == name_of_.end() || names_[name->second].own + names_[name->second].more == 0;
  SeriesKey instead;
  if (name_is_new && own_names_ >= options_.names_max) {
    instead = SeriesKey{key.kind(), kOverflowName, {}};
  } else if (own_series_ >= options_.series_max ||
             (!name_is_new && names_[name->second].own >= options_.series_per_name_max)) {
    instead = SeriesKey{key.kind(), key.name(), {{kOverflowTag, "true"}}};
  } else {
    return add(std::move(key), false);
  }
  overflow = true;
  const auto held = by_key_.find(instead);
  return held != by_key_.end() ? *held : add(std::move(instead), true);
}

SeriesTable::Index SeriesTable::add(SeriesKey key, bool overflow) {
  Index index = 0;
  if (series_free_.empty()) {
    index = static_cast<Index>(series_.size());
    series_.emplace_back();
    seen_.emplace_back();
  } else {
    index = series_free_.back();
    series_free_.pop_back();
  }
  const auto [name, is_new] = name_of_.try_emplace(std::string{key.name()}, 0);
  if (is_new) {
    if (names_free_.empty()) {
      name->second = static_cast<Index>(names_.size());
      names_.emplace_back();
      names_watched_.push_back(0);
    } else {
      name->second = names_free_.back();
      names_free_.pop_back();
    }
    names_watched_[name->second] = matches_watched(name->first) ? 1 : 0;
    if (name->first != kOverflowName) ++own_names_;
  }
  Series& series = series_[index];
  series.key = std::move(key);
  series.spelling_count = 0;
  series.in_use = true;
  series.overflow = overflow;
  seen_[index].name = name->second;
  ++(overflow ? names_[name->second].more : names_[name->second].own);
  if (!overflow) ++own_series_;
  by_key_.insert(index);
  born_.push_back(index);
  ++counts_.born;
  ++counts_.series;
  counts_.names = name_of_.size();
  return index;
}

void SeriesTable::remember(Index series, const Probe& probe, std::uint32_t duplicates) {
  Series& owner = series_[series];
  const RawKey& raw = *probe.raw;
  if (owner.spelling_count == kSpellingsMax || spelling_bytes(raw) > kSpellingBytesMax) return;
  Index index = 0;
  if (spellings_free_.empty()) {
    index = static_cast<Index>(spellings_.size());
    spellings_.emplace_back();
  } else {
    index = spellings_free_.back();
    spellings_free_.pop_back();
  }
  Spelling& spelling = spellings_[index];
  spelling.hash = probe.hash;
  spelling.bytes.reserve(spelling_bytes(raw));
  spelling.bytes.assign(raw.name).append(raw.field).append(raw.tags);
  spelling.name_bytes = static_cast<std::uint32_t>(raw.name.size());
  spelling.field_bytes = static_cast<std::uint32_t>(raw.field.size());
  spelling.series = series;
  spelling.kind = probe.kind;
  spelling.style = raw.style;
  constexpr std::uint32_t kMax = std::numeric_limits<std::uint8_t>::max();
  spelling.duplicates = static_cast<std::uint8_t>(std::min(duplicates, kMax));
  by_spelling_.insert(index);
  owner.spellings[owner.spelling_count++] = index;
  counts_.spellings = by_spelling_.size();
}

void SeriesTable::remove_spelling(Index spelling) {
  by_spelling_.erase(spelling);
  spellings_[spelling] = Spelling{};
  spellings_free_.push_back(spelling);
  counts_.spellings = by_spelling_.size();
}

void SeriesTable::remove(Index index) {
  Series& series = series_[index];
  for (std::size_t i = 0; i < series.spelling_count; ++i)
    remove_spelling(series.spellings[i]);
  by_key_.erase(index);
  const auto name = name_of_.find(series.key.name());
  Name& siblings = names_[name->second];
  --(series.overflow ? siblings.more : siblings.own);
  if (!series.overflow) --own_series_;
  if (siblings.own + siblings.more == 0) {
    if (name->first != kOverflowName) --own_names_;
    names_free_.push_back(name->second);
    name_of_.erase(name);
  }
  series = Series{};
  ++seen_[index].generation;
  series_free_.push_back(index);
  ++counts_.expired;
  --counts_.series;
  counts_.names = name_of_.size();
}

void SeriesTable::take_born(std::vector<model::SeriesBorn>& born) {
  for (const Index index : born_)
    born.push_back({{index, seen_[index].generation}, series_[index].key});
  born_.clear();
}

void SeriesTable::expire(WallTime now, const std::function<bool(LocalSeries)>& busy,
                         std::vector<LocalSeries>& expired) {
  CHECK(born_.empty());
  const std::size_t share = std::max(kExpireVisitsMin, series_.size() / kExpireRounds + 1);
  for (std::size_t visits = std::min(share, series_.size()); visits > 0; --visits) {
    if (expire_next_ >= series_.size()) expire_next_ = 0;
    const auto index = static_cast<Index>(expire_next_++);
    const LocalSeries local{index, seen_[index].generation};
    if (!series_[index].in_use || now - seen_[index].last < options_.series_ttl || busy(local))
      continue;
    remove(index);
    expired.push_back(local);
  }
}

void SeriesTable::watch(const model::WatchList& list) {
  watched_names_.clear();
  watched_globs_.clear();
  for (const std::string& each : list.globs) {
    if (model::is_glob(each)) {
      watched_globs_.push_back(each);
    } else {
      watched_names_.insert(each);
    }
  }
  for (const auto& [name, index] : name_of_)
    names_watched_[index] = matches_watched(name) ? 1 : 0;
}

bool SeriesTable::matches_watched(std::string_view name) const {
  return watched_names_.contains(name) ||
         std::any_of(watched_globs_.begin(), watched_globs_.end(),
                     [&](const std::string& glob) { return model::glob_matches(glob, name); });
}

}  // namespace ingest::series
