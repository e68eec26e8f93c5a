#pragma once
// SampleLedger: where every sample that a feed produced went. Plain words: the worker publishes it
// whole at the end of a turn, any thread reads it whole, so it adds up whenever it is read.

#include <cstdint>
#include <type_traits>

namespace ingest::worker {

struct SampleLedger {
  std::uint64_t produced = 0;
  // Aggregated: the hub drops nothing of it, however late it hears. In its own series as far as the
  // worker knows: of one that the hub folds for a cap of all workers together, what came until the
  // hub had said so, a tick later, stands in an overflow series, too.
  std::uint64_t own = 0;
  std::uint64_t overflow = 0;      // aggregated past a cap, in weir_overflow=true or weir.overflow
  std::uint64_t late = 0;          // dropped: its pane had closed
  std::uint64_t future = 0;        // dropped: too far ahead
  std::uint64_t limited_rate = 0;  // dropped: past the rate of its source
  std::uint64_t limited_source = 0;  // dropped: the feed does not allow its source
  // Not a place of its own: late samples that were folded into now, and stand in own or overflow.
  std::uint64_t late_folded = 0;

  bool adds_up() const {
    return produced == own + overflow + late + future + limited_rate + limited_source;
  }
};
static_assert(std::is_trivially_copyable_v<SampleLedger>);
static_assert(sizeof(SampleLedger) % sizeof(std::uint64_t) == 0);

/// The worker's own account.
struct WorkerLedger {
  std::uint64_t series = 0;  // live, overflow series among them
  std::uint64_t names = 0;
  std::uint64_t spellings = 0;
  std::uint64_t series_born = 0;
  std::uint64_t series_expired = 0;
  std::uint64_t slow_lookups = 0;    // samples whose raw bytes were not remembered
  std::uint64_t duplicate_tags = 0;  // tags that a later one of the same key replaced
  std::uint64_t panes_open = 0;
  std::uint64_t samples_misplaced = 0;  // folded into another pane, as too many were open
  std::uint64_t handovers = 0;
  std::uint64_t handovers_deferred = 0;  // ticks at which the ring to the hub was full
  std::uint64_t partials_moved = 0;
  std::uint64_t sources = 0;            // in the book
  std::uint64_t sources_forgotten = 0;  // silent for long, when another needed the place
  std::uint64_t sources_crowded = 0;    // times that a source had no place and shared one
  // Events and service checks: those read are what was handed over or waits, and the three below.
  std::uint64_t annotations = 0;
  std::uint64_t annotations_limited = 0;  // dropped: past the rate of the source, or not allowed
  std::uint64_t annotations_future = 0;   // dropped: too far ahead
  std::uint64_t annotations_crowded = 0;  // dropped: too many waited for the next hand-over
  std::uint64_t annotations_cut = 0;      // kept, without what was past a limit of its parts
};
static_assert(std::is_trivially_copyable_v<WorkerLedger>);
static_assert(sizeof(WorkerLedger) % sizeof(std::uint64_t) == 0);

}  // namespace ingest::worker
