#pragma once
// Timeline: every series the hub knows and its panes, merged from all workers. It decides what is
// late, keeps panes for the retention, lets idle series expire and forgets them when their last
// pane left. Pure: finish() says how far time has come. Owned by the hub, on its thread. It must
// not know who asked for what: an observer (the streams) is told what happens to series.
//
//   born -> live --idle for series_ttl--> expired --its last pane goes--> past --its last roll-up
//             ^                              |                             |    goes--> forgotten
//             '--------a new partial---------'-----------------------------'
//
// The observer is told of `past` as of the end: only history looks further back.
//
// Caps: past series_max, series_per_name_max, values_per_tag_max or names_max (of live ones) a
// series folds into the one of the same name tagged weir_overflow=true, or into weir.overflow when
// there are too many names; counted, totals kept. Those come on top of the caps, at most four of a
// name. Of series that are not live at most series_max are remembered. Past memory_max detail is
// kept for a shorter time, then new series overflow.

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/model/cap.h"
#include "ingest/model/handover.h"
#include "ingest/timeline/chunked_array.h"
#include "ingest/timeline/pane_store.h"
#include "ingest/timeline/retention.h"
#include "ingest/timeline/series_panes.h"

namespace ingest::timeline {

/// The hub's name for a series. The generation makes a reused index another series.
struct SeriesId {
  SeriesIndex index = 0;
  std::uint32_t generation = 0;
  bool operator==(const SeriesId&) const = default;
};

/// Told of each change as it happens.
class SeriesObserver {
 public:
  SeriesObserver() = default;
  SeriesObserver(const SeriesObserver&) = delete;
  SeriesObserver& operator=(const SeriesObserver&) = delete;
  virtual ~SeriesObserver() = default;
  virtual void added(SeriesIndex series) = 0;
  virtual void expired(SeriesIndex series) = 0;
  virtual void revived(SeriesIndex series) = 0;
  /// It is past: what its panes said is gone, and its index may become free. When something comes
  /// for it again, it is added() anew.
  virtual void forgotten(SeriesIndex series) = 0;
  /// Before `change` is merged into the pane.
  virtual void changed(SeriesIndex series, PaneNumber pane, const model::Partial& change) = 0;
};

class Timeline {
 public:
  struct Options {
    Millis pane{1'000};
    Millis allowed_lateness{2'000};
    Millis retention{600'000};  // of panes in memory; of a pane of 10 s or more, as its roll-up's
    Millis retention_ten{7'200'000};     // of 10 s roll-ups; 0: none are made
    Millis retention_sixty{86'400'000};  // of 60 s roll-ups; 0: none are made
    /// Of panes, however short memory or `retention` is: what nobody else has yet.
    Millis retention_least{0};
    Millis series_ttl{600'000};
    std::size_t series_max = 200'000;
    std::size_t series_per_name_max = 100'000;
    std::size_t names_max = 10'000;
    std::size_t values_per_tag_max = 100'000;       // of live series of one kind and name
    std::size_t memory_max = std::size_t{2} << 30;  // bytes, what others hold included
  };
  /// Written by this thread only; copied out by the hub.
  struct Counters {
    std::uint64_t merged = 0;      // partials
    std::uint64_t late = 0;        // of the merged: came after their pane had closed
    std::uint64_t unknown = 0;     // partials of a series that was never born: a fault of ours
    std::uint64_t overflowed = 0;  // series born past a cap
    std::uint64_t expired = 0;     // series
    std::uint64_t panes_shed = 0;  // dropped before the retention, for memory_max
  };

  struct Name;
  /// Of one kind of one name, for the catalogue.
  struct KindStatus {
    Name* of = nullptr;
    std::uint64_t live = 0;
    PaneNumber newest = 0;
    std::map<std::string, std::map<std::string, std::uint64_t, std::less<>>, std::less<>>
        tags;  // live series
  };
  struct Series {
    // What merging touches stands first.
    std::uint32_t generation = 0;
    bool in_use = false;
    bool live = false;
    bool past = false;             // expired, and only roll-ups are left of it
    bool queued = false;           // among the dead
    PaneNumber newest = 0;         // the newest pane that ever had something
    KindStatus* status = nullptr;  // of its name and kind
    model::SeriesKey key;
    std::uint32_t owners = 0;      // workers' local ids that mean this series
    std::uint32_t at_in_name = 0;  // its place in Name::series
  };
  struct Name {
    std::vector<SeriesIndex> series;  // live or not
    std::array<std::unique_ptr<KindStatus>, 4> kinds;
    std::uint64_t own = 0;  // live series, without those that stand for others past a cap
    std::uint64_t live() const;
  };
  using Names = std::map<std::string, Name, std::less<>>;

  /// `start` is the first instant: what had closed by then stays closed.
  Timeline(const Options& options, std::size_t workers, WallTime start);
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;
  ~Timeline();

  /// At most one; outlives its use.
  void observe(SeriesObserver& observer) { observer_ = &observer; }
  /// Told of closed panes and roll-ups. At most one; outlives its use.
  void tell_packed(PackedSink& sink) { store_.tell(sink); }

  /// Before anything else: what comes until resume() was told to a timeline before this one, whose
  /// panes began then, or later. Time stands there meanwhile.
  void restore_from(WallTime then);
  /// Panes of a series that was born, ascending; each a partial of its kind. Those that had closed
  /// when this timeline starts are kept as they are.
  void restore(std::size_t worker, model::LocalSeries series, std::span<const PackedPane> panes);
  void resume();

  /// The cap that it ran into, where it was folded into an overflow series. What is born as one
  /// runs into none for standing there. What was folded may be born again under its id: it then has
  /// a series of its own if there is room by now.
  std::optional<model::Cap> born(std::size_t worker, const model::SeriesBorn& born);
  /// Totals whose pane has closed (a stalled worker or hub) count in the oldest pane that is open:
  /// nothing that a worker folded is lost. The value of a gauge stays where a newer one is known.
  /// What is left in `moved` says nothing any more, but may hold memory: its owner frees it.
  void merge(std::size_t worker, model::PartialMoved&& moved);
  /// All of them, in their order, with memory asked for ahead.
  void merge_all(std::size_t worker, std::span<model::PartialMoved> moved);
  void expired(std::size_t worker, model::LocalSeries gone);
  /// The worker says nothing more: its series live on until they are idle for series_ttl.
  void leave(std::size_t worker);
  /// Every sample before `tick` has been merged: what closed by then stays closed. Ticks ascend.
  /// Also packs a share of what closed, and expires, rolls up, prunes and forgets a share of the
  /// series, so that all are seen within kRound.
  void finish(WallTime tick);

  /// Whether nothing more is accepted for this pane.
  bool closed(PaneNumber pane) const;
  WallTime finished() const { return finished_; }
  /// The end of what is known: by event time a start finds panes before it finishes any.
  WallTime known_until() const { return std::max(finished_, restored_until_); }
  const PaneGrid& grid() const { return grid_; }
  /// The panes of a level.
  PaneGrid grid(Rollup level) const;
  const Options& options() const { return options_; }

  /// One more than the highest index ever in use.
  std::size_t indexes() const { return series_.size(); }
  /// Of every series: the oldest pane that is still whole at this level. kNever: it is not kept.
  PaneNumber covers(Rollup level) const { return SeriesPanes{store_, 0}.covers(level); }
  /// nullptr when the index is free.
  const Series* series(SeriesIndex index) const;
  SeriesId id(SeriesIndex index) const { return {index, series_[index].generation}; }
  /// What is kept of it; the index is in use. A view until the timeline next changes.
  SeriesPanes panes(SeriesIndex index) const;
  /// How totals of timers are told from now on, of each that is known and of each that comes.
  void shape_timers(query::TimerShaper shaper);
  /// Null: no timer, or shape_timers() was not called.
  query::TimerShapePtr shape(SeriesIndex index) const { return store_.shape(index); }
  /// As PaneStore::tell_total().
  void tell_total(SeriesIndex index, ToldTotal& told) { store_.tell_total(index, told); }
  const Names& names() const { return names_; }
  std::size_t live() const { return live_; }
  std::size_t panes_held() const { return store_.panes(); }
  /// Memory of series, panes and roll-ups.
  std::size_t held_bytes() const;
  /// What others hold under the same limit.
  void others_hold(std::size_t bytes) { others_bytes_ = bytes; }
  /// Whether there is no room for new series.
  bool memory_exhausted() const { return retention_.exhausted(); }
  Millis keeps(Rollup level) const { return retention_.keep(static_cast<std::size_t>(level)); }
  static constexpr Millis kRound{10'000};
  /// Grows whenever the catalogue would look different, last_seen apart.
  std::uint64_t catalogue_version() const { return catalogue_version_; }
  const Counters& counters() const { return counters_; }

 private:
  struct Local {
    bool known = false;
    std::uint32_t generation = 0;
    SeriesIndex series = 0;
  };
  struct KeyHash {
    using is_transparent = void;
    const ChunkedArray<Series>* series;
    std::size_t operator()(const model::SeriesKey& key) const { return key.hash(); }
    std::size_t operator()(SeriesIndex index) const { return (*series)[index].key.hash(); }
  };
  struct KeyEqual {
    using is_transparent = void;
    const ChunkedArray<Series>* series;
    const model::SeriesKey& key(const model::SeriesKey& key) const { return key; }
    const model::SeriesKey& key(SeriesIndex index) const { return (*series)[index].key; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return key(a) == key(b);
    }
  };

  /// Where a new series folds into, and why.
  struct Overflow {
    model::SeriesKey into;
    model::Cap cap = model::Cap::Series;
  };
  /// What a key came to, and the cap that made it another's.
  struct Place {
    SeriesIndex series = 0;
    std::optional<model::Cap> cap;
  };
  Place find_or_add(const model::SeriesKey& key);
  std::optional<model::Cap> cap_for(const model::SeriesKey& key, Names::const_iterator name) const;
  bool values_fit(const Name& name, const model::SeriesKey& key) const;
  std::optional<Overflow> overflow_of(const model::SeriesKey& key, Names::const_iterator at) const;
  void count_under_caps(Name& name, const model::SeriesKey& key, int by);
  SeriesIndex add(const model::SeriesKey& key, Names::const_iterator near);
  Local* local(std::size_t worker, model::LocalSeries local);
  void disown(Local& local);
  void revive(SeriesIndex index);
  void expire(SeriesIndex index);
  void forget(SeriesIndex index);
  void count_in_catalogue(const Series& series, int by);
  void wake(SeriesIndex index);
  void retire(SeriesIndex index);
  void forget_past_ones();
  bool is_dead(SeriesId id) const;
  void prefetch(std::size_t worker, std::span<const model::PartialMoved> moved,
                std::size_t at) const;
  PaneNumber make_late(SeriesIndex index, PaneNumber pane, model::Partial& partial) const;
  void shape_timer(SeriesIndex index);
  void begin_round();
  void visit_some(Millis passed);
  void visit(SeriesIndex index);

  Options options_;
  PaneGrid grid_;
  SeriesObserver* observer_ = nullptr;
  WallTime finished_;
  WallTime started_;  // or what was restored began
  WallTime resumes_;
  WallTime restored_until_ = WallTime::min();
  PaneStore store_;
  query::TimerShaper shaper_;  // may be empty
  Retention retention_;
  ChunkedArray<Series> series_;
  std::vector<SeriesIndex> free_;
  absl::flat_hash_set<SeriesIndex, KeyHash, KeyEqual> by_key_;
  Names names_;
  std::vector<std::vector<Local>> locals_;  // by worker, then by local index
  std::deque<SeriesId> dead_;               // in the order of their expiry; some live again
  std::size_t live_ = 0;
  std::size_t own_ = 0;        // of live_, without those that stand for others past a cap
  std::size_t own_names_ = 0;  // that live, without the one of all names past their cap
  std::size_t key_bytes_ = 0;
  std::size_t name_bytes_ = 0;
  std::size_t tag_values_ = 0;  // in the catalogue
  std::size_t others_bytes_ = 0;
  SeriesIndex next_visit_ = 0;
  PaneStore::PerLevel oldest_{};  // that this round keeps
  std::uint64_t catalogue_version_ = 0;
  Counters counters_;
};

}  // namespace ingest::timeline
