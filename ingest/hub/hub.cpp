#include "ingest/hub/hub.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/base/steady_wall.h"
#include "ingest/hub/archive_sink.h"
#include "ingest/model/watermark.h"
#include "ingest/timeline/catalogue_builder.h"
#include "ingest/timeline/stream_set.h"
#include "ingest/timeline/timeline.h"

namespace ingest::hub {
namespace {

constexpr std::size_t kCatalogueStepsPerTurn = 20'000;
constexpr int kPanesATick = 240;             // of event time, each finished for itself
constexpr Millis kTimerNear{1};              // the wall clock is seen in whole milliseconds
constexpr Millis kCatalogueRefresh{10'000};  // for last_seen, when nothing else changed

WallTime floor_to(WallTime time, Millis step) {
  return time - time.time_since_epoch() % step;
}

timeline::Timeline::Options timeline_options(const Hub::Options& options) {
  return {.pane = options.pane,
          .allowed_lateness = options.allowed_lateness,
          .retention = options.retention,
          .retention_ten = options.retention_ten,
          .retention_sixty = options.retention_sixty,
          .series_ttl = options.series_ttl,
          .series_max = options.series_max,
          .series_per_name_max = options.series_per_name_max,
          .names_max = options.names_max,
          .values_per_tag_max = options.values_per_tag_max,
          .memory_max = options.memory_max};
}

}  // namespace

struct Hub::State {
  struct Peer {
    Worker worker;
    WallTime tick;  // of its newest hand-over
    WallTime flushed;
    bool owed_watch_list = false;
    std::size_t table_bytes = 0;
  };
  struct Leap {
    MonoTime seen;
    MonoTime heard;               // when the last hand-over had come
    std::uint64_t handovers = 0;  // that had come by then
  };

