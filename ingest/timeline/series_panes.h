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

#include "ingest/timeline/pane_run.h"

namespace ingest::timeline {

/// What panes are merged into: Base are the panes themselves, of `time.pane`.
enum class Rollup : std::uint8_t { Base, Ten, Sixty };
inline constexpr std::size_t kRollups = 3;

class SeriesPanes {
 public:
  using Visit = std::function<void(PaneNumber, const model::Partial&)>;
  static constexpr PaneNumber kNever = std::numeric_limits<PaneNumber>::max();

  /// Of a gauge: what it was after all panes below covers(level), and the newest of those.
  struct Before {
    double value = 0;
    PaneNumber pane = 0;
  };

  explicit SeriesPanes(const PaneRun& base, std::optional<Before> before, PaneNumber covers)
      : base_(&base), before_(before), covers_(covers) {}

  /// Calls visit(number, partial) for each pane of [first, last) at this level that holds
  /// something, ascending; the partial lives during the call. A number is the pane's start divided
  /// by the level's length: Timeline::grid(level).
  void each(Rollup level, PaneNumber first, PaneNumber last, const Visit& visit) const {
    if (level != Rollup::Base) return;
    for (const PaneRun::Item& item : base_->items_from(first)) {
      if (item.number >= last) return;
      visit(item.number, item.partial);
    }
  }
  /// The oldest pane that is still whole at this level; of older ones some or all were dropped.
  /// kNever where the level is not kept.
  PaneNumber covers(Rollup level) const { return level == Rollup::Base ? covers_ : kNever; }
  /// One past the newest pane that was made at this level; kNever for Base, whose newest is open.
  PaneNumber made_until(Rollup level) const { return level == Rollup::Base ? kNever : 0; }
  /// Nothing for other kinds, and where no pane was ever dropped.
  std::optional<Before> before(Rollup level) const {
    return level == Rollup::Base ? before_ : std::nullopt;
  }
  /// How many panes of a level hold something.
  std::size_t size(Rollup level) const { return level == Rollup::Base ? base_->items().size() : 0; }

 private:
  const PaneRun* base_;
  std::optional<Before> before_;
  PaneNumber covers_;
};

}  // namespace ingest::timeline
