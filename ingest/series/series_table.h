#pragma once
// SeriesTable: raw name and tags of a line -> this worker's series. A line seen before costs one
// hash and one compare: no sorting, no allocation. It must not know panes, sockets or the hub.
// Owned by one worker, its thread only.
//
//   raw bytes --hash--> spelling --> series      at most kSpellingsMax of a series are remembered
//   canonical key ----> series                   the slow path: a new series, a fifth spelling, an
//   overflow
//
// Caps: past series_max, series_per_name_max or values_per_tag_max, and of a source that begins too
// many, a sample belongs to the series of the same kind and name tagged weir_overflow=true, past
// names_max to weir.overflow of its kind; so does one of a name that is new from a source that
// begins too many, or it would fill the names. These come on top of the caps: at most 4 a name.
// The hub holds the same caps over all workers: what it folds keeps its series here, marked, and is
// announced to it again after kAskAgain, as there may be room by then.
//
// A series costs its record (40 bytes and the bytes of its first spelling, see spelling.h), 8 bytes
// of its local id, and a slot of some 20 bytes in each of two maps. Its canonical key is made of
// its first spelling when it is asked for.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/handover.h"
#include "ingest/model/sample.h"
#include "ingest/model/series_key.h"
#include "ingest/series/byte_pool.h"
#include "ingest/series/index_map.h"
#include "ingest/series/name_book.h"
#include "ingest/series/offenders.h"
#include "ingest/series/refusals.h"
#include "ingest/series/source_book.h"
#include "ingest/series/spelling.h"
#include "ingest/series/tag_values.h"

namespace ingest::series {

constexpr std::string_view kOverflowTag = "weir_overflow";  // ="true"
constexpr std::string_view kOverflowName = "weir.overflow";

class SeriesTable {
 public:
  static constexpr std::size_t kSpellingsMax = 4;
  static constexpr std::size_t kSpellingBytesMax = 4096;  // a longer one is not remembered
  static constexpr std::size_t kNamesASlice = 512;
  static constexpr std::chrono::seconds kAskAgain{60};
  static constexpr std::size_t kAskedASlice = 256;  // others wait for the next round

  struct Options {
    std::size_t series_max = 200'000;
    std::size_t names_max = 10'000;
    std::size_t series_per_name_max = 100'000;
    /// Different values of one tag, of the series of one kind and name. Where series_per_name_max
    /// comes first it is never reached, and costs nothing.
    std::size_t values_per_tag_max = 100'000;
    Millis series_ttl{600'000};  // idle for so long: expired
  };
  /// Who is asked and told of new series; they outlive the table. Null: nobody.
  struct Guards {
    SourceBook* sources = nullptr;
    Offenders* offenders = nullptr;
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

  explicit SeriesTable(const Options& options) : SeriesTable(options, {}) {}
  SeriesTable(const Options& options, Guards guards);
  SeriesTable(const SeriesTable&) = delete;
  SeriesTable& operator=(const SeriesTable&) = delete;
  ~SeriesTable();

  static std::uint64_t hash_of(model::Kind kind, const model::RawKey& raw);
  /// The series of these bytes, made when it is new. `hash` is hash_of(kind, raw); `now` never goes
  /// back; `source` is who sent them.
  Found find(model::Kind kind, const model::RawKey& raw, std::uint64_t hash, WallTime now,
             SourceBook::Index source = SourceBook::kFeedItself) {
    return find(kind, raw, {hash, guess(hash)}, now, source);
  }
  /// The same in three steps, so that memory can be asked for in between: first prefetch(), a
  /// little later guess() says which record it is unless two hashes are alike, and asks for that.
  struct Guess {
    std::uint64_t hash = 0;
    BytePool::Ref record = BytePool::kNone;
  };
  void prefetch(std::uint64_t hash) const { by_spelling_.prefetch(hash); }
  BytePool::Ref guess(std::uint64_t hash) const;
  Found find(model::Kind kind, const model::RawKey& raw, const Guess& guessed, WallTime now,
             SourceBook::Index source);

  /// Which names are watched from now on. watch() compares all names that are here;
  /// begin_watch() and watch_some() in slices, new names follow the list at once.
  void watch(const model::WatchList& list) {
    begin_watch(list);
    while (watch_some(kNamesASlice)) {
    }
  }
  void begin_watch(const model::WatchList& list) { names_.watch(list); }
  /// Compares up to `names_max` further names with the newest list. Whether there are more.
  bool watch_some(std::size_t names_max) { return names_.watch_some(names_max); }
  bool watched(model::LocalSeries series) const {
    return names_.watched(record(locals_[series.index].record).name);
  }

