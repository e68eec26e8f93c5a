#include "ingest/series/series_table.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <new>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/base/hash_seed.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ingest::series {
namespace {

using model::Kind;
using model::LocalSeries;
using model::RawKey;
using model::SeriesKey;

constexpr std::size_t kExpireVisitsMin = 256;
constexpr std::size_t kExpireAhead = 8;  // records asked for before they are looked at
constexpr unsigned kPrintBits = 32;
constexpr std::size_t kCacheLine = 64;

static_assert(sizeof(SeriesRecord) + SeriesTable::kSpellingBytesMax <= BytePool::kBlockBytesMax);
// A canonical key: a name, perhaps with a field, and tags, each part with its NUL.
static_assert(sizeof(SeriesRecord) + 2 * (model::kNameBytesMax + 1) +
                  model::kTagsMax * (model::kTagKeyBytesMax + model::kTagValueBytesMax + 2) <=
              BytePool::kBlockBytesMax);

std::uint64_t hash_part(std::string_view text, std::uint64_t before) {
  return text.empty() ? before : XXH3_64bits_withSeed(text.data(), text.size(), before);
}

/// A canonical key as a spelling: its bytes without the name are tags of style Nul.
RawKey canonical(const SeriesKey& key) {
  const std::string_view name = key.name();
  const std::string_view bytes = key.bytes();
  return {.name = name,
          .tags = bytes.substr(std::min(bytes.size(), name.size() + 1)),
          .style = model::TagStyle::Nul};
}

}  // namespace

SeriesTable::SeriesTable(const Options& options, Guards guards)
    : options_(options),
      guards_(guards),
      tag_values_(options.values_per_tag_max < options.series_per_name_max
                      ? options.values_per_tag_max
                      : 0) {
  CHECK(options.series_max > 0 && options.names_max > 0 && options.series_per_name_max > 0 &&
        options.values_per_tag_max > 0);
}

SeriesTable::~SeriesTable() = default;

// ---- blocks ----

// Blocks begin with objects that were made in place; a Text opens both kinds.
// NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast)
const SeriesRecord& SeriesTable::record(Ref ref) const {
  return *std::launder(reinterpret_cast<const SeriesRecord*>(pool_.at(ref)));
}

SeriesRecord& SeriesTable::record(Ref ref) {
  return *std::launder(reinterpret_cast<SeriesRecord*>(pool_.at(ref)));
}

Alias& SeriesTable::alias(Ref ref) {
  return *std::launder(reinterpret_cast<Alias*>(pool_.at(ref)));
}

const Text& SeriesTable::head(Ref ref) const {
  return *std::launder(reinterpret_cast<const Text*>(pool_.at(ref)));
}
// NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)

const char* SeriesTable::bytes_of(Ref ref) const {
  return pool_.at(ref) + (head(ref).is_alias != 0 ? sizeof(Alias) : sizeof(SeriesRecord));
}

bool SeriesTable::is_spelled(Ref ref, Kind kind, const RawKey& raw) const {
  return same_text(head(ref), bytes_of(ref), kind, raw);
}

SeriesKey SeriesTable::key_of(Ref ref) const {
  const Text& text = record(ref).text;
  return SeriesKey::from_raw(static_cast<Kind>(text.kind), raw_of(text, bytes_of(ref)));
}

// ---- looking up ----

std::uint64_t SeriesTable::hash_of(Kind kind, const RawKey& raw) {
  constexpr unsigned kStyleBits = 3;
  const auto what =
      static_cast<std::uint64_t>(kind) << kStyleBits | static_cast<std::uint64_t>(raw.style);
  const std::uint64_t name =
      XXH3_64bits_withSeed(raw.name.data(), raw.name.size(), hash_seed() ^ what);
  return hash_part(raw.tags, hash_part(raw.field, name));
}

BytePool::Ref SeriesTable::guess(std::uint64_t hash) const {
  const Ref ref = by_spelling_.find(hash, [](Ref) { return true; });
  if (ref == kNone) return kNone;
  const char* const block = pool_.at(ref);
  __builtin_prefetch(block, 1);
  __builtin_prefetch(block + kCacheLine);
  return ref;
}

SeriesTable::Found SeriesTable::find(Kind kind, const RawKey& raw, const Guess& guessed,
                                     WallTime now, SourceBook::Index source) {
  Ref ref = guessed.record;
  if (ref == kNone || !is_spelled(ref, kind, raw)) [[unlikely]] {
    // New, or made since the guess, or one of two whose fingerprints are alike.
    ref = by_spelling_.find(guessed.hash, [&](Ref each) { return is_spelled(each, kind, raw); });
    if (ref == kNone) return find_slow({guessed.hash, kind, &raw, source}, now);
  }
  const Text& spelled = head(ref);
  counts_.duplicate_tags += spelled.duplicates;
  if (spelled.is_alias != 0) [[unlikely]]
    ref = alias(ref).owner;
  SeriesRecord& found = record(ref);
  found.last = now;
  if (found.folded) [[unlikely]]
    tell_again(static_cast<Cap>(found.cap), raw, source);
  return {{found.index, found.generation}, names_.watched(found.name), found.folded};
}

