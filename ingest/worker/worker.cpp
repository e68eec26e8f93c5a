#include "ingest/worker/worker.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "ingest/base/check.h"

namespace ingest::worker {
namespace {

constexpr Millis kRetry{2};        // for a ring that was full
constexpr int kSlicesBehind = 32;  // at most, in one turn: some 6 ms
constexpr Millis kOffendersEvery{1'000};
constexpr std::size_t kPanesAStep = 16;  // of event time, between two looks at it

WallTime floor_to(WallTime time, Millis step) {
  return time - Millis{to_ms(time) % step.count()};
}

}  // namespace

Worker::Worker(const Options& options, Parts parts)
    : options_(options),
      loop_(*parts.loop),
      link_(*parts.link),
      sources_(options.sources),
      table_(options.table, {.sources = &sources_, .offenders = &offenders_}),
      panes_({.pane = options.pane,
              .tick = options.tick,
              .allowed_lateness = options.allowed_lateness,
              .future = options.future}),
      wall_(parts.loop->wall(), parts.loop->mono()),
      arrival_(parts.loop->wall()),
      now_(options.time_by == TimeBy::Wall ? arrival_ : WallTime{}),
      outbox_({.worker = options.index,
               .table = &table_,
               .panes = &panes_,
               .link = parts.link,
               .wake_hub = std::move(parts.wake_hub),
               .flush = options.flush},
              floor_to(now_, options.tick)),
      alive_(std::make_shared<bool>(true)),
      offenders_published_(std::make_shared<series::OffendersView>()) {
  if (options.time_by == TimeBy::Event)
    events_.emplace(model::Watermark::Options{options.source_idle, options.future});
  loop_.on_wake([this, alive = alive_] {
    if (!*alive) return;
    read_mail();
    step();
  });
  loop_.on_turn_end([this, alive = alive_] {
    if (*alive) publish();
  });
}

Worker::~Worker() {
  *alive_ = false;
  loop_.cancel(timer_);
  loop_.cancel(retry_);
}

// ---- feeds ----

Worker::Source& Worker::new_source(RuleIndex rule) {
  CHECK(entries_.size() < kFeedsMax);
  Entry& entry = entries_.emplace_back();
  entry.source = std::make_unique<Source>(*this, rule);
  return *entry.source;
}

// ---- samples ----

void Worker::see_time() {
  arrival_ = wall_.see(loop_.wall(), loop_.mono());
  if (!events_) [[likely]] {
    now_ = arrival_;
    return;
  }
  const std::int64_t all_ms = link_.event.watermark_ms.load(std::memory_order_relaxed);
  if (all_ms != model::EventWords::kNone) now_ = std::max(now_, wall_from_ms(all_ms));
}

void Worker::take(std::span<const model::Sample> batch) {
  direct_.take(batch);
}

// Runs of one sender each. What passes of neighbours folds together.
void Worker::receive(std::span<const model::Sample> batch, Source& source) {
  std::size_t unfolded = 0;  // what passed and is not folded yet begins here
  for (std::size_t begin = 0, end = 0; begin < batch.size(); begin = end) {
    const std::uint32_t sender = batch[begin].source;
    while (end < batch.size() && batch[end].source == sender)
      ++end;
    const auto admitted = sources_.admit(sender, end - begin, loop_.mono());
    if (admitted.limit == series::SourceBook::Limit::None) [[likely]]
      continue;
    fold(batch.subspan(unfolded, begin + admitted.count - unfolded), source);
    limit(sender, end - begin - admitted.count, admitted.limit, source);
    unfolded = end;
  }
  fold(batch.subspan(unfolded), source);
}

std::chrono::nanoseconds Worker::wait_after(std::uint32_t sender) {
  const std::chrono::nanoseconds wait = sources_.wait(sender, loop_.mono());
  if (wait.count() > 0) offenders_.limited(series::Offence::Writes, sources_.sender(sender), 1);
  return wait;
}

void Worker::limit(std::uint32_t sender, std::size_t samples, series::SourceBook::Limit limit,
                   Source& source) {
  source.changed = true;
  source.ledger.produced += samples;
  const bool rate = limit == series::SourceBook::Limit::Rate;
  (rate ? source.ledger.limited_rate : source.ledger.limited_source) += samples;
  offenders_.limited(rate ? series::Offence::Rate : series::Offence::NotAllowed,
                     sources_.sender(sender), samples);
}

void Worker::fold(std::span<const model::Sample> batch, Source& source) {
  see_time();
  source.changed = true;
  while (!batch.empty()) {
    const std::size_t count = std::min(batch.size(), kBatchMax);
    if (events_) [[unlikely]]
      fold_events(batch.first(count), source.ledger);
    else
      fold_some(batch.first(count), source.ledger);
    batch = batch.subspan(count);
  }
  outbox_.relieve();
}

// Old data comes faster than time passes: when it has opened many panes, they leave at once.
void Worker::fold_events(std::span<const model::Sample> batch, SampleLedger& ledger) {
  while (!batch.empty()) {
    const std::size_t count = see_events(batch);
    fold_some(batch.first(count), ledger);
    batch = batch.subspan(count);
    if (const auto newest = events_->newest()) now_ = std::max(now_, *newest - options_.future);
    if (panes_.size() > panes_.panes_max() - kPanesAStep - 2) hand_over();
  }
}

// How many samples fold before time is looked at again: those of a few panes.
std::size_t Worker::see_events(std::span<const model::Sample> batch) {
  const bool first = !events_->newest();
  std::optional<WallTime> began;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const WallTime time = batch[i].time.value_or(arrival_);
    if (time > arrival_ + options_.future) continue;  // admit() refuses it
    if (!began && first) now_ = std::max(now_, time - options_.future - options_.allowed_lateness);
    if (!began) began = time;
    if (time > *began + options_.pane * kPanesAStep) return i;
    events_->seen(batch[i].source, time, loop_.mono());
  }
  return batch.size();
}

void Worker::publish_front() {
  events_->advance(now_);
  const model::EventFront front = events_->front(loop_.mono());
  const auto word = [](const std::optional<WallTime>& time) {
    return time ? to_ms(*time) : model::EventWords::kNone;
  };
  link_.event.slowest_ms.store(word(front.slowest), std::memory_order_relaxed);
  link_.event.newest_ms.store(word(front.newest), std::memory_order_relaxed);
}

// Each round asks for the memory that the next one touches, for all samples: what one sample would
// wait for arrives while the others are looked at.
void Worker::fold_some(std::span<const model::Sample> batch, SampleLedger& ledger) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written below as far as it is read
  std::array<series::SeriesTable::Guess, kBatchMax> guesses;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    guesses[i].hash = series::SeriesTable::hash_of(batch[i].kind, batch[i].key);
    table_.prefetch(guesses[i].hash);
  }
  for (std::size_t i = 0; i < batch.size(); ++i)
    guesses[i].record = table_.guess(guesses[i].hash);
  std::array<Admitted, kBatchMax>& admitted = *admitted_;
  std::size_t count = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (admit(batch[i], guesses[i], ledger, admitted[count])) ++count;
  }
  const std::span<Admitted> kept{admitted.data(), count};
  for (const Admitted& each : kept)
    panes_.prefetch_entry(each.series);
  for (Admitted& each : kept) {
    each.slot = panes_.slot(each.series, each.sample->kind, each.time);
    each.slot.entry->partial.prefetch();
  }
  for (const Admitted& each : kept) {
    if (!each.late) [[likely]] {
      series::OpenPanes::fold(each.slot, each.watched, *each.sample, arrival_);
      continue;
    }
    model::Sample arrived = *each.sample;
    arrived.time = now_;
    series::OpenPanes::fold(each.slot, each.watched, arrived, arrival_);
  }
}