  State(const Options& from, std::vector<Worker> workers, io::EventLoop& on,
        Published<HubLedger>& to)
      : options(from),
        loop(on),
        published(to),
        time(on.wall(), on.mono()),
        finished(from.time_by == TimeBy::Wall ? floor_to(on.wall(), from.tick) : WallTime{}),
        flushed(finished),
        told(floor_to(on.wall(), from.tick)),
        last_wall(on.wall()),
        watermark({.source_idle = {}, .future = from.future}),
        timeline(timeline_options(from), workers.size() + 1,  // the last one is the checkpoint
                 std::min(finished, from.restores_from.value_or(finished))),
        streams({from.streams_max, from.rows_max}, timeline),
        catalogue(timeline),
        whole_since(from.restores_from.value_or(timeline.grid().start(
            timeline.grid().number(timeline.finished() - from.allowed_lateness)))) {
    CHECK(options.tick > Millis{0});
    for (Worker& worker : workers)
      peers.push_back({std::move(worker), finished, finished, false});
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { loop.cancel(timer); }

  void pump();
  void take_handovers();
  void take(Peer& peer, std::unique_ptr<model::Handover> handover);
  WallTime see_time();
  void finish_what_is_due();
  Millis leap_slack() const;
  bool waits_after_leap(WallTime come, WallTime target);
  MonoTime patience_ends() const {
    return std::min<MonoTime>(leap->heard + kTickGrace, leap->seen + kLeapPatience);
  }
  std::size_t others_bytes() const;
  WallTime whole(WallTime limit) const;
  void finish_events(WallTime due);
  void raise_watermark();
  void finish(WallTime tick);
  void finish_time(WallTime tick);
  void tell(WallTime tick);
  void arm();
  void end_turn();
  bool tell_archive();
  void send_watch_list();
  void build_catalogue();
  void publish_ledger();

  Options options;
  io::EventLoop& loop;
  Published<HubLedger>& published;
  std::vector<Peer> peers;
  query::UpdateSink* sink = nullptr;
  std::function<void(std::shared_ptr<const query::Catalogue>)> catalogue_call;

  SteadyWall time;
  WallTime finished;   // the newest finished tick
  WallTime flushed;    // what the archive was told to be whole
  WallTime told;       // the newest that the sink was told; of the wall clock, whatever moves ticks
  WallTime last_wall;  // at the last look, to see steps back
  model::Watermark watermark;  // TimeBy::Event: of all workers
  std::optional<Leap> leap;
  timeline::Timeline timeline;
  timeline::StreamSet streams;
  std::unique_ptr<ArchiveSink> sink_to_archive;  // null: there is none
  timeline::CatalogueBuilder catalogue;
  WallTime whole_since;  // memory holds all panes from here on
  std::unique_ptr<history::PastDesk> past;
  io::EventLoop::TimerId timer = 0;
  MonoTime armed_for = MonoTime::min();
  bool watch_list_changed = false;
  std::shared_ptr<const model::WatchList> watch_list = std::make_shared<model::WatchList>();
  WallTime catalogue_at = WallTime::min();  // when the last one was begun
  std::uint64_t catalogue_version = 0;
  std::uint64_t catalogue_merged = 0;
  HubLedger ledger;
};

// ---- hand-overs ----

// Called when a worker has handed something over, and by the tick's timer.
void Hub::State::pump() {
  take_handovers();
  finish_what_is_due();
  const auto behind = [this](const Peer& peer) { return peer.flushed <= flushed; };
  if (std::none_of(peers.begin(), peers.end(), behind)) tell_archive();
}

void Hub::State::take_handovers() {
  for (Peer& peer : peers) {
    while (auto handover = peer.worker.link->to_hub.try_pop())
      take(peer, std::move(*handover));
  }
}

void Hub::State::take(Peer& peer, std::unique_ptr<model::Handover> handover) {
  const auto worker = static_cast<std::size_t>(&peer - peers.data());
  CHECK(handover->worker == worker);
  for (const model::SeriesBorn& born : handover->born)
    timeline.born(worker, born);
  timeline.merge_all(worker, handover->moved);
  if (handover->table_bytes > 0) peer.table_bytes = handover->table_bytes;
  for (const model::LocalSeries gone : handover->expired)
    timeline.expired(worker, gone);
  peer.tick = std::max(peer.tick, handover->tick);
  peer.flushed = std::max(peer.flushed, handover->flushed);
  ++ledger.handovers;
  handover->born.clear();
  handover->moved.clear();
  handover->expired.clear();
  if (!peer.worker.link->to_worker.try_push(model::HandoverEmptied{std::move(handover)})) {
    ++ledger.memory_freed;
  }
}

// ---- ticks ----

WallTime Hub::State::see_time() {
  if (loop.wall() < last_wall) ++ledger.clock_steps_back;
  last_wall = loop.wall();
  const WallTime now = time.see(loop.wall(), loop.mono());
  ledger.clock_ahead_ms = static_cast<std::uint64_t>(time.ahead().count());
  return now;
}

// The newest tick for which every worker has spoken, `limit` at most.
WallTime Hub::State::whole(WallTime limit) const {
  for (const Peer& peer : peers)
    limit = std::min(limit, peer.tick);
  return limit;
}

void Hub::State::finish_what_is_due() {
  const WallTime now = see_time();
  const WallTime due = floor_to(now, options.tick);
  if (options.time_by == TimeBy::Event) {
    if (due > told) finish_events(due);
    return arm();
  }
  const WallTime come = whole(due);
  const WallTime overdue = floor_to(now - kTickGrace, options.tick);
  const WallTime target = std::max(come, overdue);
  if (target <= finished) {
    leap.reset();
  } else if (!waits_after_leap(come, target)) {
    if (come < target) ++ledger.ticks_incomplete;
    finish(target);
  }
  arm();
}

// What the workers have handed over, pane by pane, so that every window is told; past so many panes
// the rest in one.
void Hub::State::finish_events(WallTime due) {
  raise_watermark();
  const WallTime come = whole(WallTime::max());
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
  const auto time_of = [](const std::atomic<std::int64_t>& word) {
    const std::int64_t ms = word.load(std::memory_order_relaxed);
    return ms == model::EventWords::kNone ? std::optional<WallTime>{} : wall_from_ms(ms);
  };
  model::EventFront all;
  for (const Peer& peer : peers) {
    const model::EventWords& words = peer.worker.link->event;
    all.merge({.slowest = time_of(words.slowest_ms), .newest = time_of(words.newest_ms)});
  }
  watermark.advance(all);
  if (!watermark.time()) return;
  for (const Peer& peer : peers)
    peer.worker.link->event.watermark_ms.store(to_ms(*watermark.time()), std::memory_order_relaxed);
}

// Ticks that are further apart close panes that workers still hold.
Millis Hub::State::leap_slack() const {
  const Millis unwatched_wait = std::min(options.pane, options.allowed_lateness);
  return std::max(options.tick, options.allowed_lateness - unwatched_wait);
}

// Time leapt: the machine slept, the process was stopped, the clock was set. The panes that workers
// still hold would close before they could hand them over, so the grace begins anew, and again with
// each slice that comes, as long as the patience lasts.
bool Hub::State::waits_after_leap(WallTime come, WallTime target) {
  if (come >= target || target - finished <= leap_slack()) return false;
  const MonoTime now = loop.mono();
  if (!leap) leap = Leap{now, now, ledger.handovers};
  if (std::exchange(leap->handovers, ledger.handovers) != ledger.handovers) leap->heard = now;
  return now < patience_ends();
}

// What stands under limits.memory beside the timeline.
std::size_t Hub::State::others_bytes() const {
  std::size_t bytes = streams.held_bytes();
  for (const Peer& peer : peers)
    bytes += peer.table_bytes;
  return bytes;
}

void Hub::State::finish(WallTime tick) {
  leap.reset();
  ledger.ticks_skipped += static_cast<std::uint64_t>((tick - finished) / options.tick - 1);
  if (tick - finished > options.pane + leap_slack()) {
    ++ledger.time_leaps;
    ledger.time_leapt_ms += static_cast<std::uint64_t>((tick - finished).count());
  }
  finish_time(tick);
  tell(tick);
}

void Hub::State::finish_time(WallTime tick) {
  finished = tick;
  timeline.others_hold(others_bytes());
  timeline.finish(tick);
  tell_archive();
  streams.finish(tick, *sink);
}

void Hub::State::tell(WallTime tick) {
  told = tick;
  sink->tick_done(tick);
  ++ledger.ticks;
  ledger.tick_lag_ms = static_cast<std::uint64_t>(std::max(time.now() - tick, Millis{0}).count());
  const bool changed = timeline.catalogue_version() != catalogue_version;
  const bool stale =
      timeline.counters().merged != catalogue_merged && tick >= catalogue_at + kCatalogueRefresh;
  if (catalogue_call && tick >= catalogue_at + kCatalogueEvery && (changed || stale)) {
    catalogue_at = tick;
    catalogue_version = timeline.catalogue_version();
    catalogue_merged = timeline.counters().merged;
    catalogue.begin();
  }
  publish_ledger();
}

// At each tick, and between ticks when a flush is whole: what was folded before it has come.
bool Hub::State::tell_archive() {
  if (sink_to_archive == nullptr) return true;
  WallTime whole = WallTime::max();
  for (const Peer& peer : peers)
    whole = std::min(whole, peer.flushed);
  flushed = whole;
  const bool sent = sink_to_archive->send({whole, timeline.finished() - options.allowed_lateness});
  ledger.deltas_dropped = sink_to_archive->dropped();
  ledger.batches_deferred = sink_to_archive->deferred();
  return sent;
}

// The next look: at the next tick, or when the patience with this one ends.
void Hub::State::arm() {
  const WallTime now = time.now();
  const WallTime due = floor_to(now, options.tick);
  const bool waiting = due > told && now < due + kTickGrace;
  const WallTime next = waiting ? due + kTickGrace : due + options.tick;
  const MonoTime when = leap ? patience_ends() : time.when(next);
  if (std::chrono::abs(when - armed_for) < kTimerNear) return;
  loop.cancel(timer);
  armed_for = when;
  timer = loop.at(when, [this] {
    armed_for = MonoTime::min();
    pump();
  });
}

// ---- what the end of a turn is for ----

void Hub::State::end_turn() {
  send_watch_list();
  const bool more = streams.build(kBuildStepsPerTurn);
  build_catalogue();
  const bool copies = past && past->turn();
  if (more || copies || catalogue.building()) loop.wake();
}

void Hub::State::send_watch_list() {
  if (watch_list_changed) {
    watch_list_changed = false;
    std::vector<std::string> globs = streams.globs();
    if (globs != watch_list->globs) {
      watch_list = std::make_shared<model::WatchList>(model::WatchList{std::move(globs)});
      for (Peer& peer : peers)
        peer.owed_watch_list = true;
    }
  }
  for (Peer& peer : peers) {
    if (!peer.owed_watch_list) continue;
    if (!peer.worker.link->to_worker.try_push(model::WatchChanged{watch_list})) {
      ++ledger.mail_deferred;  // tried again at the next turn
      continue;
    }
    peer.owed_watch_list = false;
    if (peer.worker.wake) peer.worker.wake();
  }
}

void Hub::State::build_catalogue() {
  if (auto built = catalogue.build(kCatalogueStepsPerTurn)) catalogue_call(std::move(built));
}

void Hub::State::publish_ledger() {
  const timeline::Timeline::Counters& counters = timeline.counters();
  ledger.series = timeline.live();
  ledger.panes = timeline.panes_held();
  ledger.streams = streams.size();
  ledger.rows = streams.rows();
  ledger.rows_overflowed = streams.overflowed();
  ledger.partials_merged = counters.merged;
  ledger.partials_late = counters.late;
  ledger.partials_outdated = counters.outdated;
  ledger.partials_unknown = counters.unknown;
  ledger.series_overflowed = counters.overflowed;
  ledger.series_expired = counters.expired;
  ledger.panes_shed = counters.panes_shed;
  ledger.memory_bytes = timeline.held_bytes() + others_bytes();
  ledger.panes_kept_ms = static_cast<std::uint64_t>(timeline.keeps(timeline::Rollup::Base).count());
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
  state_->catalogue_call = std::move(call);
}

query::Past& Hub::look_back(history::PastDesk::Carrier carrier) {
  const Options& options = state_->options;
  const history::PastDesk::Options desk{.task = {.range = {.pane = options.pane,
                                                           .series_ttl = options.series_ttl,
                                                           .rows_max = options.rows_max,
                                                           .points_max = options.history_points},
                                                 .since = state_->whole_since}};
  state_->past = std::make_unique<history::PastDesk>(state_->timeline, desk, std::move(carrier),
                                                     [loop = &state_->loop] { loop->wake(); });
  return *state_->past;
}

void Hub::archive_to(archive::Archive& archive) {
  State& s = *state_;
  s.sink_to_archive = std::make_unique<ArchiveSink>(s.timeline, s.streams, archive);
  s.sink_to_archive->restore(s.peers.size());
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
  state_->take_handovers();
  while (state_->streams.build(kBuildStepsPerTurn)) {
  }
  const WallTime due = floor_to(state_->see_time(), state_->options.tick);
  const Millis tick = state_->options.tick;
  if (state_->options.time_by == TimeBy::Event) {
    state_->finish_events(std::max(due, state_->told) + tick);
  } else {
    state_->finish(std::max(due, state_->finished) + tick);
  }
}

bool Hub::archived() {
  return state_->tell_archive();
}

}  // namespace ingest::hub
