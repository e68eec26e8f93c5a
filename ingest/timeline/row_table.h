#pragma once
// RowTable: the rows of a stream: which key has which slot, and which rows readers have been told
// of. Owned by its stream, on the hub's thread. It must not know windows or stats.
//
// A row is alive while it has a live series. Readers are told of a live row, unless its stream has
// a limit and hides it. When the last series expires the row is announced as removed, but kept, so
// that its panes still count if it comes back, until nothing is left in it.
//
// Kinds stand in rows of their own. Where the key has no @kind, readers could not tell two of them
// apart: the one that came first is shown. (Who asks for a plain name of which two kinds are known
// gets @kind: StreamSet::keyed.)

#include <absl/container/flat_hash_map.h>

#include <memory>
#include <string>
#include <vector>

#include "ingest/model/series_key.h"
#include "ingest/query/update.h"
#include "ingest/timeline/pane_tree.h"
#include "ingest/timeline/recent_past.h"

namespace ingest::timeline {

class GaugePast;

/// The series of one kind in one part of a row (evaluate.h, Totals).
struct Strand {
  model::Kind kind = model::Kind::Counter;
  std::size_t part = 0;
  std::vector<const GaugePast*> gauges;  // gauges only: of its members
  std::unique_ptr<PaneTree> slides;      // all other kinds: merged over the members, slide by slide
  std::unique_ptr<RecentPast> past;      // where ewma or zscore is asked
  std::size_t held_bytes() const;
};

struct Row {
  std::vector<std::string> key;
  std::vector<Strand> strands;  // by part, then kind
  bool in_use = false;
  bool overflow = false;
  bool hidden = false;    // outside of the limit
  bool eclipsed = false;  // another kind has the same key, and nothing in it tells them apart
  bool announced = false;
  bool in_question = false;   // stands in the list of those to look at
  std::uint32_t live = 0;     // series
  std::uint32_t members = 0;  // series, the expired included
  bool dirty = false;
  PaneNumber dirty_first = 0;  // while dirty: the panes that changed lie in here
  PaneNumber dirty_last = 0;
  std::size_t held_bytes = 0;  // when it was last measured
};

/// What tells rows apart.
struct RowKey {
  std::vector<std::string> values;  // one for each of Query::by
  model::Kind kind = model::Kind::Counter;
};

class RowTable {
 public:
  enum class Kinds : std::uint8_t { Apart, Together };  // Together: of rows that join metrics
  struct Options {
    std::size_t rows_max = 0;
    Kinds kinds = Kinds::Apart;
    std::size_t kind_column = 0;  // of @kind in the key; at least its size: there is none
  };
  /// Past `rows_max` keys further ones share one row (for each kind that stands apart), of
  /// `overflow` values.
  explicit RowTable(const Options& options) : options_(options) {}

  query::RowSlot find_or_add(RowKey key);
  Row& row(query::RowSlot slot) { return rows_[slot]; }
  const Row& row(query::RowSlot slot) const { return rows_[slot]; }

  /// To be called when `live` became or ceased to be 0.
  void life_changed(query::RowSlot slot) { question(slot); }
  void hide(query::RowSlot slot, bool hidden);
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
  /// Rows that came to life or lost it since announce(), and others.
  const std::vector<query::RowSlot>& in_question() const { return in_question_; }
  /// Ascending after announce().
  const std::vector<query::RowSlot>& dirty() const { return dirty_; }
  void clear_dirty();
  /// Measures some rows anew, so that all are within kRound calls.
  void measure();
  static constexpr std::size_t kRound = 40;
  std::size_t held_bytes() const { return held_bytes_; }
  /// Of a stream that nobody watches: what the row has goes. How many steps it took.
  std::size_t free(query::RowSlot slot);
  static constexpr std::size_t kBytesAStep = 256;
  /// Forgets slides below `slide`, and rows with nothing left.
  void drop_below(PaneNumber slide);

 private:
  std::string map_key(const RowKey& key) const;
  query::RowSlot add(RowKey key);
  bool is_eclipsed(RowKey key) const;
  void question(query::RowSlot slot);
  static bool has_panes(const Row& row);

  Options options_;
  std::vector<Row> rows_;
  std::vector<query::RowSlot> free_;
  absl::flat_hash_map<std::string, query::RowSlot> by_key_;
  std::vector<std::string> map_keys_;  // by slot
  std::size_t keyed_ = 0;              // rows in use that are no overflow rows
  std::size_t announced_ = 0;
  query::RowSlot next_measured_ = 0;
  std::size_t held_bytes_ = 0;
  std::vector<query::RowSlot> in_question_;
  std::vector<query::RowSlot> dirty_;
};

}  // namespace ingest::timeline
