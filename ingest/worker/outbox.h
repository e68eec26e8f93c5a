#pragma once
// Outbox: what a worker hands the hub at each tick, in slices short enough that the sockets are
// read in between: totals that are due, series that were born or expired. Owned by one worker, its
// thread only. It must not know feeds, sockets or clocks: the caller says when a tick begins and
// how often a slice is taken.
//
//   begin(tick) -> step() -> step() ... -> Done      each slice is a Handover of its own
//
// The promise of Handover::tick is kept by the last slice of a tick: those before it still carry
// the tick before. A full ring loses nothing: the slice waits, what is not taken goes on folding.
//
// Where a checkpoint is kept, everything that is here at each multiple of `flush` follows the tick
// in slices of its own, so that no tick waits for it; a next tick goes first. A flush is of what
// came until then, whatever times the samples bear.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/handover.h"
#include "ingest/series/open_panes.h"
#include "ingest/series/series_table.h"

namespace ingest::worker {

class Outbox {
 public:
  // A slice has so many partials, fewer while took() says that they take longer than kSliceMax.
  static constexpr std::size_t kSeriesASlice = 1'024;
  static constexpr std::size_t kSeriesASliceLeast = 64;
  static constexpr std::chrono::microseconds kSliceMax{200};
  // Looked at in the time of a partial: series for expiry; entries of panes, after a new watch
  // list.
  static constexpr std::size_t kVisitsASeries = 2;
  static constexpr std::size_t kEntriesASeries = 4;
  static constexpr std::size_t kBornMax = 1'024;  // then they leave without waiting for the tick
  static constexpr std::size_t kAnnotationsMax = 256;        // a tick, and that wait for a slice
  static constexpr std::size_t kAnnotationsSentMax = 1'024;  // that the hub has not taken yet
  static constexpr std::size_t kHandoversKept = 8;   // emptied ones that wait for their next use
  static constexpr std::size_t kFoldedASlice = 256;  // series that the hub folded, told the table

  struct Parts {
    std::uint32_t worker = 0;
    series::SeriesTable* table = nullptr;
    series::OpenPanes* panes = nullptr;
    model::HubLink* link = nullptr;
    std::function<void()> wake_hub;  // may be empty
    Millis flush{0};                 // 0: there is no checkpoint
  };
  struct Counts {
    std::uint64_t handovers = 0;
    std::uint64_t partials_moved = 0;
  };
  enum class Step : std::uint8_t {
    Done,  // nothing to do before the next begin()
    More,  // call again in the next turn
    Full,  // the ring is full: call again a little later
  };

  /// The newest tick of the time that decides what is late, and the time of arrival.
  struct Now {
    WallTime tick;
    WallTime arrival;
  };

  /// All parts outlive the outbox. `tick`: nothing before it was folded.
  Outbox(Parts parts, WallTime tick)
      : parts_(std::move(parts)), whole_(tick), tick_(tick), flushed_(tick) {}

  /// What is due at now.tick leaves by step(). While a tick is under way, it becomes this one when
  /// it is done. What came before now.arrival was folded.
  void begin(const Now& now);
  /// One slice.
  Step step(WallTime now);
  /// How long the last step() took. Slices that come near kSliceMax get smaller, those far below
  /// it larger again.
  void took(std::chrono::nanoseconds time);
  std::size_t series_a_slice() const { return series_a_slice_; }
  /// Series that were born leave at once when they are many, so that no tick carries them all.
  void relieve() {
    if (parts_.table->born_waiting() >= kBornMax) [[unlikely]]
      send_born();
  }
  /// Leaves with the next slice. False, and it is dropped, when kAnnotationsMax came since the last
  /// begin(), or wait, or kAnnotationsSentMax lie in the ring: the first ones of a flood tell more
  /// than its last.
  [[nodiscard]] bool annotate(model::KeptAnnotation&& annotation);
  /// At the end: everything, as of now.tick; what came until now.arrival, with it. False when the
  /// ring is full: call again.
  [[nodiscard]] bool drain(const Now& now);
  /// Whether the next tick has come while this one is still under way.
  bool behind() const { return next_waits_; }
  /// Whether a hand-over waits for room in the ring.
  bool waits() const { return waiting_ != nullptr; }

  /// A new list of what leaves at each tick; what is here is looked at by step().
  void watch(const model::WatchList& list);
  /// An emptied hand-over came home. What it says is told the table by step().
  void keep(std::unique_ptr<model::Handover> emptied);

  const Counts& counts() const { return counts_; }
  /// The most that slices on their way and emptied ones take, without what partials hold besides.
  static std::size_t bytes_max();

 private:
  enum class Watching : std::uint8_t { No, Names, Entries };

  Step step_hand_over(WallTime now);
  bool step_watch();
  bool step_folded(WallTime now);
  Step step_tick(WallTime now);
  Step step_flush();
  void begin_tick(WallTime tick);
  void end_tick();
  void send_born();
  void fresh();
  bool push();
  void see_taken();
  std::size_t held_bytes();

  Parts parts_;
  Counts counts_;
  WallTime whole_;  // the newest tick that has left whole
  WallTime tick_;   // the one under way
  WallTime next_;   // the one that waits for it
  bool under_way_ = false;
  bool next_waits_ = false;
  bool panes_done_ = false;  // of this tick; expiry follows
  WallTime flushed_;         // the newest flush that has left whole
  WallTime flush_;           // the one under way
  WallTime arrival_;         // what came before it is here
  bool flushing_ = false;
  Watching watching_ = Watching::No;
  std::size_t series_a_slice_ = kSeriesASlice;
  std::unique_ptr<model::Handover> waiting_;  // filled, not yet in the ring
  std::vector<std::unique_ptr<model::Handover>> kept_;
  std::deque<model::SeriesFolded> folded_;             // not yet told; at most all that were born
  std::vector<model::KeptAnnotationPtr> annotations_;  // not yet in a slice
  std::size_t annotation_bytes_ = 0;                   // of those, and of the slice that waits
  std::size_t slice_bytes_ = 0;                        // of that slice's
  std::size_t annotated_ = 0;                          // since the last begin()
  struct Sent {
    std::size_t bytes = 0;
    std::size_t annotations = 0;
  };
  std::deque<Sent> in_ring_;  // at most as many as it holds
  Sent in_ring_all_;
  std::size_t pushed_ = 0;
};

}  // namespace ingest::worker
