#pragma once
// Filer: turns one closed segment into blocks: merges the deltas of each pane in the order they
// came, the panes into roll-ups, and appends both to the store. In steps short enough that the
// checkpoint goes on in between. Owned by the archive's thread.
//
//   load (some MiB a step) -> read -> file (some thousand deltas a step) -> commit -> Done

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "ingest/archive/block_store.h"
#include "ingest/archive/checkpoint.h"
#include "ingest/archive/segment_deltas.h"

namespace ingest::archive {

class Filer {
 public:
  enum class Step : std::uint8_t { More, Done };
  static constexpr std::size_t kDeltasAStep = 4'096;

  /// Of how much the disk knows when it is filed.
  enum class Filed : std::uint8_t { APeriod, PartOfOne };

  static Result<Filer> open(const SegmentName& name, const std::string& path, BlockStore& store,
                            Filed filed);

  /// After an error the segment stays, and is filed from its beginning another time.
  Result<Step> step();
  /// Nothing of it was given to the store: an error now is the segment's, later ones the store's.
  bool is_loading() const { return phase_ == Phase::Loading; }
  const SegmentName& name() const { return name_; }
  /// Deltas that could not be read.
  std::uint64_t damaged() const { return deltas_.damaged(); }
  /// Bytes of the segment that the device did not give.
  std::uint64_t lost_bytes() const { return file_.content().lost; }

 private:
  enum class Phase : std::uint8_t { Loading, Reading, Filing };
  using Panes = SegmentDeltas::Panes;

  Filer(const SegmentName& name, SegmentFile file, BlockStore& store, Filed filed)
      : name_(name),
        levels_(name.pane),
        file_(std::move(file)),
        store_(&store),
        until_(filed == Filed::APeriod ? name.start + levels_.period() : WallTime::min()) {}
  bool is_whole() const {
    return damaged() == 0 && lost_bytes() == 0 && records_->damaged_bytes() == 0;
  }
  Result<void> load_some();
  void read_some();
  Result<Step> file_some();
  Result<void> file_series(std::size_t series);
  Result<void> append(ArchiveId id, Rollup level, const Panes& panes);
  Panes roll_up(const Panes& panes, Rollup level) const;

  SegmentName name_;
  Levels levels_;
  SegmentFile file_;
  BlockStore* store_;
  WallTime until_;
  Phase phase_ = Phase::Loading;
  std::optional<SegmentReader> records_;  // once it is loaded
  std::optional<EntryReader> entries_;    // of the record that is being read
  SegmentDeltas deltas_;
  std::size_t next_ = 0;  // of its series, to be filed
};

}  // namespace ingest::archive