SeriesTable::Ref SeriesTable::find_key(const SeriesKey& key) const {
  return by_key_.find(key.hash(), [&](Ref each) { return key_of(each) == key; });
}

SeriesTable::Found SeriesTable::find_slow(const Probe& probe, WallTime now) {
  ++counts_.slow_lookups;
  if (const Refusals::Refusal* const known = refusals_.find(probe.hash, now))
    return refuse_again(*known, probe, now);
  Probe counted = probe;
  const SeriesKey key = SeriesKey::from_raw(probe.kind, *probe.raw, &counted.duplicates);
  counts_.duplicate_tags += counted.duplicates;
  bool overflow = false;
  Ref ref = find_key(key);
  if (ref != kNone) {
    remember(ref, counted);
  } else {
    ref = place_for(key, counted, overflow, now);
  }
  SeriesRecord& found = record(ref);
  found.last = now;
  if (!overflow && found.folded) {
    overflow = true;
    tell_again(static_cast<Cap>(found.cap), *probe.raw, probe.source);
  }
  return {{found.index, found.generation}, names_.watched(found.name), overflow};
}

// ---- new series ----

SeriesTable::Ref SeriesTable::add(const SeriesKey& key, const Probe* probe) {
  NameBook::Index name = names_.find(key.name());
  const bool name_is_new = name == NameBook::kNone;
  // What stands for all others finds a place always: it is the last resort.
  const bool last_resort = probe == nullptr && key.name() == kOverflowName;
  const auto need = last_resort ? IndexMap::Need::Must : IndexMap::Need::May;
  if (name_is_new) name = names_.add(key.name(), need);
  if (name == NameBook::kNone) return kNone;
  const Ref ref = write_record(key, probe);
  if (!by_key_.insert(key.hash(), ref, need)) {
    if (name_is_new) names_.remove(name);
    pool_.give(ref);
    return kNone;
  }
  SeriesRecord& made = record(ref);
  made.name = name;
  made.overflow = probe == nullptr;
  made.index = take_local(ref);
  made.generation = locals_[made.index].generation;
  if (name_is_new && key.name() != kOverflowName) ++own_names_;
  ++(made.overflow ? names_.counts(name).more : names_.counts(name).own);
  if (!made.overflow) {
    ++own_series_;
    tag_values_.add(key);
  }
  if (probe != nullptr && made.text.remembered != 0) {
    made.text.remembered = by_spelling_.insert(probe->hash, ref) ? 1 : 0;
    made.spellings = made.text.remembered;
  }
  born_.push_back({{made.index, made.generation}, key});
  ++counts_.born;
  ++counts_.series;
  counts_.names = names_.size();
  counts_.spellings = by_spelling_.size();
  return ref;
}

// The record with its first spelling: the line's own bytes, or the key's when those are too long.
SeriesTable::Ref SeriesTable::write_record(const SeriesKey& key, const Probe* probe) {
  const bool as_spelled = probe != nullptr && text_bytes(*probe->raw) <= kSpellingBytesMax;
  const RawKey raw = as_spelled ? *probe->raw : canonical(key);
  const Ref ref = pool_.take(sizeof(SeriesRecord) + text_bytes(raw));
  SeriesRecord& made = *new (pool_.at(ref)) SeriesRecord;
  write_bytes(pool_.at(ref) + sizeof(SeriesRecord), raw);
  made.text = text_of(key.kind(), raw);
  made.text.remembered = as_spelled ? 1 : 0;
  made.key_print = static_cast<std::uint32_t>(key.hash() >> kPrintBits);
  if (!as_spelled) return ref;
  constexpr std::uint32_t kMax = std::numeric_limits<std::uint8_t>::max();
  made.text.duplicates = static_cast<std::uint8_t>(std::min(probe->duplicates, kMax));
  return ref;
}

std::uint32_t SeriesTable::take_local(Ref record) {
  std::uint32_t index = 0;
  if (locals_free_.empty()) {
    index = static_cast<std::uint32_t>(locals_.size());
    locals_.emplace_back();
  } else {
    index = locals_free_.back();
    locals_free_.pop_back();
  }
  locals_[index].record = record;
  return index;
}

