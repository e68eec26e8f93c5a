#include "ingest/hub/hub.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/hub/archive_sink.h"
#include "ingest/hub/catalogue_desk.h"
#include "ingest/hub/discovery_desk.h"
#include "ingest/hub/exposition_desk.h"
#include "ingest/hub/tick_clock.h"
#include "ingest/hub/worker_links.h"
#include "ingest/model/watermark.h"
#include "ingest/timeline/stream_set.h"
#include "ingest/timeline/timeline.h"

namespace ingest::hub {
namespace {

constexpr int kPanesATick = 240;     // of event time, each finished for itself
constexpr Millis kGapNoted{10'000};  // shorter ones are told by weir_time_leaps_total alone
constexpr Millis kTimerNear{1};      // the wall clock is seen in whole milliseconds

timeline::Timeline::Options timeline_options(const Hub::Options& options) {
  return {.pane = options.pane,
          .allowed_lateness = options.allowed_lateness,
          .retention = options.retention,
          .retention_ten = options.retention_ten,
          .retention_sixty = options.retention_sixty,
          .retention_least = options.retention_least,
          .series_ttl = options.series_ttl,
          .series_max = options.series_max,
          .series_per_name_max = options.series_per_name_max,
          .names_max = options.names_max,
          .values_per_tag_max = options.values_per_tag_max,
          .memory_max = options.memory_max};
}

}  // namespace

struct Hub::State {
  State(const Options& from, std::vector<Worker> all, io::EventLoop& on, Published<HubLedger>& to)
      : options(from),
        loop(on),
        published(to),
        clock({.tick = from.tick, .pane = from.pane, .allowed_lateness = from.allowed_lateness},
              on.wall(), on.mono()),
        finished(from.time_by == TimeBy::Wall ? clock.due() : WallTime{}),
        flushed(finished),
        workers(std::move(all), finished),
        watermark({.source_idle = {}, .future = from.future}),
        timeline(timeline_options(from), workers.size() + 1, finished),  // the last: the checkpoint
        streams({from.streams_max, from.rows_max}, timeline),
        catalogue(timeline),
        discovery(
            timeline, [&on] { on.wake(); }, options.surveys_max),
        exposition(timeline, [&on] { on.wake(); }),
        annotations(from.annotations),
        whole_since(from.restores_from.value_or(timeline.grid().start(
            timeline.grid().number(timeline.finished() - from.allowed_lateness)))) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { loop.cancel(timer); }

  void pump();
  void finish_what_is_due();
  void finish_events(WallTime due);
  void raise_watermark();
  void finish(WallTime tick);
  void note_gap(WallTime told, WallTime tick);
  void finish_time(WallTime tick);
  void tell(WallTime tick);
  bool tell_archive();
  void tell_annotations();
  void arm();
  void end_turn();
  std::size_t others_bytes() const {
    return streams.held_bytes() + workers.held_bytes() + annotations.ledger().bytes +
           discovery.ledger().bytes + (sink == nullptr ? 0 : sink->held_bytes());
  }
  history::InMemory in_memory() const {
    return {whole_since, timeline.known_until(), sink_to_archive != nullptr};
  }
  void publish_ledger();

  Options options;
  io::EventLoop& loop;
  Published<HubLedger>& published;
  query::UpdateSink* sink = nullptr;

