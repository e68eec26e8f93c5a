#pragma once
// RowEvaluator: a row's columns in any window that its panes still hold. Owned by its stream, on
// the hub's thread. It must not know which windows are open, nor who is told.

#include <vector>

#include "ingest/timeline/evaluate.h"
#include "ingest/timeline/row_table.h"

namespace ingest::timeline {

class RowEvaluator {
 public:
  struct Options {
    PaneGrid grid;
    Millis series_ttl{600'000};
  };
  RowEvaluator(const query::Query& query, const Options& options);

  PaneNumber window_panes() const { return window_panes_; }
  PaneNumber slide_panes() const { return slide_panes_; }
  /// Which slide of panes holds this one.
  PaneNumber slide_of(PaneNumber pane) const { return pane / slide_panes_; }
  /// How many panes before a window its columns look at, where nothing is remembered of them.
  PaneNumber reach_panes() const;

  /// Empty, with all that its kind needs.
  Strand make_strand(model::Kind kind, std::size_t part) const;

  // Where ewma or zscore is asked, a row remembers its levels; else these do nothing.
  /// Takes the levels of windows up to the one that ends at pane `end`; those that end at
  /// `oldest_end` or later may still be asked for. How many it took.
  std::size_t remember(Row& row, PaneNumber end, PaneNumber oldest_end);
  /// Takes anew what the row's dirty panes changed.
  void remember_anew(Row& row);

  /// Whether a change in the row's dirty panes shows in the window that ends at `end`.
  bool touches(const Row& row, PaneNumber end) const;
  /// Whether what a row says follows from its slides in the window alone, and is numbers.
  bool can_keep() const { return can_keep_; }
  /// Whether a row says the same in the window that ends at `end` as in an earlier one, when it was
  /// evaluated and since when nothing changed. Its panes since that window's start are there.
  bool says_the_same(const Row& row, PaneNumber earlier_end, PaneNumber end) const;
  void append(const Row& row, PaneNumber end, Evaluated& to);
  /// One column alone.
  double column(const Row& row, PaneNumber end, std::size_t index);

 private:
  Totals totals_of(const Strand& strand, PaneNumber end) const;
  std::span<const Totals> totals_of(const Row& row, PaneNumber end);

  Evaluator evaluator_;
  Options options_;
  Millis window_;
  PaneNumber window_panes_;
  PaneNumber slide_panes_;
  bool can_keep_;
  std::vector<Totals> totals_;  // memory kept between rows
  Evaluated scratch_;
};

}  // namespace ingest::timeline
