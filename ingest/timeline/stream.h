#pragma once
// Stream: one canonical query kept up to date. Counters, timers and sets merge over a row's series
// into one tree of slides; each gauge of a row has a tree of panes of its own, because gauges merge
// over time first. A tick touches only rows whose series changed; when the window moves, also those
// with something in the slides that enter or leave it, each from O(log) nodes. Pure. Owned by the
// StreamSet, on the hub's thread. It must not know workers, other streams or how rows are printed.
//
// The newest window ends at the first slide boundary at or after the tick, so at the boundary
// itself it shows the whole window. Earlier windows stay open until their end + allowed_lateness:
// changes in them are told as Restated, then one Final says that the window is closed; its rows are
// those that changed at that very tick (all of them for a window that was never the newest, because
// the hub fell behind).

#include <optional>
#include <vector>

#include "ingest/query/selector.h"
#include "ingest/query/update.h"
#include "ingest/timeline/gauge_past.h"
#include "ingest/timeline/joined_panes.h"
#include "ingest/timeline/kept_rows.h"
#include "ingest/timeline/row_evaluator.h"
#include "ingest/timeline/row_table.h"
#include "ingest/timeline/timeline.h"
#include "ingest/timeline/top_rows.h"

namespace ingest::timeline {

using MemberId = std::uint32_t;

class Stream {
 public:
  struct Options {
    query::StreamId id = 0;
    Millis pane{1'000};
    Millis allowed_lateness{2'000};
    Millis series_ttl{600'000};
    std::size_t rows_max = 10'000;
    JoinedPanes::Sizes rollups{1, 0, 0};
  };
  /// `tick` is the last finished one.
  Stream(const Options& options, query::Query query, query::Selector selector, WallTime tick);

  bool wants(const model::SeriesKey& key) const {
    return selector_.matches(key) && (parts_.empty() || part_of(key) < parts_.size());
  }
  /// How many steps wants() takes.
  std::size_t steps_to_look() const { return selector_.steps(); }
  /// The oldest pane that any of its windows still needs.
  PaneNumber first_kept() const { return first_kept_; }

  struct Joined {
    MemberId member = 0;
    std::size_t steps = 0;  // panes looked at
  };
  /// Whether what a series has so far counts in its row already: it was a member before.
  enum class Has : std::uint8_t { New, Counted };
  /// A series that wants() is true for, with what it has so far.
  Joined join(SeriesIndex index, const Timeline::Series& series, const SeriesPanes& panes, Has has);
  /// After all series joined: takes what rows remember of their past, about `steps` windows a call.
  /// Whether there is more to do. finish() may be called from then on.
  bool settle(std::size_t steps);
  void expire(MemberId id);
  void revive(MemberId id);
  void forget(MemberId id);
  /// Something came for a pane that is not closed.
  void change(MemberId id, PaneNumber pane, const model::Partial& change);

  /// Tells `sink` what changed. Ticks ascend.
  void finish(WallTime tick, query::UpdateSink& sink);

  const query::Query& query() const { return query_; }
  std::size_t rows() const { return rows_.announced(); }
  /// Series that stand in an overflow row because of rows_max.
  std::size_t overflowed() const { return overflowed_; }
  /// About what it holds in memory: each row is measured once in RowTable::kRound ticks.
  std::size_t held_bytes() const {
    return rows_.held_bytes() + members_.capacity() * sizeof(Member) +
           (kept_ ? kept_->held_bytes() : 0);
  }
  /// Nobody watches it any more: what it holds goes, about `steps` members and pieces of rows a
  /// call; each member's series is visited as it goes. How many it took; 0 when nothing is left.
  template <class Visit>
  std::size_t take_apart(std::size_t steps, Visit visit) {
    std::size_t done = 0;
    for (; !members_.empty() && done < steps; members_.pop_back(), ++done) {
      if (members_.back().in_use) visit(members_.back().series);
    }
    while (members_.empty() && freed_rows_ < rows_.slots() && done < steps)
      done += rows_.free(freed_rows_++);
    return done;
  }

 private:
  struct Member {
    bool in_use = false;
    bool live = false;
    SeriesIndex series = 0;
    query::RowSlot row = 0;
    model::Kind kind = model::Kind::Counter;
    std::size_t part = 0;
    std::unique_ptr<GaugePast> gauge;
  };
  /// A window that was or would have been the newest, not closed yet.
  struct Earlier {
    PaneNumber end = 0;
    bool told = false;
    std::uint32_t rev = 0;
  };

  std::size_t part_of(const model::SeriesKey& key) const;
  MemberId new_member();
  Strand& strand_of(const Member& member);
  std::size_t take_panes(Member& member, const SeriesPanes& panes, Has has);
  PaneNumber window_end(WallTime tick) const;
  bool closes(PaneNumber end, WallTime tick) const;
  void open_newest(PaneNumber end, WallTime tick);
  void remember(bool moved);
  void choose_top(bool moved);
  void tell_newest(bool moved, query::UpdateSink& sink);
  void tell_earlier(WallTime tick, query::UpdateSink& sink);
  void choose_rows(bool all, PaneNumber end);
  void tell(query::Update update, PaneNumber end, query::UpdateSink& sink);
  void evaluate_newest();
  void drop_old(WallTime tick);
  PaneNumber oldest_end() const { return earlier_.empty() ? newest_end_ : earlier_.front().end; }
  PaneNumber oldest_needed(WallTime tick) const;

  Options options_;
  query::Query query_;
  query::Selector selector_;
  std::vector<std::string> parts_;  // metrics that its rows join; none for most queries
  PaneGrid grid_;
  RowEvaluator evaluator_;
  RowTable rows_;
  std::optional<KeptRows> kept_;  // where a row can say the same again
  std::optional<TopRows> top_;    // where there is a limit
  std::size_t order_column_ = 0;
  std::vector<Member> members_;
  std::vector<MemberId> free_members_;
  std::size_t overflowed_ = 0;
  bool begun_ = false;             // the first update was told
  query::RowSlot settled_ = 0;     // rows below have their past
  query::RowSlot freed_rows_ = 0;  // by take_apart()
  PaneNumber newest_end_ = 0;      // of the newest window
  std::vector<Earlier> earlier_;
  PaneNumber first_kept_ = 0;
  // What one update consists of; kept for their memory.
  RowTable::News news_;
  std::vector<query::RowSlot> chosen_;
  Evaluated evaluated_;
};

}  // namespace ingest::timeline
