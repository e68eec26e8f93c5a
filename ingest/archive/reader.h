#pragma once
// Reader: how the past is read from disk: which series there were, and their panes. Lives on the
// archive's thread and is lent to a Job for its turn. It must not know queries, rows or who asked.
//
// What it gives ends at written_until(): panes from there on are in the timeline's memory (also
// after a restart, which loads them from the checkpoint).

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/archive/levels.h"
#include "ingest/model/series_key.h"
#include "ingest/timeline/stretches.h"

namespace ingest::archive {

/// The archive's own name for a series: never used for another one, across restarts.
using ArchiveId = std::uint64_t;

class Reader {
 public:
  /// False: enough.
  using SeriesVisit = std::function<bool(ArchiveId, const model::SeriesKey&)>;
  /// A packed pane, which lives during the call. False: it is damaged.
  using PaneVisit = std::function<bool(PaneNumber, std::span<const std::byte>)>;

  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  virtual ~Reader() = default;

  virtual const Levels& levels() const = 0;
  /// The oldest pane that may be there at this level.
  virtual PaneNumber covers(Rollup level) const = 0;
  /// One past the newest pane that is on disk at this level.
  virtual PaneNumber written_until(Rollup level) const = 0;
  /// From when on no pane of this level has left the disk; the first instant where none ever did.
  virtual WallTime whole_from(Rollup level) const = 0;
  /// Times of which something is nowhere on disk, ascending.
  virtual std::vector<timeline::Gap> holes() const = 0;
  /// The same of this level: other levels have it, or tell it, too.
  virtual std::vector<timeline::Gap> holes(Rollup level) const = 0;
  /// Since this was made something could not be read that another time may be.
  virtual bool has_failed() const = 0;

  /// Every series known on disk whose metric name begins with `name_prefix`, in the order of their
  /// keys' bytes, behind `after` (a key's bytes and kind, see place_of(); empty: from the first):
  /// how a long list is taken over several turns.
  virtual void series(std::string_view name_prefix, std::string_view after,
                      const SeriesVisit& visit) const = 0;
  /// The panes of one series in [first, last) that hold something, ascending; what is damaged is
  /// left out, and a hole from then on.
  virtual void panes(ArchiveId series, Rollup level, PaneNumber first, PaneNumber last,
                     const PaneVisit& visit) const = 0;

  /// Where series() stood at this key.
  static std::string place_of(const model::SeriesKey& key);
};

}  // namespace ingest::archive
