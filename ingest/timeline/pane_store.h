#pragma once
// PaneStore: what every series has in every pane: partials in those that are open, packed bytes in
// those that closed, and their roll-ups. It must not know keys, workers or how long anything is to
// be kept: the timeline says what closes and what goes. Owned by the timeline, on the hub's thread.
//
//   merge -> open pane --close()--> Base log --visit()--> Ten log --visit()--> Sixty log
//            partials               packed                roll-ups, made from the level below
//
// Work is spread: close() packs a pane's entries over the ticks of the next pane, and the timeline
// visits every series once a round. What a whole round has made is what readers may rely on.

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "ingest/model/packed_merge.h"
#include "ingest/timeline/block_memory.h"
#include "ingest/timeline/chunked_array.h"
#include "ingest/timeline/open_pane.h"
#include "ingest/timeline/pane_log.h"
#include "ingest/timeline/running_total.h"
#include "ingest/timeline/series_panes.h"

namespace ingest::timeline {

/// Told of each pane and roll-up that will not change any more.
class PackedSink {
 public:
  PackedSink() = default;
  PackedSink(const PackedSink&) = delete;
  PackedSink& operator=(const PackedSink&) = delete;
  virtual ~PackedSink() = default;
  /// `packed` as model/packed_partial.h writes it; it lives during the call. Panes of a series and
  /// level ascend.
  virtual void packed(SeriesIndex series, Rollup level, PaneNumber pane,
                      std::span<const std::byte> packed) = 0;
};

class PaneStore {
 public:
  using PerLevel = std::array<PaneNumber, kRollups>;

  /// Whether panes of this length have roll-ups of that one: it is longer, and a multiple.
  static bool rolls_up(Millis pane, Millis length) {
    return length > pane && length % pane == Millis{0};
  }

  /// `lengths`: of each level's panes; 0 where a level is not kept, never for Base. Each is a
  /// multiple of those before. `open` is the first pane that is not closed.
  PaneStore(const std::array<Millis, kRollups>& lengths, PaneNumber open);

  /// At most one; outlives its use.
  void tell(PackedSink& sink) { sink_ = &sink; }

  /// A new index, or one that was forgotten.
  void add(SeriesIndex series, model::Kind kind);
  void prefetch_place(SeriesIndex series, PaneNumber pane) const;
  void prefetch_entry(SeriesIndex series, PaneNumber pane) const;
  void prefetch_partial(SeriesIndex series, PaneNumber pane) const;
  /// As OpenPane::merge(). The pane is open. Whether the series had nothing in it before.
  bool merge(SeriesIndex series, PaneNumber pane, model::Partial&& partial);
  /// Before the first round: closed panes of a former life, ascending, each a partial of the
  /// series' kind; what stands in one already is merged with it.
  void restore(SeriesIndex series, std::span<const PackedPane> closed);
  /// The first pane that is not closed.
  PaneNumber open() const { return open_; }

  /// How a timer's total is told from now on.
  void shape(SeriesIndex series, query::TimerShapePtr shape) {
    kept_[series].total.shape(std::move(shape));
  }
  query::TimerShapePtr shape(SeriesIndex series) const { return kept_[series].total.shape(); }
  /// What it has come to since it was added, open panes included. What was restored counts in a
  /// gauge alone: it was told by a life before this one.
  void tell_total(SeriesIndex series, ToldTotal& told);

  /// Panes below `open` take nothing more. Packs a share of what closed: all of it by the time that
  /// the next pane closes, `passed` having passed since the last call. Where time leapt over many
  /// panes, as it does when a start by event time hears of its first sample, they take as many
  /// calls: in each no more is packed than kPackedAtOnce entries, or of kPanesAtOnce full panes.
  void close(PaneNumber open, Millis passed);
  static constexpr std::size_t kPackedAtOnce = 4'096;
  static constexpr std::size_t kPanesAtOnce = 2;
  /// Every series was visited since the last call.
  void begin_round();
  /// Ask for the memory that visit() will touch: where it is named, then what it is.
  void prefetch_marks(SeriesIndex series) const;
  void prefetch_visit(SeriesIndex series) const;
  /// Makes the roll-ups that this round makes, then drops what is below `oldest` and rolled up. How
  /// many panes it dropped.
  std::size_t visit(SeriesIndex series, const PerLevel& oldest);

  bool empty(SeriesIndex series) const;
  void forget(SeriesIndex series);

  Millis length(Rollup level) const { return lengths_[static_cast<std::size_t>(level)]; }
  /// Of all series and levels, open ones included.
  std::size_t panes() const { return panes_; }
  /// Memory in use. Of the partials of open panes it knows what they will take when packed.
  std::size_t held_bytes() const;

 private:
  friend class SeriesPanes;
  using Befores = std::array<std::optional<SeriesPanes::Before>, kRollups>;
  struct Kept {
    std::array<PaneLog, kRollups> logs;
    std::unique_ptr<Befores> before;  // gauges only, once something was dropped
    RunningTotal total;               // of the panes that are packed
    model::Kind kind = model::Kind::Counter;
  };

  bool kept(std::size_t level) const { return lengths_[level] > Millis{0}; }
  OpenPane* open_pane(PaneNumber pane) const;
  OpenPane& open_pane_made(PaneNumber pane);
  /// One past the newest pane all of which is packed.
  PaneNumber packed_until() const;
  void pack_some(std::size_t entries);
  void pack_front(OpenPane& pane);
  void write(SeriesIndex series, std::size_t level, PaneNumber pane,
             std::span<const std::byte> packed);
  void roll_up(SeriesIndex series, std::size_t from, std::size_t to);
  std::size_t drop(Kept& kept, std::size_t level, PaneNumber oldest);
  void restore_among(Kept& kept, std::span<const PackedPane> closed);
  static void restore_value(Kept& kept, std::span<const PackedPane> closed);

  std::array<Millis, kRollups> lengths_;
  PackedSink* sink_ = nullptr;
  OpenPane::Memory open_memory_;
  BlockMemory blocks_;
  ChunkedArray<Kept> kept_;
  std::vector<std::unique_ptr<OpenPane>> open_panes_;  // ascending; closed ones being packed first
  PaneNumber open_;                                    // the first that is not closed
  std::size_t waiting_ = 0;                            // entries of closed panes
  std::size_t share_ = 0;                              // of those to be packed in a pane's time
  PerLevel covers_{};
  PerLevel made_until_{};   // by the round before
  PerLevel round_until_{};  // by this one
  std::size_t panes_ = 0;
  std::size_t open_entries_ = 0;
  std::size_t open_entries_most_ = 0;
  std::size_t packed_bytes_ = 0;  // a running mean of one record, times kMeanOf
  std::vector<std::byte> scratch_;
  model::PackedMerge merging_;
};

}  // namespace ingest::timeline