  /// Appends the series made since the last call, in order.
  void take_born(std::vector<model::SeriesBorn>& born);
  std::size_t born_waiting() const { return born_.size(); }

  /// The hub counts that series in an overflow series: its next samples are told as such, until it
  /// is born again. One that has gone meanwhile is nobody.
  void folded(const model::SeriesFolded& told, WallTime now);

  /// Expiry looks at a share of the table, so that all of it is seen in kExpireRounds shares;
  /// forgets and appends the series that have been idle for series_ttl and are not `busy`. After
  /// take_born(): nobody waits to be told of them. What the hub folded kAskAgain ago is born again.
  /// expire() takes one share whole; begin_share() and expire_some() take it in slices.
  void expire(WallTime now, const std::function<bool(model::LocalSeries)>& busy,
              std::vector<model::LocalSeries>& expired);
  void begin_share();
  /// Looks at up to `visits` series. Whether the share has more.
  bool expire_some(WallTime now, const std::function<bool(model::LocalSeries)>& busy,
                   std::size_t visits, std::vector<model::LocalSeries>& expired);
  static constexpr std::size_t kExpireRounds = 40;

  /// `series` is live.
  model::SeriesKey key(model::LocalSeries series) const {
    return key_of(locals_[series.index].record);
  }
  const Counts& counts() const { return counts_; }
  /// Memory held for records, maps and names.
  std::size_t held_bytes() const;

 private:
  using Ref = BytePool::Ref;
  static constexpr Ref kNone = BytePool::kNone;

  /// What a local id stands for.
  struct Local {
    Ref record = kNone;  // kNone: free
    std::uint32_t generation = 0;
  };
  struct Probe {
    std::uint64_t hash = 0;
    model::Kind kind = model::Kind::Counter;
    const model::RawKey* raw = nullptr;
    SourceBook::Index source = SourceBook::kFeedItself;
    std::uint32_t duplicates = 0;
  };

  const SeriesRecord& record(Ref ref) const;
  SeriesRecord& record(Ref ref);
  Alias& alias(Ref ref);
  /// Of either.
  const Text& head(Ref ref) const;
  /// The bytes of either, behind its head.
  const char* bytes_of(Ref ref) const;
  model::SeriesKey key_of(Ref ref) const;
  bool is_spelled(Ref ref, model::Kind kind, const model::RawKey& raw) const;
  Ref find_key(const model::SeriesKey& key) const;

  Found find_slow(const Probe& probe, WallTime now);
  /// The series a new key may have: its own, or the one it folds into.
  Ref place_for(const model::SeriesKey& key, const Probe& probe, bool& overflow, WallTime now);
  Found refuse_again(const Refusals::Refusal& refusal, const Probe& probe, WallTime now);
  void tell_again(Cap cap, const model::RawKey& raw, SourceBook::Index source);
  std::optional<Cap> cap_for(const model::SeriesKey& key, SourceBook::Index source);
  Ref overflow_for(const model::SeriesKey& key, Cap cap);
  void ask_again(SeriesRecord& folded, Ref ref, WallTime now);
  /// Null probe: an overflow series. kNone when a map can take no more.
  Ref add(const model::SeriesKey& key, const Probe* probe);
  Ref write_record(const model::SeriesKey& key, const Probe* probe);
  std::uint32_t take_local(Ref record);
  void remember(Ref owner, const Probe& probe);
  void forget_spellings(SeriesRecord& gone, Ref ref);
  void remove(std::uint32_t index);

  Options options_;
  Guards guards_;
  Counts counts_;
  TagValues tag_values_;
  BytePool pool_;
  NameBook names_{pool_};
  IndexMap by_spelling_;
  IndexMap by_key_;
  std::deque<Local> locals_;
  std::vector<std::uint32_t> locals_free_;
  std::size_t own_series_ = 0;                                  // under the caps
  std::size_t own_names_ = 0;                                   // all but kOverflowName
  std::array<Ref, 4> last_resort_{kNone, kNone, kNone, kNone};  // kOverflowName's series, by kind
  Refusals refusals_;
  std::string name_text_;  // scratch
  std::vector<model::SeriesBorn> born_;
  std::size_t expire_next_ = 0;
  std::size_t expire_left_ = 0;  // of this share
};

}  // namespace ingest::series