void SeriesTable::remember(Ref owner, const Probe& probe) {
  const std::size_t bytes = text_bytes(*probe.raw);
  if (record(owner).spellings == kSpellingsMax || bytes > kSpellingBytesMax) return;
  const Ref ref = pool_.take(sizeof(Alias) + bytes);
  if (!by_spelling_.insert(probe.hash, ref)) {
    pool_.give(ref);
    return;
  }
  Alias& made = *new (pool_.at(ref)) Alias;
  write_bytes(pool_.at(ref) + sizeof(Alias), *probe.raw);
  made.text = text_of(probe.kind, *probe.raw);
  made.text.is_alias = 1;
  constexpr std::uint32_t kMax = std::numeric_limits<std::uint8_t>::max();
  made.text.duplicates = static_cast<std::uint8_t>(std::min(probe.duplicates, kMax));
  made.owner = owner;
  SeriesRecord& of = record(owner);
  made.next = std::exchange(of.aliases, ref);
  ++of.spellings;
  counts_.spellings = by_spelling_.size();
}

// ---- the end of a series ----

void SeriesTable::forget_spellings(SeriesRecord& gone, Ref ref) {
  const auto erase = [&](const Text& text, Ref from) {
    by_spelling_.erase(hash_of(static_cast<Kind>(text.kind), raw_of(text, bytes_of(from))), from);
  };
  if (gone.text.remembered != 0) erase(gone.text, ref);
  for (Ref each = gone.aliases; each != kNone;) {
    erase(alias(each).text, each);
    pool_.give(std::exchange(each, alias(each).next));
  }
  counts_.spellings = by_spelling_.size();
}

void SeriesTable::remove(std::uint32_t index) {
  refusals_.forget();
  const Ref ref = locals_[index].record;
  SeriesRecord& gone = record(ref);
  forget_spellings(gone, ref);
  by_key_.erase(std::uint64_t{gone.key_print} << kPrintBits, ref);
  NameBook::Counts& siblings = names_.counts(gone.name);
  --(gone.overflow ? siblings.more : siblings.own);
  if (!gone.overflow) {
    --own_series_;
    if (tag_values_.counts()) tag_values_.remove(key_of(ref));
  }
  if (siblings.own + siblings.more == 0) {
    if (names_.text(gone.name) != kOverflowName) --own_names_;
    names_.remove(gone.name);
  }
  for (Ref& last : last_resort_) {
    if (last == ref) last = kNone;
  }
  pool_.give(ref);
  locals_[index].record = kNone;
  ++locals_[index].generation;
  locals_free_.push_back(index);
  ++counts_.expired;
  --counts_.series;
  counts_.names = names_.size();
}

void SeriesTable::take_born(std::vector<model::SeriesBorn>& born) {
  if (born.empty()) {
    born.swap(born_);  // its memory serves those to come
    return;
  }
  std::move(born_.begin(), born_.end(), std::back_inserter(born));
  born_.clear();
}

void SeriesTable::begin_share() {
  const std::size_t share = std::max(kExpireVisitsMin, locals_.size() / kExpireRounds + 1);
  expire_left_ = std::min(share, locals_.size());
}

void SeriesTable::expire(WallTime now, const std::function<bool(LocalSeries)>& busy,
                         std::vector<LocalSeries>& expired) {
  begin_share();
  expire_some(now, busy, expire_left_, expired);
}

bool SeriesTable::expire_some(WallTime now, const std::function<bool(LocalSeries)>& busy,
                              std::size_t visits, std::vector<LocalSeries>& expired) {
  CHECK(born_.empty());
  for (; visits > 0 && expire_left_ > 0; --visits, --expire_left_) {
    if (expire_next_ >= locals_.size()) expire_next_ = 0;
    const auto index = static_cast<std::uint32_t>(expire_next_++);
    const std::size_t ahead = index + kExpireAhead;
    if (ahead < locals_.size() && locals_[ahead].record != kNone) {
      __builtin_prefetch(pool_.at(locals_[ahead].record));
    }
    const Ref ref = locals_[index].record;
    if (ref == kNone) continue;
    SeriesRecord& each = record(ref);
    const LocalSeries local{index, locals_[index].generation};
    if (now - each.last < options_.series_ttl || busy(local)) {
      if (each.folded) [[unlikely]]
        ask_again(each, ref, now);
      continue;
    }
    remove(index);
    expired.push_back(local);
  }
  return expire_left_ > 0;
}

std::size_t SeriesTable::held_bytes() const {
  return pool_.held_bytes() + names_.held_bytes() + by_spelling_.held_bytes() +
         by_key_.held_bytes() + refusals_.held_bytes() + locals_.size() * sizeof(Local) +
         locals_free_.capacity() * sizeof(std::uint32_t);
}

}  // namespace ingest::series
