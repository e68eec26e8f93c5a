#include "ingest/worker/worker.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "ingest/base/check.h"

namespace ingest::worker {
namespace {

WallTime floor_to(WallTime time, Millis step) {
  return time - Millis{to_ms(time) % step.count()};
}

}  // namespace

Worker::Worker(const Options& options, Parts parts)
    : options_(options),
      loop_(*parts.loop),
      link_(*parts.link),
      wake_hub_(std::move(parts.wake_hub)),
      table_(options.table),
      panes_({.pane = options.pane,
              .tick = options.tick,
              .allowed_lateness = options.allowed_lateness,
              .future = options.future}),
      now_(parts.loop->wall()),
      alive_(std::make_shared<bool>(true)) {
  loop_.on_wake([this, alive = alive_] {
    if (*alive) read_mail();
  });
  loop_.on_turn_end([this, alive = alive_] {
    if (*alive) publish();
  });
}

Worker::~Worker() {
  *alive_ = false;
  loop_.cancel(timer_);
}

// ---- feeds ----

Worker::Source& Worker::new_source() {
  CHECK(entries_.size() < kFeedsMax);
  Entry& entry = entries_.emplace_back();
  entry.source = std::make_unique<Source>(*this);
  return *entry.source;
}

// ---- samples ----

void Worker::see_time() {
  now_ = std::max(now_, loop_.wall());
}

void Worker::take(std::span<const model::Sample> batch) {
  direct_.take(batch);
}

void Worker::fold(std::span<const model::Sample> batch, Source& source) {
  see_time();
  source.changed = true;
  while (!batch.empty()) {
    // Hashes first, so that the table's memory is on its way while the rest of the batch is hashed.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written below as far as it is read
    std::array<std::uint64_t, kBatchMax> hashes;
    const std::size_t count = std::min(batch.size(), kBatchMax);
    for (std::size_t i = 0; i < count; ++i) {
      hashes[i] = series::SeriesTable::hash_of(batch[i].kind, batch[i].key);
      table_.prefetch(hashes[i]);
    }
    for (std::size_t i = 0; i < count; ++i)
      fold_one(batch[i], hashes[i], source.ledger);
    batch = batch.subspan(count);
  }
}

void Worker::fold_one(const model::Sample& sample, std::uint64_t hash, SampleLedger& ledger) {
  ++ledger.produced;
  const WallTime time = sample.time.value_or(now_);
  bool late = false;
  if (sample.time) {
    if (time > now_ + options_.future) {
      ++ledger.future;
      return;
    }
    late = panes_.closed(time, now_);
    if (late && options_.late == LatePolicy::Drop) {
      ++ledger.late;
      return;
    }
  }
  const auto found = table_.find(sample.kind, sample.key, hash, now_);
  ++(found.overflow ? ledger.overflow : ledger.own);
  const auto watched = found.watched ? series::Pane::Watched::Yes : series::Pane::Watched::No;
  if (!late) [[likely]] {
    panes_.fold(found.series, watched, time, sample, now_);
    return;
  }
  ++ledger.late_folded;
  model::Sample arrived = sample;
  arrived.time.reset();
  panes_.fold(found.series, watched, now_, arrived, now_);
}

// ---- the hub ----

void Worker::start() {
  arm();
}

void Worker::arm() {
  const WallTime wall = loop_.wall();
  const WallTime next = floor_to(wall, options_.tick) + options_.tick;
  timer_ = loop_.at(loop_.mono() + (next - wall), [this] {
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
    if (emptied->memory && kept_.size() < kHandoversKept) {
      kept_.push_back(std::move(emptied->memory));
    }
  } else if (auto* changed = std::get_if<model::WatchChanged>(&mail)) {
    if (changed->watched) watch(*changed->watched);
  }
}

void Worker::watch(const model::WatchList& list) {
  table_.watch(list);
  panes_.watch([this](model::LocalSeries series) { return table_.watched(series); });
}

std::unique_ptr<model::Handover> Worker::fresh_handover() {
  if (kept_.empty()) return std::make_unique<model::Handover>();
  std::unique_ptr<model::Handover> handover = std::move(kept_.back());
  kept_.pop_back();
  handover->born.clear();
  handover->moved.clear();
  handover->expired.clear();
  return handover;
}

void Worker::fill(model::Handover& handover) {
  handover.worker = options_.index;
  handover.tick = floor_to(now_, options_.tick);
  table_.take_born(handover.born);
}

bool Worker::push_waiting() {
  if (waiting_ == nullptr) return true;
  const std::size_t moved = waiting_->moved.size();
  const bool pushed = link_.to_hub.try_push(waiting_);
  if (pushed) {
    waiting_.reset();
    ++ledger_.handovers;
    ledger_.partials_moved += moved;
  } else {
    ++ledger_.handovers_deferred;
  }
  if (wake_hub_) wake_hub_();  // when full, too: it is what empties the ring
  return pushed;
}

void Worker::hand_over() {
  see_time();
  read_mail();
  if (!push_waiting()) return;
  waiting_ = fresh_handover();
  fill(*waiting_);
  panes_.take_due(waiting_->tick, waiting_->moved);
  table_.expire(
      now_, [this](model::LocalSeries series) { return panes_.holds(series); }, waiting_->expired);
  push_waiting();
}

bool Worker::drain() {
  see_time();
  read_mail();
  loop_.cancel(timer_);
  if (!push_waiting()) return false;
  waiting_ = fresh_handover();
  fill(*waiting_);
  panes_.take_all(waiting_->moved);
  publish();
  return push_waiting();
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
  ledger_.samples_misplaced = panes_.misplaced();
  published_.publish(ledger_);
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
