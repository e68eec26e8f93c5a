#pragma once
// SeriesMerge: the panes of one series on their way into a RangeQuery: what memory had and what the
// disk has, in the order of time (a gauge's panes must come so), some at a time: a month of one
// series is more than a turn. Used by a RangeTask, on the archive's thread. It must not know who
// asked.

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "ingest/archive/reader.h"
#include "ingest/history/excerpt.h"
#include "ingest/timeline/range_query.h"

namespace ingest::history {

class SeriesMerge {
 public:
  /// Panes that are read from disk at once.
  static constexpr timeline::PaneNumber kPanesAtOnce = 1'024;

  struct Of {
    const Excerpt::Series& in_memory;  // outlives the merge
    std::optional<archive::ArchiveId> on_disk;
    const timeline::KeptLevels& kept;  // how long the panes of each level are
  };
  /// The next of range.wanted() is begun with it. `disk` is null where nothing is on disk.
  SeriesMerge(const Of& of, const archive::Reader* disk, timeline::RangeQuery& range);

  bool is_done() const { return next_ == pieces_.size(); }
  /// About so many panes; how many there were. Where the disk has gone (null) its panes are left
  /// out: whether the page is whole, who asked finds out.
  std::size_t some(const Excerpt& excerpt, const archive::Reader* disk, timeline::RangeQuery& range,
                   std::size_t steps);

 private:
  struct Piece {
    Millis pane{0};  // the length of its panes
    timeline::Stretch stretch;
    const Excerpt::Part* in_memory = nullptr;  // null: on disk
    WallTime start() const { return timeline::PaneGrid{pane}.start(stretch.first); }
  };
  void add_pieces_on_disk(const archive::Reader& disk, const timeline::RangeQuery& range);
  std::size_t find_life(const archive::Reader* disk, timeline::RangeQuery& range) const;
  void take_ends(const archive::Reader& disk, timeline::Rollup level,
                 std::vector<timeline::Gap>& gaps, const std::function<void(WallTime)>& see) const;
  void add_cut(const timeline::Stretch& stretch, Millis pane);

  const Excerpt::Series& in_memory_;
  std::optional<archive::ArchiveId> on_disk_;
  std::vector<Piece> pieces_;
  std::size_t next_ = 0;
};

}  // namespace ingest::history
