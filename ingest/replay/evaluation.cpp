#include "ingest/replay/evaluation.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "ingest/base/check.h"
#include "ingest/model/watermark.h"
#include "ingest/replay/file_lines.h"
#include "ingest/replay/shards.h"
#include "ingest/replay/skew_guard.h"
#include "ingest/series/series_table.h"
#include "ingest/timeline/stream_set.h"
#include "ingest/timeline/timeline.h"

namespace ingest::replay {
namespace {

constexpr std::size_t kBuildSteps = 4'096;
constexpr std::size_t kPanesOpen =
    32;  // passed before totals leave the shards: half of their spare ones
static_assert(2 * kPanesOpen <= series::OpenPanes::kPanesSpare);
constexpr std::size_t kVisits = 2'048;
/// Ticks in which the timeline looks at every series once.
constexpr int kTicksToExpireAll = 41;

WallTime floor_to(WallTime time, Millis step) {
  const Millis rest = time.time_since_epoch() % step;
  return time - (rest < Millis{0} ? rest + step : rest);
}

/// A series lives at least as long as a window that holds it.
Options lived(Options options, const query::Query& query) {
  options.series_ttl =
      std::max(options.series_ttl, query.window + options.allowed_lateness + query.slide);
  return options;
}

query::Query keyed(const query::Query& query) {
  return query::mixes_kinds(query) ? query::keyed_by_kind(query) : query;
}

query::Query without_order(query::Query query) {
  query.order.reset();
  query.limit = 0;
  return query;
}

timeline::Timeline::Options timeline_options(const Options& options) {
  timeline::Timeline::Options made;
  made.pane = options.pane;
  made.allowed_lateness = options.allowed_lateness;
  made.retention = options.allowed_lateness + 2 * options.pane;  // the stream has what it needs
  made.retention_ten = made.retention_sixty = Millis{0};
  made.memory_max = std::numeric_limits<std::size_t>::max() / 2;  // never a reason to differ
  made.series_ttl = options.series_ttl;
  made.series_max = options.series_max;
  made.series_per_name_max = options.series_per_name_max;
  made.names_max = options.names_max;
  return made;
}

/// A timeline with the one stream, from an instant on.
struct Windows {
  Windows(const Options& options, WallTime start)
      : timeline(timeline_options(options), 1, start),
        streams({.streams_max = 1, .rows_max = options.rows_max}, timeline),
        finished(start) {}
  timeline::Timeline timeline;
  timeline::StreamSet streams;
  WallTime finished;
};

}  // namespace

struct Evaluation::State final : model::SampleSink {
  /// `names` are those that the query reads.
  State(const Options& wanted, const query::Query& asked, std::vector<std::string> names, Give give)
      : options(lived(wanted, asked)),
        answered(asked),
        query(without_order(asked)),
        tables(asked,
               [this, give = std::move(give)](const FinalWindow& window) {
                 ++account.windows;
                 give(window);
               }),
        watermark({.source_idle = options.source_idle, .future = options.future}),
        guard({.future = options.future, .late_after = options.pane + options.allowed_lateness}),
        table({.series_max = options.series_max,
               .names_max = options.names_max,
               .series_per_name_max = options.series_per_name_max,
               .values_per_tag_max = options.series_per_name_max,
               .series_ttl = options.series_ttl}),
        shards({.pane = options.pane,
                .tick = query.slide,
                .allowed_lateness = options.allowed_lateness,
                .future = options.future},
               {.count = options.workers, .batch = options.batch}) {
    table.watch(model::WatchList{std::move(names)});
  }

  void take(std::span<const model::Sample> batch) override;
  void arrived(const model::Sample& sample);
  void judged(const model::Sample& sample, WallTime time, SkewGuard::Verdict is);
  void settled(const model::Sample& sample, WallTime time, WallTime arrival);
  void fold(const model::Sample& sample, WallTime time, WallTime arrival);
  WallTime now() const { return *watermark.time(); }
  bool closed(WallTime time) const {
    return floor_to(time, options.pane) + options.pane + options.allowed_lateness <= now();
  }
  void advance(WallTime to);
  void merge_folded();
  void expire_idle();
  void finish_until(WallTime tick);
  void finish(WallTime tick);
  void end();

