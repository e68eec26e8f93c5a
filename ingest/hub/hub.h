#pragma once
// Hub: merges what the workers hand over and keeps the watched streams up to date, tick by tick.
// Owned by the wiring, lives on one thread with its own EventLoop; only ledger() may be called from
// others. It must not know connections, wire formats or how a row is printed: that is the
// UpdateSink's.
//
// TickClock says when tick T is finished; then streams are told to the sink, then tick_done(T).
//
// With TimeBy::Event ticks are still told by the wall clock, but what they finish is event time, as
// far as every worker has handed it over: none of it, or many panes at once. Before the first
// sample nobody is told anything.

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "ingest/archive/archive.h"
#include "ingest/base/clock.h"
#include "ingest/base/counters.h"
#include "ingest/base/result.h"
#include "ingest/history/past_desk.h"
#include "ingest/hub/annotation_log.h"
#include "ingest/hub/discovery_desk.h"
#include "ingest/hub/exposition_desk.h"
#include "ingest/hub/worker_links.h"
#include "ingest/io/event_loop.h"
#include "ingest/query/annotations.h"
#include "ingest/query/catalogue.h"
#include "ingest/query/discovery.h"
#include "ingest/query/update.h"

namespace ingest::hub {

/// The hub's own account, published whole at the end of each tick.
struct HubLedger {
  std::uint64_t series = 0;  // live
  std::uint64_t panes = 0;   // in memory
  std::uint64_t streams = 0;
  std::uint64_t rows = 0;  // of all streams
  std::uint64_t handovers = 0;
  std::uint64_t partials_merged = 0;
  std::uint64_t partials_late = 0;      // of the merged: came after their pane had closed
  std::uint64_t partials_unknown = 0;   // named a series that was never born
  std::uint64_t series_overflowed = 0;  // born past a cap
  std::uint64_t series_expired = 0;
  std::uint64_t panes_shed = 0;       // dropped before the retention, for memory_max
  std::uint64_t memory_bytes = 0;     // of series, panes, roll-ups and readers, under memory_max
  std::uint64_t panes_kept_ms = 0;    // how long panes stay now: less than asked for when short
  std::uint64_t rows_overflowed = 0;  // series folded into a stream's overflow row
  std::uint64_t ticks = 0;
  std::uint64_t ticks_incomplete = 0;  // finished without every worker's word
  std::uint64_t ticks_skipped = 0;     // due, but finished as part of a later one
  std::uint64_t tick_lag_ms = 0;       // how long after its instant the last tick was finished
  std::uint64_t clock_steps_back = 0;  // of the wall clock, seen at a turn
  std::uint64_t clock_ahead_ms = 0;  // how far ticks are ahead of the wall clock, after such a step
  std::uint64_t time_leaps = 0;      // ticks that came more than a window's slack after another
  std::uint64_t time_leapt_ms = 0;   // by so much in all: the gaps in what was counted
  std::uint64_t mail_deferred = 0;   // watch lists that waited for a full ring
  history::PastLedger past;
  AnnotationLedger annotations;
  DiscoveryLedger discovery;
  ExpositionLedger exposition;
  std::uint64_t deltas_dropped = 0;    // which the archive did not take in time
  std::uint64_t batches_deferred = 0;  // of them, which waited for its full ring
  std::uint64_t memory_freed = 0;      // emptied hand-overs not sent home, the ring being full
};

class Hub final : public query::Streams {
 public:
  struct Options {
    Millis tick{250};
    Millis pane{1'000};
    Millis allowed_lateness{2'000};
    TimeBy time_by = TimeBy::Wall;
    Millis future{10'000};               // TimeBy::Event: what a source may be ahead of the slowest
    Millis retention{600'000};           // of panes in memory
    Millis retention_ten{7'200'000};     // of 10 s roll-ups; 0: none
    Millis retention_sixty{86'400'000};  // of 60 s roll-ups; 0: none
    Millis retention_least{0};  // of panes, however short memory is: the disk may not have them yet
    Millis series_ttl{600'000};
    std::size_t series_max = 200'000;
    std::size_t series_per_name_max = 100'000;
    std::size_t names_max = 10'000;
    std::size_t values_per_tag_max = 100'000;
    std::size_t memory_max = std::size_t{2} << 30;  // bytes
    std::size_t streams_max = 1'000;
    std::size_t rows_max = 10'000;         // of one stream
    std::size_t history_points = 200'000;  // rows x times of one question about the past
    std::uint64_t query_cost_max = std::numeric_limits<std::uint64_t>::max();  // of one of them
    /// Of the series, that wait at once.
    std::size_t surveys_max = 256;
    AnnotationLog::Options annotations{};
    /// Where the oldest pane begins that archive_to() brings back.
    std::optional<WallTime> restores_from{};
  };
  using Worker = WorkerLink;
  /// Series and panes looked at in one turn while a stream is built: at most some 5 ms.
  static constexpr std::size_t kBuildStepsPerTurn = 4'000;

  /// `workers` are in the order of Handover::worker; links and loop outlive the hub.
  Hub(const Options& options, std::vector<Worker> workers, io::EventLoop& loop);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub() override;

  /// Before start().
  void publish_to(query::UpdateSink& sink);
  /// Before start(). Called at most once a second, when the catalogue changed.
  void on_catalogue(std::function<void(std::shared_ptr<const query::Catalogue>)> call);
  /// Before start(). Called at a tick after events or service checks came or went.
  void on_annotations(std::function<void(std::shared_ptr<const query::Annotations>)> call);
  /// Before start(), after archive_to(). Questions about the past are taken from then on; `carrier`
  /// brings their work to the archive's thread. Lives as long as the hub.
  query::Past& look_back(history::PastDesk::Carrier carrier);
  /// Who says what there is to ask for. Lives as long as the hub.
  query::Discovery& discovery();
  /// Who tells scrapes of all series. Lives as long as the hub.
  query::Exposition& exposition();
  /// Before start(). Takes what its checkpoint holds into the timeline, and tells it all from now
  /// on. It outlives the hub.
  void archive_to(archive::Archive& archive);
  /// Arms the tick.
  void start();

  query::Query keyed(query::Query query) const override;
  /// LimitStreams past streams_max; QueryUnknownStat for a sum of what is known to be gauges only.
  Result<query::StreamId, query::Fault> watch(const query::Query& query) override;
  void unwatch(query::StreamId stream) override;

  /// At the end, when the workers have handed over their last: takes what is left in the rings and
  /// finishes one last tick, the next that would have come.
  void drain();
  /// After drain(): whether the archive has been handed everything. While not, its ring is full:
  /// call again.
  [[nodiscard]] bool archived();

  /// Any thread.
  HubLedger ledger() const { return ledger_.read(); }

 private:
  struct State;
  std::unique_ptr<State> state_;
  Published<HubLedger> ledger_;
};

}  // namespace ingest::hub
