#pragma once
// StoreReader: the Reader that a job gets: the block store, without what is being filed. Made for
// one turn, on the archive's thread.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "ingest/archive/block_store.h"
#include "ingest/archive/reader.h"

namespace ingest::archive {

class StoreReader final : public Reader {
 public:
  /// What is not there for now, besides what the store misses for good.
  struct Unread {
    WallTime written;  // panes from there on are not read here
    const Missing& meanwhile;
  };
  /// All outlive it.
  StoreReader(const BlockStore& store, const Levels& levels, const Unread& unread)
      : store_(store),
        levels_(levels),
        written_(unread.written),
        meanwhile_(unread.meanwhile),
        failed_before_(store.counts().unread) {}

  const Levels& levels() const override { return levels_; }
  PaneNumber covers(Rollup level) const override {
    const timeline::PaneGrid grid = levels_.grid(level);
    const auto oldest = store_.oldest(levels_.pane(level));
    return grid.number(oldest.value_or(written_));
  }
  PaneNumber written_until(Rollup level) const override {
    return levels_.grid(level).number(written_);
  }
  WallTime whole_from(Rollup level) const override {
    return store_.whole_from(levels_.pane(level));
  }
  std::vector<timeline::Gap> holes() const override {
    Missing all = store_.missing();
    all.add(meanwhile_);
    return all.holes();
  }
  std::vector<timeline::Gap> holes(Rollup level) const override {
    return store_.missing().holes(levels_.pane(level));
  }
  bool has_failed() const override { return store_.counts().unread > failed_before_; }
  void series(std::string_view name_prefix, std::string_view after,
              const SeriesVisit& visit) const override {
    store_.series(name_prefix, after, visit);
  }
  void panes(ArchiveId series, Rollup level, PaneNumber first, PaneNumber last,
             const PaneVisit& visit) const override {
    if (!levels_.exists(level)) return;
    store_.panes(levels_, series, {level, first, std::min(last, written_until(level))}, visit);
  }

 private:
  const BlockStore& store_;
  const Levels& levels_;
  WallTime written_;
  const Missing& meanwhile_;
  std::uint64_t failed_before_;
};

}  // namespace ingest::archive
