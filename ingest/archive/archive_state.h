#pragma once
// What an Archive holds: its rings, what is the thread's own, and how the thread works. For the
// files of Archive alone.

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "ingest/archive/archive.h"
#include "ingest/archive/births.h"
#include "ingest/archive/disk.h"
#include "ingest/archive/filing.h"
#include "ingest/archive/restore_plan.h"
#include "ingest/base/spsc_ring.h"
#include "ingest/io/event_loop.h"

namespace ingest::archive {

struct Archive::State {
  State(const Options& from, const Clock& at, const io::Logger& to,
        std::unique_ptr<io::EventLoop> on)
      : options(from),
        clock(at),
        log(to),
        levels(from.pane),
        session(static_cast<std::uint64_t>(to_ms(at.wall()))),
        loop(std::move(on)) {
    ledger.on = !options.path.empty();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (thread.joinable()) thread.join();
  }

  Result<void> open_disk();
  void plan_start();
  void came_late();
  WallTime time() const;
  void pump();
  void take(const Batch& batch);
  void take_delta(const Entry& entry);
  void miss(PaneNumber pane);
  void tell_missing();
  void sync();
  void write_early();
  Result<void> write_all();
  Result<void> write_whole();
  void fail(const Error& error);
  void away(const Error& error);
  void work();
  void try_disk();
  void recovered();
  void lose(std::uint64_t deltas);
  bool run_jobs();
  void end();
  void look_at_store();
  void publish();

  SpscRing<std::unique_ptr<Batch>> batches{kBatchesMax};
  SpscRing<std::unique_ptr<Job>> asked{kJobsMax};
  Options options;
  const Clock& clock;
  const io::Logger& log;
  Levels levels;
  std::uint64_t session;
  std::unique_ptr<io::EventLoop> loop;
  std::atomic<std::int64_t> durable_ms{to_ms(WallTime::min())};
  std::atomic<std::uint64_t> lost{0};
  std::atomic<bool> stop_wanted{false};
  Published<ArchiveLedger> published;
  BatchDesk batch_desk;

  std::optional<RestorePlan> plan;  // before start(); none: nothing to take back

  // ---- the thread's own ----
  std::unique_ptr<Disk> disk;  // null: none, or it is away
  Births births;
  MonoTime retry_at{};
  MonoTime write_at{};  // nothing is written early before: the disk failed
  io::EventLoop::TimerId retry_timer = 0;
  std::deque<std::unique_ptr<Job>> jobs;
  Missing missing;  // that the store was not told of yet
  WallTime whole = WallTime::min();
  WallTime closed = WallTime::min();
  MonoTime bytes_at{};
  ArchiveLedger ledger;
  Filing filing{options.max_bytes,
                log,
                ledger,
                {.failed = [this](const Error& error) { fail(error); },
                 .recovered = [this] { recovered(); },
                 .lost = [this](std::uint64_t deltas) { lose(deltas); }}};
  std::thread thread;
};

}  // namespace ingest::archive
