#pragma once
// Archive: the timeline's past on disk, and the checkpoint that a crash leaves behind. One thread
// of its own that always runs: it writes what the hub hands it, files it into blocks, and reads for
// whoever asks. Built by the wiring; mail goes in by rings, everything else is the thread's. It
// must not know queries, streams, workers or connections.
//
//   hub ── Batch ─▶ checkpoint segment (append, fsync every `checkpoint`) ─▶ durable_until()
//                        │ when its period has closed: filed, in slices
//                        ▼
//                   blocks of 60 panes, by (series, block start), one store for each level
//   anybody ── Job ─▶ a Reader, a turn of at most some 5 ms at a time
//
// A disk that cannot be written degrades to memory: what waits is kept up to kWaitingMax, then
// dropped and counted; the ledger says so, and writing is tried again at each checkpoint. A disk
// that comes after the start brings its batches and its past, not what was open when the process
// before ended: memory goes on where this one began. Without a path nothing is written, and jobs
// get no Reader.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ingest/archive/batch_desk.h"
#include "ingest/archive/missing.h"
#include "ingest/archive/reader.h"
#include "ingest/base/clock.h"
#include "ingest/base/counters.h"
#include "ingest/base/result.h"
#include "ingest/io/log.h"

namespace ingest::archive {

/// What the hub has to say, in order. Entries are written and read by entry.h.
struct Batch {
  std::vector<std::byte> entries;
  /// Everything that workers folded before this instant is in this batch or an earlier one.
  WallTime whole;
  /// Panes that ended by this instant get nothing more.
  WallTime closed;
  std::uint64_t deltas = 0;
  std::uint64_t dropped = 0;  // deltas that are missing here
  Missing missing{};          // the time of their panes
};

/// Work on the archive's thread. It goes when it says Done, or when the archive ends.
class Job {
 public:
  enum class Turn : std::uint8_t { More, Done };
  Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  virtual ~Job() = default;
  /// At most some 5 ms: the checkpoint waits meanwhile. `reader` is null where nothing is kept on
  /// disk, or while the disk is away; it lives during the call.
  virtual Turn turn(const Reader* reader) = 0;
};

/// The archive's own account.
struct ArchiveLedger {
  bool on = false;                      // a path is configured
  bool degraded = false;                // something there cannot be written
  bool away = false;                    // the checkpoint cannot: a crash would lose what comes
  std::uint64_t deltas = 0;             // taken from the hub
  std::uint64_t deltas_lost = 0;        // dropped while the disk was away
  std::uint64_t checkpoints = 0;        // fsyncs that succeeded
  std::uint64_t checkpoint_faults = 0;  // writes that failed
  std::uint64_t checkpoint_bytes = 0;   // of all segments
  std::uint64_t checkpoint_us = 0;      // the last write and fsync took so long
  std::uint64_t waiting_bytes = 0;      // not yet on disk
  std::uint64_t periods_filed = 0;
  std::uint64_t blocks_written = 0;  // blocks begun or added to
  std::uint64_t disk_bytes = 0;      // of blocks
  std::uint64_t oldest_ms = 0;       // when the oldest of them begins; 0: there is none
  std::uint64_t holes = 0;           // times within, of which something was lost
  std::uint64_t holes_ms = 0;        // so long together
  std::uint64_t parts_expired = 0;   // left by age
  std::uint64_t parts_shed = 0;      // left for archive.max_bytes
  std::uint64_t damaged_bytes = 0;   // of the checkpoint, found at the start and left out
  std::uint64_t torn_bytes = 0;      // behind its last whole record, cut off
  std::uint64_t damaged_deltas = 0;  // of no known series, or no partials
  std::uint64_t store_faults = 0;    // filing that failed, to be tried again
  std::uint64_t segments_shed = 0;   // of the checkpoint, left unfiled for archive.max_bytes
  std::uint64_t segments_aside = 0;  // of the checkpoint, cannot be read now
  std::uint64_t damaged_blocks = 0;  // found when they were read
  std::uint64_t store_repairs = 0;
  std::uint64_t batches_forgotten = 0;  // ids that waited for the disk and found no room
  std::uint64_t jobs = 0;
};

class Archive {
 public:
  struct Options {
    std::string path;  // empty: nothing is kept on disk
    Millis pane{1'000};
    std::uint64_t max_bytes = std::uint64_t{10} << 30U;
    Millis restored{600'000};  // how far back restore() goes
    /// About so much memory does it take at most; the newest first.
    std::size_t restored_bytes = std::size_t{1} << 30U;
    /// Whose time says what is too old, and how far back: Event is that of the newest data.
    TimeBy time_by = TimeBy::Wall;
    /// Called on the archive's thread when durable_until() has moved or the disk went or came.
    std::function<void()> on_news{};
    /// Called on the archive's thread where the disk came after open(): see batches().
    std::function<void(const std::vector<BatchLog::Found>&)> on_batches{};
  };
  static constexpr std::size_t kWaitingMax = std::size_t{64} << 20U;
  static constexpr std::size_t kBatchesMax = 64;
  static constexpr std::size_t kJobsMax = 64;

  /// What the timeline of the process before held in memory: blocks first, then the checkpoint,
  /// each series' panes of a period at once and ascending. Births come before what names them. What
  /// comes for a pane a second time is to be merged with what came before.
  struct Restore {
    std::function<void(std::uint32_t local, const model::SeriesKey&)> born;
    std::function<void(std::uint32_t local, std::span<const timeline::PackedPane>)> panes;
  };

  /// Opens, checks and repairs what is at the path; says what was lost in `log`. An Error names the
  /// path when another process uses it. `log` outlives the archive.
  static Result<std::unique_ptr<Archive>> open(const Options& options, const Clock& clock,
                                               const io::Logger& log);
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;
  ~Archive();

  // ---- before start() ----

  /// No pane of restore() begins before, and from there on all that was kept comes; nothing when
  /// there is none.
  std::optional<WallTime> restores_from() const;
  void restore(const Restore& restore);

  /// Batches of the process before whose ids are still known, the oldest first.
  std::vector<BatchLog::Found> batches() const;

  Result<void> start();

  // ---- the hub's thread ----

  /// Moves from `batch`; false and untouched when the ring is full.
  bool try_send(std::unique_ptr<Batch>& batch);

  // ---- one asking thread: the hub's ----

  /// False and untouched when too many wait.
  bool try_ask(std::unique_ptr<Job>& job);

  // ---- any thread ----

  /// Everything that workers folded before this instant is on disk, unless losses() grew since.
  WallTime durable_until() const;
  /// Deltas that never came to disk.
  std::uint64_t losses() const;
  ArchiveLedger ledger() const;
  /// Of a batch that a retry is to count once: nothing of it was folded yet. False where so many
  /// words about batches wait for the disk that this one is forgotten.
  bool batch_begins(std::string id);
  void batch_taken(BatchTaken batch);
  /// A hint of what batch_begins() would say.
  bool batches_full() const;
  /// Writes what was sent, and ends the thread. What try_send() took before is on disk after, but
  /// for ledger().waiting_bytes, which the log tells of, too.
  void stop();

 private:
  struct State;
  explicit Archive(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ingest::archive