  Options options;
  query::Query answered;
  query::Query query;
  Account account;
  FinalTables tables;
  model::Watermark watermark;
  SkewGuard guard;
  series::SeriesTable table;
  Shards shards;
  std::optional<Windows> windows;
  FileLines* lines = nullptr;
  WallTime merged;     // the pane that had come when totals were merged last
  WallTime last_data;  // the end of the newest pane with a sample
  std::vector<model::PartialMoved> moved;
  std::vector<model::SeriesBorn> born;
  std::vector<model::LocalSeries> expired;
};

// ---- samples, in the order of the file ----

void Evaluation::State::take(std::span<const model::Sample> batch) {
  for (const model::Sample& sample : batch) {
    ++account.produced;
    arrived(sample);
  }
}

void Evaluation::State::arrived(const model::Sample& sample) {
  if (const auto arrival = lines->arrival()) {
    if (sample.time && *sample.time > *arrival + options.future) {
      ++account.future;
    } else {
      settled(sample, sample.time.value_or(*arrival), *arrival);
    }
    return;
  }
  const WallTime time = sample.time.value_or(watermark.time().value_or(WallTime{}));
  guard.pass(sample, time, std::bind_front(&State::judged, this));
}

void Evaluation::State::judged(const model::Sample& sample, WallTime time, SkewGuard::Verdict is) {
  if (is == SkewGuard::Verdict::Future) {
    ++account.future;
  } else {
    settled(sample, time, time);
  }
}

void Evaluation::State::settled(const model::Sample& sample, WallTime time, WallTime arrival) {
  const MonoTime heard{lines->at()};
  const bool by_arrival = options.time_by == TimeBy::Wall;
  if (!by_arrival) watermark.seen(lines->connection(), time, heard);
  if (by_arrival) {
    watermark.advance(arrival);
  } else {
    watermark.advance(watermark.front(heard));
  }
  advance(now());
  if (!closed(time)) return fold(sample, time, arrival);
  if (options.late == Late::Drop) {
    ++account.late;
    return;
  }
  ++account.late_folded;
  model::Sample as_now = sample;
  as_now.time = now();
  fold(as_now, now(), std::max(arrival, now()));
}

void Evaluation::State::fold(const model::Sample& sample, WallTime time, WallTime arrival) {
  const auto hash = series::SeriesTable::hash_of(sample.kind, sample.key);
  const auto found = table.find(sample.kind, sample.key, hash, now());
  ++(found.overflow ? account.overflow : account.own);
  if (!found.watched) return;
  last_data = std::max(last_data, floor_to(time, options.pane) + options.pane);
  shards.add(found.series, sample, time, arrival);
}

// ---- time ----

/// Windows begin so far back that all that may still come is in one of them.
void Evaluation::State::advance(WallTime to) {
  const WallTime tick = floor_to(to, query.slide);
  if (!windows) {
    const WallTime start =
        floor_to(tick - options.allowed_lateness - options.pane - query.slide, query.slide);
    windows.emplace(options, std::max(start, WallTime{}));
    CHECK(windows->streams.watch(query));  // make() has tried
    while (windows->streams.build(kBuildSteps)) {
    }
  }
  const WallTime pane = floor_to(to, options.pane);
  const bool moves = tick > windows->finished;
  if (!moves && pane - merged < options.pane * kPanesOpen) return;
  merged = pane;
  merge_folded();
  if (!moves) return;
  finish_until(tick);
  expire_idle();
}

void Evaluation::State::merge_folded() {
  if (shards.empty() && table.born_waiting() == 0) return;
  born.clear();
  moved.clear();
  table.take_born(born);
  for (const model::SeriesBorn& one : born)
    windows->timeline.born(0, one);
  shards.take(moved);
  for (model::PartialMoved& one : moved)
    windows->timeline.merge(0, std::move(one));
  while (windows->streams.build(kBuildSteps)) {
  }
}

// All totals have left, and their windows have been told: no series is busy.
void Evaluation::State::expire_idle() {
  expired.clear();
  table.begin_share();
  const auto busy = [](model::LocalSeries /*series*/) { return false; };
  while (table.expire_some(now(), busy, kVisits, expired)) {
  }
  for (const model::LocalSeries gone : expired)
    windows->timeline.expired(0, gone);
}

/// Tick by tick, as long as any series lives; then straight to the end of what nobody measured.
void Evaluation::State::finish_until(WallTime tick) {
  const WallTime all_gone = std::max(last_data, windows->finished) + query.window +
                            options.series_ttl + options.allowed_lateness +
                            query.slide * kTicksToExpireAll;
  const WallTime walked = std::min(tick, floor_to(all_gone, query.slide));
  while (windows->finished < walked)
    finish(windows->finished + query.slide);
  if (windows->finished < tick) finish(tick);
}

void Evaluation::State::finish(WallTime tick) {
  windows->finished = tick;
  windows->timeline.finish(tick);
  windows->streams.finish(tick, tables);
}

/// Every window that holds a sample closes.
void Evaluation::State::end() {
  guard.finish(std::bind_front(&State::judged, this));
  if (!windows) return;
  merge_folded();
  const WallTime newest = last_data + query.window - options.pane;  // no later one holds a sample
  const WallTime closing = newest + options.allowed_lateness + query.slide;
  tables.end_at(floor_to(newest, query.slide));
  finish_until(std::max(floor_to(closing, query.slide), windows->finished));
}

// ---- the public face ----

Evaluation::Evaluation(std::unique_ptr<State> state) : state_(std::move(state)) {}

Evaluation::~Evaluation() = default;

Result<std::unique_ptr<Evaluation>, query::Fault> Evaluation::make(const Options& options,
                                                                   const query::Query& asked,
                                                                   Give give) {
  const query::Query query = keyed(asked);
  Windows trial{lived(options, query), WallTime{}};  // whether it can be asked at all
  TRY(trial.streams.watch(query));
  return std::unique_ptr<Evaluation>{new Evaluation(
      std::make_unique<State>(options, query, trial.streams.globs(), std::move(give)))};
}

const query::Query& Evaluation::query() const {
  return state_->answered;
}

Account Evaluation::run(record::Source& source, const std::function<bool()>& go_on) {
  State& state = *state_;
  FileLines lines{source, state};
  state.lines = &lines;
  while (go_on() && lines.next()) {
  }
  if (go_on()) state.end();
  state.account.lines = lines.ledger();
  state.lines = nullptr;
  return state.account;
}

}  // namespace ingest::replay
