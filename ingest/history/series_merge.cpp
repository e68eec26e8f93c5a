#include "ingest/history/series_merge.h"

#include <algorithm>
#include <array>

#include "ingest/base/check.h"

namespace ingest::history {
namespace {

using timeline::PaneGrid;
using timeline::PaneNumber;
using timeline::Rollup;
using timeline::SeriesPanes;
using timeline::Stretch;

constexpr std::array kCoarsestFirst{Rollup::Sixty, Rollup::Ten, Rollup::Base};

}  // namespace

SeriesMerge::SeriesMerge(const Of& of, const archive::Reader* disk, timeline::RangeQuery& range)
    : in_memory_(of.in_memory), on_disk_(of.on_disk) {
  for (const Excerpt::Part& part : in_memory_.parts) {
    const Millis pane = of.kept.levels[static_cast<std::size_t>(part.stretch.level)].length;
    pieces_.push_back({pane, part.stretch, &part});
  }
  if (disk != nullptr && on_disk_) add_pieces_on_disk(*disk, range);
  std::ranges::sort(pieces_, {}, &Piece::start);
  range.begin_series();
}

/// What memory left open, as far as the disk has it.
void SeriesMerge::add_pieces_on_disk(const archive::Reader& disk,
                                     const timeline::RangeQuery& range) {
  std::vector<timeline::Gap> gaps = in_memory_.left;
  for (const Rollup level : kCoarsestFirst) {
    const PaneGrid grid = disk.levels().grid(level);
    if (!disk.levels().exists(level) || !range.takes(grid.pane)) continue;
    const PaneNumber covers = disk.covers(level);
    if (covers == SeriesPanes::kNever) continue;
    std::vector<Stretch> taken;
    timeline::take({level, covers, disk.written_until(level)}, grid, gaps, taken);
    for (const Stretch& stretch : taken)
      add_cut(stretch, grid.pane);
  }
}

void SeriesMerge::add_cut(const Stretch& stretch, Millis pane) {
  for (PaneNumber first = stretch.first; first < stretch.last; first += kPanesAtOnce) {
    const PaneNumber last = std::min(stretch.last, first + kPanesAtOnce);
    pieces_.push_back({pane, {stretch.level, first, last}, nullptr});
  }
}

std::size_t SeriesMerge::some(const Excerpt& excerpt, const archive::Reader* disk,
                              timeline::RangeQuery& range, std::size_t steps) {
  std::size_t done = 0;
  for (; next_ < pieces_.size() && done < steps; ++next_, ++done) {
    const Piece& piece = pieces_[next_];
    const PaneGrid grid{piece.pane};
    const auto add = [&](PaneNumber pane, std::span<const std::byte> packed) {
      ++done;
      return range.add(grid.start(pane), grid.end(pane), packed);
    };
    if (piece.in_memory == nullptr) {
      const Stretch& there = piece.stretch;
      if (disk != nullptr) disk->panes(*on_disk_, there.level, there.first, there.last, add);
      continue;
    }
    const bool is_first = piece.in_memory == in_memory_.parts.data();
    if (is_first && in_memory_.before) range.correct(*in_memory_.before);
    excerpt.each(*piece.in_memory, [&](PaneNumber pane, std::span<const std::byte> packed) {
      CHECK(add(pane, packed));  // we packed it ourselves
    });
  }
  return is_done() ? done + find_life(disk, range) : done;
}

/// Where the series may have lived before its first pane, what is older says so. To the length of
/// the coarsest panes there are: few are looked at.
std::size_t SeriesMerge::find_life(const archive::Reader* disk, timeline::RangeQuery& range) const {
  if (!range.needs_sign_of_life()) return 0;
  std::optional<WallTime> newest = in_memory_.life.end;
  std::size_t panes = 0;
  if (!newest && disk != nullptr && on_disk_) {
    const auto see = [&](WallTime end) {
      newest = std::max(newest.value_or(end), end);
      ++panes;
    };
    std::vector<timeline::Gap> gaps = in_memory_.life.left;
    for (const Rollup level : kCoarsestFirst)
      take_ends(*disk, level, gaps, see);
  }
  if (newest) range.lived(*newest);
  return 1 + panes;
}

/// Of the panes that this level has in the gaps, which leave them.
void SeriesMerge::take_ends(const archive::Reader& disk, Rollup level,
                            std::vector<timeline::Gap>& gaps,
                            const std::function<void(WallTime)>& see) const {
  const PaneNumber covers = disk.covers(level);
  if (!disk.levels().exists(level) || covers == SeriesPanes::kNever) return;
  const PaneGrid grid = disk.levels().grid(level);
  std::vector<Stretch> taken;
  timeline::take({level, covers, disk.written_until(level)}, grid, gaps, taken);
  for (const Stretch& there : taken) {
    disk.panes(*on_disk_, level, there.first, there.last,
               [&](PaneNumber pane, std::span<const std::byte>) {
                 see(grid.end(pane));
                 return true;
               });
  }
}

}  // namespace ingest::history
