#pragma once
// SeriesPanes: how the panes of one series are read, whatever form they are held in: open ones as
// partials, closed ones packed, old ones merged into roll-ups. A view that Timeline::panes() gives;
// it lives until the timeline next changes. The hub's thread. It must not know who reads.
//
//   Sixty  [======][======][======]          covers(Sixty) .. made_until(Sixty)
//   Ten              [=][=][=][=][=][=]      covers(Ten)   .. made_until(Ten)
//   Base                        ||||||||||   covers(Base)  .. the open panes
//
// Each level's roll-up is the merge of the panes below it; a reader of long windows takes the
// coarsest level as far as it was made, and the finer one for the rest.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>

#include "ingest/timeline/pane_run.h"

namespace ingest::timeline {

/// What panes are merged into: Base are the panes themselves, of `time.pane`.
enum class Rollup : std::uint8_t { Base, Ten, Sixty };
inline constexpr std::size_t kRollups = 3;

/// A pane as model/packed_partial.h writes it.
struct PackedPane {
  PaneNumber number = 0;
  std::span<const std::byte> packed;
};

class PaneStore;

class SeriesPanes {
 public:
  using Visit = std::function<void(PaneNumber, const model::Partial&)>;
  using VisitPacked = std::function<void(PaneNumber, std::span<const std::byte>)>;
  static constexpr PaneNumber kNever = std::numeric_limits<PaneNumber>::max();

  /// Of a gauge: what it was after all panes that each() gives no more, and the newest of those.
  struct Before {
    double value = 0;
    PaneNumber pane = 0;
  };

  SeriesPanes(const PaneStore& store, SeriesIndex series) : store_(&store), series_(series) {}

  /// Calls visit(number, partial) for each pane of [first, last) at this level that holds
  /// something, ascending; the partial lives during the call. A number is the pane's start divided
  /// by the level's length: Timeline::grid(level).
  void each(Rollup level, PaneNumber first, PaneNumber last, const Visit& visit) const;
  /// The same, as model/packed_partial.h writes it: far cheaper for who copies.
  void each_packed(Rollup level, PaneNumber first, PaneNumber last, const VisitPacked& visit) const;
  /// The oldest pane that is still whole at this level; of older ones some or all were dropped.
  /// kNever where the level is not kept.
  PaneNumber covers(Rollup level) const;
  /// One past the newest pane that was made at this level: read no further, though each() may give
  /// more. kNever for Base, whose newest is open.
  PaneNumber made_until(Rollup level) const;
  /// Nothing for other kinds, and where no pane was ever dropped.
  std::optional<Before> before(Rollup level) const;
  /// How many panes of a level hold something.
  std::size_t size(Rollup level) const;

 private:
  const PaneStore* store_;
  SeriesIndex series_;
};

}  // namespace ingest::timeline