// Whether the sample folds, and then into what; the ledger is told in any case.
bool Worker::admit(const model::Sample& sample, const series::SeriesTable::Guess& guess,
                   SampleLedger& ledger, Admitted& admitted) {
  ++ledger.produced;
  admitted.sample = &sample;
  admitted.time = sample.time.value_or(arrival_);
  admitted.late = false;
  if (sample.time || events_) {
    if (admitted.time > arrival_ + options_.future) {
      ++ledger.future;
      return false;
    }
    admitted.late = panes_.closed(admitted.time, now_);
    if (admitted.late && options_.late == LatePolicy::Drop) {
      ++ledger.late;
      return false;
    }
  }
  if (admitted.late) {
    ++ledger.late_folded;
    admitted.time = now_;
  }
  const auto found = table_.find(sample.kind, sample.key, guess, now_, sample.source);
  ++(found.overflow ? ledger.overflow : ledger.own);
  admitted.series = found.series;
  admitted.watched = found.watched ? series::Pane::Watched::Yes : series::Pane::Watched::No;
  panes_.prefetch_place(found.series);
  return true;
}

// ---- the hub ----

void Worker::start() {
  arm();
}

void Worker::arm() {
  see_time();
  const WallTime next = floor_to(arrival_, options_.tick) + options_.tick;
  timer_ = loop_.at(wall_.when(next), [this] {
    hand_over();
    arm();
  });
}

