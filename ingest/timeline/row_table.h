#pragma once
// RowTable: the rows of a stream: which key has which slot, and which rows readers have been told
// of. Owned by its stream, on the hub's thread. It must not know windows or stats.
//
// A row stands in the table while it has a live series (announced from the next update on). When
// the last one expires it is announced as removed, but kept, so that its panes still count if it
// comes back, until nothing is left in it.

#include <absl/container/flat_hash_map.h>

#include <memory>
#include <string>
#include <vector>

#include "ingest/model/series_key.h"
#include "ingest/query/update.h"
#include "ingest/timeline/pane_tree.h"

namespace ingest::timeline {

using MemberId = std::uint32_t;

struct Row {
  std::vector<std::string> key;
  model::Kind kind = model::Kind::Counter;
  bool in_use = false;
  bool overflow = false;
  bool announced = false;
  bool life_changed = false;        // stands in the list of those to look at
  std::uint32_t live = 0;           // series
  std::uint32_t members = 0;        // series, the expired included
  std::vector<MemberId> gauges;     // gauges only: its members, whose panes are their own
  std::unique_ptr<PaneTree> panes;  // all other kinds: merged over the members
  bool dirty = false;
  PaneNumber dirty_first = 0;  // while dirty: the panes that changed lie in here
  PaneNumber dirty_last = 0;
};

class RowTable {
 public:
  /// Past `rows_max` keys further ones share one row for each kind, of `overflow` values.
  RowTable(std::size_t rows_max, std::uint64_t window_panes);

  query::RowSlot find_or_add(std::vector<std::string> key, model::Kind kind);
  Row& row(query::RowSlot slot) { return rows_[slot]; }
  const Row& row(query::RowSlot slot) const { return rows_[slot]; }

  /// To be called when `live` became or ceased to be 0.
  void life_changed(query::RowSlot slot);
  void mark_dirty(query::RowSlot slot, PaneNumber pane);

  /// Settles who is announced; both ascending.
  struct News {
    std::vector<query::RowSlot> removed;
    std::vector<query::RowAdded> added;
  };
  void announce(News& news);

  /// Every slot that is or was in use; look at Row::announced.
  query::RowSlot slots() const { return static_cast<query::RowSlot>(rows_.size()); }
  std::size_t announced() const { return announced_; }
  /// Ascending after announce().
  const std::vector<query::RowSlot>& dirty() const { return dirty_; }
  void clear_dirty();
  /// Forgets panes below `pane`, and rows with nothing left.
  void drop_below(PaneNumber pane);

 private:
  static std::string map_key(const std::vector<std::string>& key, model::Kind kind);
  query::RowSlot add(std::vector<std::string> key, model::Kind kind);

  std::size_t rows_max_;
  std::uint64_t window_panes_;
  std::vector<Row> rows_;
  std::vector<query::RowSlot> free_;
  absl::flat_hash_map<std::string, query::RowSlot> by_key_;
  std::size_t keyed_ = 0;  // rows in use that are no overflow rows
  std::size_t announced_ = 0;
  std::vector<query::RowSlot> life_changed_;
  std::vector<query::RowSlot> dirty_;
};

}  // namespace ingest::timeline
