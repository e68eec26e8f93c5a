#pragma once
// BlockStore: blocks and the dictionary of series on disk, in RocksDB. What leaves by age or size
// leaves by whole parts (a column family each), the oldest first. Owned by the archive's thread. It
// must not know the checkpoint or who asks. Nothing of RocksDB shows here.
//
//   dictionary   'k' place            -> id 8 bytes, last seen ms 8 bytes
//                'f'                  -> filed until, ms 8 bytes
//                'm'                  -> missing.h
//   part         id, block (8 bytes each, the highest first) -> block.h
//
// Nothing is in a log of the store: what is appended counts once commit() succeeded, and is in the
// checkpoint until then. A damaged store is repaired, and put aside when that fails; one that
// cannot be reached for now (files, memory, rights, the disk) is left as it is, to be tried again.
// What is damaged is missing from then on, and told, be it found at the start or by a reader.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ingest/archive/missing.h"
#include "ingest/archive/reader.h"
#include "ingest/base/result.h"
#include "ingest/io/log.h"

namespace ingest::archive {

class BlockStore {
 public:
  struct Counts {
    std::uint64_t blocks_written = 0;  // begun or added to
    std::uint64_t damaged = 0;         // blocks and files found unreadable
    std::uint64_t unread = 0;          // reads that failed, and may succeed another time
    std::uint64_t repairs = 0;
    std::uint64_t parts_expired = 0;
    std::uint64_t parts_shed = 0;
  };

  /// The folder is made when there is none. `log` outlives the store.
  static Result<std::unique_ptr<BlockStore>> open(const std::string& folder, WallTime now,
                                                  const io::Logger& log);
  BlockStore(const BlockStore&) = delete;
  BlockStore& operator=(const BlockStore&) = delete;
  ~BlockStore();

  /// False once recover() failed, until it succeeds: nothing is found, and writing fails.
  bool is_open() const;

  // ---- writing ----

  /// The id of the series, its first one when it was never seen.
  Result<ArchiveId> id_of(const model::SeriesKey& key, WallTime seen);
  struct Where {
    Rollup level = Rollup::Base;
    ArchiveId series = 0;
    PaneNumber block = 0;
  };
  Result<void> append(const Levels& levels, const Where& where, std::span<const std::byte> panes);
  /// What was appended since the last commit is of that time, in panes of these levels: of those of
  /// other lengths that the disk knows it is a hole.
  void filed(const Levels& levels, const Gap& span);
  /// Everything appended is on disk after, and with it that a period that ends then was filed.
  Result<void> commit(WallTime period_end);
  /// Drops parts past their age, then the oldest ones while there is more than `bytes_max`; forgets
  /// a share of the series that have nothing left.
  void retain(WallTime now, std::uint64_t bytes_max);
  /// Something of that time was lost. On disk after, or with the next commit() or retain() where
  /// that fails.
  void lost(const Missing& holes);
  /// After a fault: true when it can be written again, after a repair if need be.
  bool recover();

  // ---- reading ----

  void series(std::string_view name_prefix, std::string_view after,
              const Reader::SeriesVisit& visit) const;
  struct Range {
    Rollup level = Rollup::Base;
    PaneNumber first = 0;
    PaneNumber last = 0;  // one past it
  };
  void panes(const Levels& levels, ArchiveId series, const Range& range,
             const Reader::PaneVisit& visit) const;
  /// All panes of [range.first, range.last), block by block, those of one series ascending: one
  /// pass over the disk. All of one call are of that kind; they live during it. Without what came
  /// from the sources (block.h) that `left_out` is true of.
  using ScanVisit =
      std::function<void(ArchiveId, model::Kind, std::span<const timeline::PackedPane>)>;
  using LeftOut = std::function<bool(PaneNumber, std::uint64_t source)>;
  void scan(const Levels& levels, const Range& range, const LeftOut& left_out,
            const ScanVisit& visit) const;

  /// How many bytes each block of these panes has; not read any further.
  using SizeVisit = std::function<void(ArchiveId, PaneNumber block, std::size_t bytes)>;
  void sizes(const Levels& levels, const Range& range, const SizeVisit& visit) const;

  /// The end of the newest period that was ever committed; the first instant when none was.
  WallTime filed_until() const;
  /// The start of the oldest part of panes of this length; nothing when there is none.
  std::optional<WallTime> oldest(Millis pane) const;
  /// From when on nothing of this length has left, nor was any time before it came; the first
  /// instant where that is always.
  WallTime whole_from(Millis pane) const;
  /// Of all lengths.
  const Missing& missing() const;
  std::uint64_t bytes() const;
  const Counts& counts() const;

 private:
  struct State;
  explicit BlockStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ingest::archive
