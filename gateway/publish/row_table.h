#pragma once
// RowTable: a stream's table as it stands on the wire: row indexes, keys, printed values, and at
// which version each row last changed, so that channels of all rates share one evaluation. Besides
// it keeps what was said of earlier windows that may still be corrected.
// Pure. Owned by the Publisher's stream, on the hub's thread.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "gateway/publish/number_text.h"
#include "gateway/publish/sheet.h"
#include "ingest/query/query.h"
#include "ingest/query/update.h"

namespace gateway::publish {

/// The table's own clock: one step at each seal().
using Version = std::uint64_t;

class RowTable {
 public:
  struct Caps {
    std::size_t earlier_bytes_max =
        std::size_t{16} * 1024 * 1024;  // earlier windows; the oldest is given up
    std::size_t earlier_windows_max = 1'024;
  };
  /// Indexes given out may exceed twice the live rows by this many before they start afresh.
  static constexpr std::size_t kSpareIndexes = 1'024;
  /// No index.
  static constexpr RowIndex kNone = ~RowIndex{0};
  /// What a hub's slot number stays below.
  static constexpr std::size_t kSlotsMax = std::size_t{1} << 24;

  /// An earlier window: its values, and when each row's last changed.
  struct Earlier {
    ingest::query::Window window;
    std::uint32_t rev = 1;  // of what is said next; ascending
    Version changed = 0;    // of the newest of its rows
    Version final_at = 0;   // 0: not closed yet
    std::vector<double> values;
    Sheet sheet;
    std::vector<Version> touched;  // by index; may be shorter than the table
    std::size_t counted = 0;       // of its bytes, in the table's sum of them
  };
  /// Whether any channel wants corrections of earlier windows.
  enum class Corrections : std::uint8_t { None, Kept };

  RowTable(const ingest::query::Query& query, Caps caps);

  void keep(Corrections corrections);
  /// Another earlier_bytes_max from the next window on.
  void hold_at_most(std::size_t earlier_bytes_max) { caps_.earlier_bytes_max = earlier_bytes_max; }
  void apply(const ingest::query::Update& update);
  /// The tick is whole: what was applied since the last seal() is one version, and what follows is
  /// a later one.
  void seal() { ++version_; }

  bool is_ready() const { return ready_; }
  /// The last sealed one.
  Version version() const { return version_; }
  const ingest::query::Window& window() const { return window_; }
  std::size_t live() const { return live_; }
  /// Indexes given out; rows that left keep theirs, with their key, until the rebase.
  std::size_t size() const { return keys_.size(); }
  bool is_live(RowIndex index) const { return alive_[index] != 0; }
  /// When the row was added, removed, or its printed text or its marks changed.
  Version touched(RowIndex index) const { return touched_[index]; }
  const Sheet& sheet() const { return sheet_; }
  Cells cells() const { return sheet_.cells(); }
  std::size_t fields() const { return fields_; }
  /// JSON arrays of the row's tag values, by index: ["/a","eu"].
  std::span<const std::string> keys() const { return keys_; }
  /// Oldest first.
  const std::deque<Earlier>& earlier() const { return earlier_; }

  /// Gives up closed windows whose last word every channel has said: those up to `said`.
  void settle(Version said);
  bool wants_rebase() const { return size() > 2 * live_ + kSpareIndexes; }
  /// Live rows become 0..n-1 in their order. Every channel must then send a rebase snapshot.
  void rebase();

  std::size_t bytes() const;
  std::uint64_t corrections_dropped() const { return corrections_dropped_; }

 private:
  /// Where the values of a window are kept.
  struct Slate {
    std::vector<double>& values;
    Sheet& sheet;
    std::vector<Version>& touched;
  };
  void apply_newest(const ingest::query::Update& update);
  void apply_earlier(const ingest::query::Update& update, Earlier& earlier);
  /// True when a printed text changed.
  bool write(const ingest::query::Update& update, Slate slate);
  bool write_row(const ingest::query::Update& update, std::size_t row, RowIndex index, Slate slate);
  void put_away();
  void count(Earlier& earlier);
  void drop_oldest();
  void remove(ingest::query::RowSlot slot);
  void add(const ingest::query::RowAdded& row);
  RowIndex index_of(ingest::query::RowSlot slot) const;
  std::vector<RowIndex> renumber();

  Caps caps_;
  std::vector<Digits> digits_;  // by field
  std::size_t fields_ = 0;
  Corrections corrections_ = Corrections::None;
  bool ready_ = false;
  Version version_ = 0;
  ingest::query::Window window_;
  std::size_t live_ = 0;
  std::vector<RowIndex> index_by_slot_;
  // By index:
  std::vector<std::string> keys_;
  std::vector<std::uint8_t> alive_;
  std::vector<Version> touched_;
  std::vector<double> values_;  // what is printed, so that equal values are not printed again
  Sheet sheet_;                 // both `fields_` a row
  std::deque<Earlier> earlier_;
  std::size_t earlier_bytes_ = 0;
  std::size_t key_bytes_ = 0;
  std::uint64_t corrections_dropped_ = 0;
};

}  // namespace gateway::publish
