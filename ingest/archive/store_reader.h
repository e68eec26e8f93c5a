#pragma once
// StoreReader: the Reader that a job gets: the block store, without what is being filed. Made for
// one turn, on the archive's thread.

#include <algorithm>
#include <string_view>

#include "ingest/archive/block_store.h"
#include "ingest/archive/reader.h"

namespace ingest::archive {

class StoreReader final : public Reader {
 public:
  /// Both outlive it. `written`: panes from there on are not read here.
  StoreReader(const BlockStore& store, const Levels& levels, WallTime written)
      : store_(store), levels_(levels), written_(written) {}

  const Levels& levels() const override { return levels_; }
  PaneNumber covers(Rollup level) const override {
    const timeline::PaneGrid grid = levels_.grid(level);
    const auto oldest = store_.oldest(levels_.pane(level));
    return grid.number(oldest.value_or(written_));
  }
  PaneNumber written_until(Rollup level) const override {
    return levels_.grid(level).number(written_);
  }
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
};

}  // namespace ingest::archive
