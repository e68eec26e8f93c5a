#pragma once
// SeriesTable: raw name and tags of a line -> this worker's series. A line seen before costs one
// hash and one compare: no sorting, no allocation. It must not know panes, sockets or the hub.
// Owned by one worker, its thread only.
//
//   raw bytes --hash--> spelling --> series      at most kSpellingsMax of a series are remembered
//   canonical key ----> series                   the slow path: a new series, a fifth spelling, an
//   overflow
//
// Caps: past series_max or series_per_name_max a sample belongs to the series of the same kind and
// name tagged weir_overflow=true, past names_max to weir.overflow of its kind. These come on top of
// the caps: at most 4 a name.

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/handover.h"
#include "ingest/model/sample.h"
#include "ingest/model/series_key.h"

namespace ingest::series {

constexpr std::string_view kOverflowTag = "weir_overflow";  // ="true"
constexpr std::string_view kOverflowName = "weir.overflow";

class SeriesTable {
 public:
  static constexpr std::size_t kSpellingsMax = 4;
  static constexpr std::size_t kSpellingBytesMax = 4096;  // a longer one is not remembered

  struct Options {
    std::size_t series_max = 200'000;
    std::size_t names_max = 10'000;
    std::size_t series_per_name_max = 100'000;
    Millis series_ttl{600'000};  // idle for so long: expired
  };
  /// Plain words, to be published whole.
  struct Counts {
    std::uint64_t series = 0;  // live, overflow series among them
    std::uint64_t names = 0;
    std::uint64_t spellings = 0;
    std::uint64_t born = 0;            // in all
    std::uint64_t expired = 0;         // in all
    std::uint64_t slow_lookups = 0;    // samples whose raw bytes were not remembered
    std::uint64_t duplicate_tags = 0;  // tags that a later one of the same key replaced
  };
  struct Found {
    model::LocalSeries series;
    bool watched = false;
    bool overflow = false;  // the sample went past a cap
  };

  explicit SeriesTable(const Options& options);
  SeriesTable(const SeriesTable&) = delete;
  SeriesTable& operator=(const SeriesTable&) = delete;
  ~SeriesTable();

  static std::uint64_t hash_of(model::Kind kind, const model::RawKey& raw);
  /// Asks for the memory that find() with this hash will touch.
  void prefetch(std::uint64_t hash) const;
  /// The series of these bytes, made when it is new. `hash` is hash_of(kind, raw); `now` never goes
  /// back.
  Found find(model::Kind kind, const model::RawKey& raw, std::uint64_t hash, WallTime now);

  /// Which names are watched from now on.
  void watch(const model::WatchList& list);
  bool watched(model::LocalSeries series) const {
    return names_watched_[seen_[series.index].name] != 0;
  }

  /// Appends the series made since the last call, in order.
  void take_born(std::vector<model::SeriesBorn>& born);
  /// Looks at a share of the table, so that all of it is seen in kExpireRounds calls; forgets and
  /// appends the series that have been idle for series_ttl and are not `busy`. After take_born():
  /// nobody waits to be told of them.
  void expire(WallTime now, const std::function<bool(model::LocalSeries)>& busy,
              std::vector<model::LocalSeries>& expired);
  static constexpr std::size_t kExpireRounds = 40;

  /// `series` is live.
  const model::SeriesKey& key(model::LocalSeries series) const { return series_[series.index].key; }
  const Counts& counts() const { return counts_; }

 private:
  using Index = std::uint32_t;
  static constexpr Index kNone = ~Index{0};

  /// Raw bytes of a line that lead to a series.
  struct Spelling {
    std::uint64_t hash = 0;
    std::string bytes;  // name, field, tags
    std::uint32_t name_bytes = 0;
    std::uint32_t field_bytes = 0;
    Index series = kNone;
    model::Kind kind = model::Kind::Counter;
    model::TagStyle style = model::TagStyle::Colon;
    std::uint8_t duplicates = 0;
  };
  struct Probe {
    std::uint64_t hash = 0;
    model::Kind kind = model::Kind::Counter;
    const model::RawKey* raw = nullptr;
  };
  struct SpellingHash {
    using is_transparent = void;
    const std::deque<Spelling>* spellings;
    std::size_t operator()(Index index) const { return (*spellings)[index].hash; }
    std::size_t operator()(const Probe& probe) const { return probe.hash; }
  };
  struct SpellingEqual {
    using is_transparent = void;
    const std::deque<Spelling>* spellings;
    bool operator()(Index a, Index b) const { return a == b; }
    bool operator()(Index index, const Probe& probe) const;
    bool operator()(const Probe& probe, Index index) const { return (*this)(index, probe); }
  };

  struct Series {
    model::SeriesKey key;
    std::array<Index, kSpellingsMax> spellings{};
    std::uint8_t spelling_count = 0;
    bool in_use = false;
    bool overflow = false;  // stands for others, on top of the caps
  };
  struct KeyHash {
    using is_transparent = void;
    const std::deque<Series>* series;
    std::size_t operator()(Index index) const { return (*series)[index].key.hash(); }
    std::size_t operator()(const model::SeriesKey& key) const { return key.hash(); }
  };
  struct KeyEqual {
    using is_transparent = void;
    const std::deque<Series>* series;
    bool operator()(Index a, Index b) const { return a == b; }
    bool operator()(Index index, const model::SeriesKey& key) const {
      return (*series)[index].key == key;
    }
    bool operator()(const model::SeriesKey& key, Index index) const { return (*this)(index, key); }
  };
  /// What each sample touches of its series, apart from the rest.
  struct Seen {
    WallTime last;
    std::uint32_t generation = 0;
    Index name = 0;
  };
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>{}(name);
    }
  };
  struct Name {
    std::size_t own = 0;   // series under the caps
    std::size_t more = 0;  // overflow series
  };

  Found find_slow(model::Kind kind, const model::RawKey& raw, std::uint64_t hash, WallTime now);
  /// The series a new key may have: its own, or the one it folds into.
  Index place_for(model::SeriesKey key, bool& overflow);
  Index add(model::SeriesKey key, bool overflow);
  void remember(Index series, const Probe& probe, std::uint32_t duplicates);
  void remove(Index index);
  void remove_spelling(Index spelling);
  bool matches_watched(std::string_view name) const;

  Options options_;
  Counts counts_;
  std::deque<Spelling> spellings_;
  std::vector<Index> spellings_free_;
  absl::flat_hash_set<Index, SpellingHash, SpellingEqual> by_spelling_;
  std::deque<Series> series_;
  std::vector<Seen> seen_;  // as series_
  std::vector<Index> series_free_;
  absl::flat_hash_set<Index, KeyHash, KeyEqual> by_key_;
  std::size_t own_series_ = 0;  // under the caps
  absl::flat_hash_map<std::string, Index, NameHash, std::equal_to<>> name_of_;
  std::vector<Name> names_;
  std::vector<std::uint8_t> names_watched_;  // as names_
  std::vector<Index> names_free_;
  std::size_t own_names_ = 0;  // all but kOverflowName
  absl::flat_hash_set<std::string, NameHash, std::equal_to<>> watched_names_;
  std::vector<std::string> watched_globs_;
  std::vector<Index> born_;
  std::size_t expire_next_ = 0;
};

}  // namespace ingest::series
