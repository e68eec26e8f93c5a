#pragma once
// What a worker and the hub say to each other, over SPSC rings. Data only; the rings' owners wake
// each other. Worker -> hub: a Handover at least once a tick, even when empty, so that the hub
// knows the tick is whole; when there is much to say, in several slices. Hub -> worker: Recycled
// memory back, and the list of watched metrics when it changes.

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/base/spsc_ring.h"
#include "ingest/model/annotation.h"
#include "ingest/model/cap.h"
#include "ingest/model/partial.h"
#include "ingest/model/series_key.h"

namespace ingest::model {

/// A worker's own name for a series. The generation makes a reused slot another id.
struct LocalSeries {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;
  bool operator==(const LocalSeries&) const = default;
};

struct SeriesBorn {
  LocalSeries series;
  SeriesKey key;
};

/// Totals since the last hand-over of that series and pane: the hub merges, the worker starts
/// afresh.
struct PartialMoved {
  LocalSeries series;
  WallTime pane;  // the pane's start
  Partial partial;
};

/// The hub's answer to a birth that ran into a cap of all workers together: what the series gathers
/// stands in an overflow series. It may be born again later, under the same id.
struct SeriesFolded {
  LocalSeries series;
  Cap cap = Cap::Series;
};

struct Handover {
  std::uint32_t worker = 0;
  // The newest tick that is whole with this hand-over: slices before a tick's last one carry the
  // tick before. Every sample that the worker folded before this tick's instant has been handed
  // over if its series is watched. The others of a pane leave after its end, spread over the ticks
  // of min(pane, allowed_lateness): always before the pane closes.
  WallTime tick;
  // The newest instant such that every sample that came before it has been handed over, watched or
  // not: as often as the worker flushes for a checkpoint. Of arrivals, with TimeBy::Event too.
  WallTime flushed;
  // What the worker's table and its annotations on their way hold, for limits.memory; 0: not said.
  std::size_t held_bytes = 0;
  std::vector<SeriesBorn> born;  // before any partial that names them
  std::vector<PartialMoved> moved;
  std::vector<LocalSeries> expired;  // idle for series_ttl; their index may be born again later
  std::vector<KeptAnnotationPtr> annotations;  // events and service checks, as they came
  std::vector<SeriesFolded> folded;            // on its way home: the hub writes them
};

/// Names and globs of metrics that somebody watches; immutable, replaced as a whole.
struct WatchList {
  std::vector<std::string> globs;
};

struct WatchChanged {
  std::shared_ptr<const WatchList> watched;
};
/// A hand-over on its way home, with what the hub folded since the last one. What `moved` still
/// holds is spent partials: their memory was the worker's, who frees it or uses it again, so that
/// no thread frees what others allocate.
struct HandoverEmptied {
  std::unique_ptr<Handover> memory;
};
using ToWorker = std::variant<std::monostate, WatchChanged, HandoverEmptied>;

/// time.clock: event. Words that each have one writer, read relaxed: one that is a turn old delays
/// windows by a turn and nothing else. ms since the epoch, kNone before the first sample.
struct EventWords {
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min();
  std::atomic<std::int64_t> slowest_ms{kNone};    // the worker's EventFront
  std::atomic<std::int64_t> newest_ms{kNone};     // the same
  std::atomic<std::int64_t> watermark_ms{kNone};  // the hub's, of all workers
};

/// The two rings between one worker and the hub. Built by the wiring, outlives both threads.
struct HubLink {
  static constexpr std::size_t kHandoversMax = 64;
  static constexpr std::size_t kToWorkerMax = 128;
  SpscRing<std::unique_ptr<Handover>> to_hub{kHandoversMax};
  SpscRing<ToWorker> to_worker{kToWorkerMax};
  EventWords event;
};

}  // namespace ingest::model