  TickClock clock;
  WallTime finished;  // what streams were told of: the newest tick, or how far event time has come
  WallTime flushed;   // what the archive was told to be whole
  WorkerLinks workers;
  model::Watermark watermark;  // TimeBy::Event: of all workers
  timeline::Timeline timeline;
  timeline::StreamSet streams;
  std::unique_ptr<ArchiveSink> sink_to_archive;  // null: there is none
  CatalogueDesk catalogue;
  DiscoveryDesk discovery;
  ExpositionDesk exposition;
  AnnotationLog annotations;
  std::function<void(std::shared_ptr<const query::Annotations>)> on_annotations;
  WallTime whole_since;  // memory holds all panes from here on
  std::unique_ptr<history::PastDesk> past;
  io::EventLoop::TimerId timer = 0;
  std::optional<MonoTime> armed_for;  // while the timer is
  bool watch_list_changed = false;
  HubLedger ledger;
};

// ---- ticks ----

// Called when a worker has handed something over, and by the tick's timer. However much they hand
// over, as when a million series are born, a tick waits no longer than its grace.
void Hub::State::pump() {
  const MonoTime until = loop.measure() + TickClock::kTickGrace;
  const bool more =
      workers.take_handovers({timeline, annotations}, [&] { return loop.measure() < until; });
  finish_what_is_due();
  if (workers.flushed_after(flushed)) tell_archive();
  if (more) loop.wake();
}

void Hub::State::finish_what_is_due() {
  clock.see(loop.wall(), loop.mono());
  const WallTime due = clock.due();
  if (options.time_by == TimeBy::Event) {
    if (due > clock.told()) finish_events(due);
  } else if (auto tick = clock.to_finish(workers.whole(due), workers.counters().handovers)) {
    finish(*tick);
  }
  arm();
}

// What the workers have handed over, pane by pane, so that every window is told; past so many panes
// the rest in one.
void Hub::State::finish_events(WallTime due) {
  raise_watermark();
  const WallTime come = workers.whole(WallTime::max());
  const bool begun = finished > WallTime{};
  for (int i = 0; begun && i < kPanesATick && finished + options.pane < come; ++i)
    finish_time(finished + options.pane);
  if (come > finished) {
    finish_time(come);
  } else if (begun) {
    streams.finish(finished, *sink);  // what changed, and who is new
  }
  tell(due);
}

void Hub::State::raise_watermark() {
  watermark.advance(workers.event_front());
  if (watermark.time()) workers.tell_watermark(*watermark.time());
}

void Hub::State::finish(WallTime tick) {
  note_gap(clock.told(), tick);
  clock.reach(tick);
  finish_time(tick);
  tell(tick);
}

// Where nothing was counted, charts and whoever asks for the past later have to be told why.
void Hub::State::note_gap(WallTime told, WallTime tick) {
  if (tick - told < kGapNoted) return;
  const auto seconds = std::chrono::round<std::chrono::seconds>(tick - told).count();
  annotations.take(std::make_shared<const model::KeptAnnotation>(model::KeptAnnotation{
      .level = model::Annotation::Level::Warning,
      .time = tick,
      .title = "time leapt",
      .text = "Nothing was counted in the " + std::to_string(seconds) +
              " s before: the clock was set forward, or the machine or the process stood still.",
      .host = {},
      .aggregation_key = {},
      .source_type = "weir",
      .tags = {}}));
}

void Hub::State::finish_time(WallTime tick) {
  finished = tick;
  timeline.others_hold(others_bytes());
  timeline.finish(tick);
  tell_archive();
  streams.finish(tick, *sink);
}

void Hub::State::tell(WallTime tick) {
  sink->tick_done(tick);
  ++ledger.ticks;
  clock.tell(tick);
  catalogue.tick(tick);
  discovery.tick(tick);
  exposition.tick(tick);
  tell_annotations();
  publish_ledger();
}

void Hub::State::tell_annotations() {
  auto made = annotations.tick(finished);
  if (made != nullptr && on_annotations) on_annotations(std::move(made));
}

// At each tick, and between ticks when a flush is whole: what was folded before it has come.
bool Hub::State::tell_archive() {
  if (sink_to_archive == nullptr) return true;
  flushed = workers.flushed();
  const bool sent =
      sink_to_archive->send({flushed, timeline.finished() - options.allowed_lateness});
  ledger.deltas_dropped = sink_to_archive->dropped();
  ledger.batches_deferred = sink_to_archive->deferred();
  return sent;
}

void Hub::State::arm() {
  const MonoTime when = clock.next_look();
  if (armed_for && std::chrono::abs(when - *armed_for) < kTimerNear) return;
  loop.cancel(timer);
  armed_for = when;
  timer = loop.at(when, [this] {
    armed_for.reset();
    pump();
  });
}

// ---- what the end of a turn is for ----

void Hub::State::end_turn() {
  if (std::exchange(watch_list_changed, false)) workers.watch(streams.globs());
  workers.send_mail();
  const bool more = streams.build(kBuildStepsPerTurn);
  catalogue.turn();
  const bool copies = past && past->turn();
  const bool surveys = discovery.turn();
  const bool tables = exposition.turn();
  if (more || copies || surveys || tables || catalogue.building()) loop.wake();
}

void Hub::State::publish_ledger() {
  const TickClock::Counters& ticks = clock.counters();
  ledger.ticks_incomplete = ticks.incomplete;
  ledger.ticks_skipped = ticks.skipped;
  ledger.tick_lag_ms = ticks.lag_ms;
  ledger.clock_steps_back = ticks.steps_back;
  ledger.clock_ahead_ms = static_cast<std::uint64_t>(clock.ahead().count());
  ledger.time_leaps = ticks.leaps;
  ledger.time_leapt_ms = ticks.leapt_ms;
  ledger.handovers = workers.counters().handovers;
  ledger.memory_freed = workers.counters().memory_freed;
  ledger.mail_deferred = workers.counters().mail_deferred;
  const timeline::Timeline::Counters& counters = timeline.counters();
  ledger.series = timeline.live();
  ledger.panes = timeline.panes_held();
  ledger.streams = streams.size();
  ledger.rows = streams.rows();
  ledger.rows_overflowed = streams.overflowed();
  ledger.partials_merged = counters.merged;
  ledger.partials_late = counters.late;
  ledger.partials_unknown = counters.unknown;
  ledger.series_overflowed = counters.overflowed;
  ledger.series_expired = counters.expired;
  ledger.panes_shed = counters.panes_shed;
  ledger.memory_bytes = timeline.held_bytes() + others_bytes();
  ledger.panes_kept_ms = static_cast<std::uint64_t>(timeline.keeps(timeline::Rollup::Base).count());
  ledger.annotations = annotations.ledger();
  ledger.discovery = discovery.ledger();
  ledger.exposition = exposition.ledger();
  if (past) ledger.past = past->ledger();
  published.publish(ledger);
}

// ---- the public face ----

Hub::Hub(const Options& options, std::vector<Worker> workers, io::EventLoop& loop)
    : state_(std::make_unique<State>(options, std::move(workers), loop, ledger_)) {}

Hub::~Hub() = default;

void Hub::publish_to(query::UpdateSink& sink) {
  state_->sink = &sink;
}

void Hub::on_catalogue(std::function<void(std::shared_ptr<const query::Catalogue>)> call) {
  state_->catalogue.on_catalogue(std::move(call));
}

void Hub::on_annotations(std::function<void(std::shared_ptr<const query::Annotations>)> call) {
  state_->on_annotations = std::move(call);
}

query::Past& Hub::look_back(history::PastDesk::Carrier carrier) {
  const Options& options = state_->options;
  const history::PastDesk::Options desk{.task = {.range = {.pane = options.pane,
                                                           .series_ttl = options.series_ttl,
                                                           .rows_max = options.rows_max,
                                                           .points_max = options.history_points,
                                                           .cost_max = options.query_cost_max},
                                                 .memory = state_->in_memory()}};
  state_->past = std::make_unique<history::PastDesk>(state_->timeline, desk, std::move(carrier),
                                                     [loop = &state_->loop] { loop->wake(); });
  return *state_->past;
}

query::Discovery& Hub::discovery() {
  return state_->discovery;
}

query::Exposition& Hub::exposition() {
  return state_->exposition;
}

void Hub::archive_to(archive::Archive& archive) {
  State& s = *state_;
  s.sink_to_archive = std::make_unique<ArchiveSink>(s.timeline, s.streams, archive);
  s.sink_to_archive->restore(s.workers.size());
}

void Hub::start() {
  State* const state = state_.get();
  CHECK(state->sink != nullptr);
  state->loop.on_wake([state] { state->pump(); });
  state->loop.on_turn_end([state] { state->end_turn(); });
  state->arm();
}

query::Query Hub::keyed(query::Query query) const {
  return state_->streams.keyed(std::move(query));
}

Result<query::StreamId, query::Fault> Hub::watch(const query::Query& query) {
  auto stream = state_->streams.watch(query);
  if (!stream) return stream;
  state_->watch_list_changed = true;
  state_->loop.wake();  // a turn's end sends the list and begins to build
  return stream;
}

void Hub::unwatch(query::StreamId stream) {
  state_->streams.unwatch(stream);
  state_->watch_list_changed = true;
  state_->loop.wake();
}

void Hub::drain() {
  State& s = *state_;
  s.workers.take_handovers({s.timeline, s.annotations}, [] { return true; });
  while (s.streams.build(kBuildStepsPerTurn)) {
  }
  s.clock.see(s.loop.wall(), s.loop.mono());
  if (s.options.time_by == TimeBy::Event) {
    s.finish_events(s.clock.next());
  } else {
    s.finish(s.clock.next());
  }
}

bool Hub::archived() {
  return state_->tell_archive();
}

}  // namespace ingest::hub