void Worker::read_mail() {
  while (auto mail = link_.to_worker.try_pop())
    open_mail(*mail);
}

void Worker::open_mail(model::ToWorker& mail) {
  if (auto* emptied = std::get_if<model::HandoverEmptied>(&mail)) {
    outbox_.keep(std::move(emptied->memory));
  } else if (auto* changed = std::get_if<model::WatchChanged>(&mail)) {
    if (changed->watched) outbox_.watch(*changed->watched);
  }
}

void Worker::hand_over() {
  see_time();
  read_mail();
  if (events_) publish_front();
  outbox_.begin({floor_to(now_, options_.tick), floor_to(arrival_, options_.tick)});
  step();
  if (outbox_.waits()) ++ledger_.handovers_deferred;
}

// One slice; the next one comes with the next turn. Under a flood a turn may take as long as
// hundreds of slices: whoever fell behind takes more, or panes would close before they have left.
void Worker::step() {
  const auto slice = [this] {
    const MonoTime before = loop_.measure();
    const Outbox::Step left = outbox_.step(now_);
    outbox_.took(loop_.measure() - before);
    return left;
  };
  Outbox::Step left = slice();
  for (int more = kSlicesBehind; more > 0 && left == Outbox::Step::More && outbox_.behind(); --more)
    left = slice();
  switch (left) {
    case Outbox::Step::Done:
      return;
    case Outbox::Step::More:
      loop_.wake();
      return;
    case Outbox::Step::Full:
      loop_.cancel(retry_);
      retry_ = loop_.at(loop_.mono() + kRetry, [this] { step(); });
      return;
  }
}

bool Worker::drain() {
  see_time();
  read_mail();
  loop_.cancel(timer_);
  loop_.cancel(retry_);
  const bool drained = outbox_.drain({floor_to(now_, options_.tick), arrival_});
  publish();
  return drained;
}

// ---- accounts ----

void Worker::publish() {
  const auto publish_source = [](Source& source) {
    if (std::exchange(source.changed, false)) source.published.publish(source.ledger);
  };
  for (Entry& entry : entries_) {
    publish_source(*entry.source);
    if (entry.feed) entry.feed->publish();
  }
  publish_source(direct_);
  const auto& counts = table_.counts();
  ledger_.series = counts.series;
  ledger_.names = counts.names;
  ledger_.spellings = counts.spellings;
  ledger_.series_born = counts.born;
  ledger_.series_expired = counts.expired;
  ledger_.slow_lookups = counts.slow_lookups;
  ledger_.duplicate_tags = counts.duplicate_tags;
  ledger_.panes_open = panes_.size();
  ledger_.handovers = outbox_.counts().handovers;
  ledger_.partials_moved = outbox_.counts().partials_moved;
  ledger_.samples_misplaced = panes_.misplaced();
  const auto& sources = sources_.counts();
  ledger_.sources = sources.sources;
  ledger_.sources_forgotten = sources.forgotten;
  ledger_.sources_crowded = sources.crowded;
  published_.publish(ledger_);
  publish_offenders();
  publish_rejects();
}

void Worker::publish_offenders() {
  const MonoTime now = loop_.mono();
  offenders_.pass_time(now);
  if (!offenders_.changed() || now - offenders_at_ < kOffendersEvery) return;
  offenders_at_ = now;
  auto view = std::make_shared<const series::OffendersView>(offenders_.view());
  const std::lock_guard lock{offenders_mutex_};
  offenders_published_.swap(view);
}

std::shared_ptr<const series::OffendersView> Worker::offenders() const {
  const std::lock_guard lock{offenders_mutex_};
  return offenders_published_;
}

std::vector<Worker::FeedStatus> Worker::feeds() const {
  std::vector<FeedStatus> all;
  for (const Entry& entry : entries_) {
    all.push_back({entry.feed->name(), entry.feed->address(), entry.feed->ledger(),
                   entry.source->published.read()});
  }
  all.push_back({"", "", {}, direct_.published.read()});
  return all;
}

}  // namespace ingest::worker
