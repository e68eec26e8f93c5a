// What an Archive does on its own thread.

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "ingest/archive/archive_state.h"
#include "ingest/archive/store_reader.h"
#include "ingest/base/check.h"

namespace ingest::archive {
namespace {

constexpr Millis kRetry{2'000};  // between looks at a store or a disk that failed
constexpr Millis kBytesEvery{1'000};
constexpr std::size_t kWrittenEarly = Archive::kWaitingMax / 4;

}  // namespace

// ---- the disk comes and goes ----

Result<void> Archive::State::open_disk() {
  auto opened = Disk::open({options.path, levels, session, clock.wall()}, log);
  if (!opened) return Failure{std::move(opened).error()};
  disk = *std::move(opened);
  for (const Checkpoint::Found& each : disk->checkpoint().found()) {
    ledger.damaged_bytes += each.damaged_bytes + each.lost_bytes;
    ledger.torn_bytes += each.torn_bytes;
  }
  return {};
}

// What a start takes back into memory; there is a disk.
void Archive::State::plan_start() {
  const timeline::PaneGrid periods{levels.period()};
  const WallTime back = periods.start(periods.number(time() - options.restored));
  plan = plan_restore(
      *disk, levels,
      {.oldest = back, .bytes_max = options.restored_bytes, .time_by = options.time_by});
  if (!plan || !plan->is_cut) return;
  log.warn("restore_cut", {{"path", options.path},
                           {"why", "limits.memory"},
                           {"seconds", (time() - plan->from) / std::chrono::seconds{1}},
                           {"what", "what is older is read from disk"}});
}

// The time that the data lives in; there is a disk.
WallTime Archive::State::time() const {
  if (options.time_by == TimeBy::Wall) return clock.wall();
  return std::max({WallTime{options.restored}, closed, disk->checkpoint().filed_until()});
}

// Told once for each time that it goes.
void Archive::State::fail(const Error& error) {
  ++ledger.checkpoint_faults;
  if (ledger.degraded) return;
  ledger.degraded = true;
  log.error("archive_degraded", {{"path", options.path}, {"why", error.what}});
  if (options.on_news) options.on_news();
}

void Archive::State::away(const Error& error) {
  ledger.away = true;
  fail(error);
}

void Archive::State::try_disk() {
  const MonoTime now = loop->mono();
  if (disk != nullptr || options.path.empty() || now < retry_at) return;
  retry_at = now + kRetry;
  if (const auto opened = open_disk(); !opened) return away(opened.error());
  came_late();
}

// Streams have begun without it: what was open when the process before ended is not open again.
void Archive::State::came_late() {
  const std::vector<BatchLog::Found>& found = disk->batches().found();
  if (options.on_batches) options.on_batches(found);
  log.warn("archive_late", {{"path", options.path},
                            {"batches", found.size()},
                            {"segments", disk->checkpoint().found().size()},
                            {"what",
                             "the past is read from there; live windows hold what came "
                             "since this process started"}});
}

// ---- what comes ----

void Archive::State::pump() {
  // acquire: what was sent before is in the ring.
  const bool stops = stop_wanted.load(std::memory_order_acquire);
  try_disk();
  while (const auto batch = batches.try_pop())
    take(**batch);
  while (auto job = asked.try_pop()) {
    ++ledger.jobs;
    jobs.push_back(*std::move(job));
  }
  // relaxed: only we write it.
  if (stops || to_ms(whole) > durable_ms.load(std::memory_order_relaxed)) sync();
  if (stops) end();
}

void Archive::State::take(const Batch& batch) {
  EntryReader reader{batch.entries};
  while (const auto entry = reader.next()) {
    if (entry->what == Entry::What::Born) {
      births.born(entry->number, entry->kind, entry->key);
    } else {
      take_delta(*entry);
    }
  }
  missing.add(batch.missing);
  ledger.deltas += batch.dropped;
  ledger.deltas_lost += batch.dropped;
  lost.store(ledger.deltas_lost, std::memory_order_release);  // before durable_ms passes them
  whole = std::max(whole, batch.whole);
  closed = std::max(closed, batch.closed);
}

void Archive::State::take_delta(const Entry& entry) {
  ++ledger.deltas;
  const Births::Known* const series = births.find(entry.number);
  const bool room = disk != nullptr && disk->checkpoint().waiting() < kWaitingMax;
  if (!room || series == nullptr) {
    ++ledger.deltas_lost;
    miss(entry.pane);
  } else {
    disk->checkpoint().take(entry, *series);
  }
  // Ahead of the checkpoint, which may wait for a slow worker: nothing is called durable by it.
  if (room && disk->checkpoint().waiting() > kWrittenEarly && loop->mono() >= write_at)
    write_early();
}

// By whole periods: what is lost comes in many pieces.
void Archive::State::miss(PaneNumber pane) {
  const timeline::PaneGrid periods{levels.period()};
  const PaneNumber period = periods.number(levels.grid(Rollup::Base).start(pane));
  missing.add({periods.start(period), periods.end(period)});
}

void Archive::State::tell_missing() {
  if (disk == nullptr || missing == Missing{}) return;
  disk->store().lost(missing);
  missing = {};
}

// What fails waits for the next one.
void Archive::State::write_early() {
  const auto written = write_all();
  if (written) return;
  write_at = loop->mono() + kRetry;
  away(written.error());
}

// The words of batches go first: they came before the changes that the batches made.
Result<void> Archive::State::write_all() {
  batch_desk.take_words(disk->batches());
  TRY(disk->batches().sync());
  return disk->checkpoint().sync();
}

Result<void> Archive::State::write_whole() {
  TRY(write_all());
  batch_desk.settle(disk->batches(), whole, ledger.deltas_lost);
  return disk->batches().sync();
}

void Archive::State::sync() {
  if (disk == nullptr) return;
  const MonoTime before = clock.mono();
  if (const auto written = write_whole(); !written) return away(written.error());
  ++ledger.checkpoints;
  ledger.away = false;
  ledger.checkpoint_us = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(clock.mono() - before).count());
  // release: whoever sees it may say that the samples are on disk.
  durable_ms.store(to_ms(whole), std::memory_order_release);
  if (ledger.degraded && !filing.failing()) {
    recovered();
  } else if (options.on_news) {
    options.on_news();
  }
}

void Archive::State::recovered() {
  ledger.degraded = false;
  log.info("archive_recovered", {{"path", options.path}, {"deltas_lost", ledger.deltas_lost}});
  if (options.on_news) options.on_news();
}

void Archive::State::lose(std::uint64_t deltas) {
  ledger.deltas_lost += deltas;
  lost.store(ledger.deltas_lost, std::memory_order_release);
}

// ---- what is done in slices, at the end of each turn ----

void Archive::State::work() {
  tell_missing();
  const bool files = disk != nullptr && filing.work(*disk, {time(), closed, loop->mono()});
  const bool runs = run_jobs();
  if (files || runs) {
    loop->wake();
  } else if (!options.path.empty() && retry_timer == 0 &&
             (disk == nullptr || filing.waits(*disk))) {
    retry_timer = loop->at(loop->mono() + kRetry, [this] {
      retry_timer = 0;
      pump();
    });
  }
  publish();
}

bool Archive::State::run_jobs() {
  if (jobs.empty()) return false;
  std::unique_ptr<Job> job = std::move(jobs.front());
  jobs.pop_front();
  Job::Turn turn = Job::Turn::Done;
  if (disk == nullptr || !disk->store().is_open()) {
    turn = job->turn(nullptr);
  } else {
    const timeline::PaneGrid periods{levels.period()};
    const WallTime now = periods.start(periods.number(clock.wall()));
    const Missing unread = disk->checkpoint().unread();
    const StoreReader reader{disk->store(),
                             levels,
                             {disk->checkpoint().unwritten_from().value_or(
                                  std::max(now, disk->checkpoint().filed_until())),
                              unread}};
    turn = job->turn(&reader);
  }
  if (turn == Job::Turn::More) jobs.push_back(std::move(job));
  return !jobs.empty();
}

void Archive::State::publish() {
  ledger.waiting_bytes = 0;
  ledger.batches_forgotten = batch_desk.forgotten();
  if (disk != nullptr) {
    ledger.waiting_bytes = disk->checkpoint().waiting();
    ledger.checkpoint_bytes = disk->checkpoint().bytes();
    const BlockStore::Counts& counts = disk->store().counts();
    ledger.blocks_written = counts.blocks_written;
    ledger.damaged_blocks = counts.damaged;
    ledger.store_repairs = counts.repairs;
    ledger.parts_expired = counts.parts_expired;
    ledger.parts_shed = counts.parts_shed;
    look_at_store();
  }
  published.publish(ledger);
}

/// What is not free to ask: now and then.
void Archive::State::look_at_store() {
  const BlockStore& store = disk->store();
  if (!store.is_open() || loop->mono() < bytes_at) return;
  bytes_at = loop->mono() + kBytesEvery;
  ledger.disk_bytes = store.bytes();
  std::optional<WallTime> oldest;
  for (const Rollup level : {Rollup::Base, Rollup::Ten, Rollup::Sixty}) {
    if (!levels.exists(level)) continue;
    const auto begins = store.oldest(levels.pane(level));
    if (begins && (!oldest || *begins < *oldest)) oldest = begins;
  }
  ledger.oldest_ms = oldest ? static_cast<std::uint64_t>(to_ms(*oldest)) : 0;
  Missing missing_there;  // of the finest panes: nobody sees what only coarser ones lack
  for (const Gap& hole : store.missing().holes())
    missing_there.add(hole);
  for (const Gap& hole : store.missing().holes(levels.pane(Rollup::Base)))
    missing_there.add(hole);
  ledger.holes = missing_there.holes().size();
  ledger.holes_ms = 0;
  for (const Gap& hole : missing_there.holes()) {
    const WallTime from = std::max(hole.from, WallTime{});  // one may begin before all time
    ledger.holes_ms += static_cast<std::uint64_t>(std::max(hole.until - from, Millis{0}).count());
  }
}

void Archive::State::end() {
  publish();
  if (const auto bytes = ledger.waiting_bytes; bytes > 0)
    log.error("archive_incomplete", {{"path", options.path}, {"bytes_lost", bytes}});
  filing.stop();
  jobs.clear();
  disk.reset();
  loop->stop();
}

}  // namespace ingest::archive
