#pragma once
// Checkpoint: the segments that are not filed yet, and what waits to be written to them. What the
// hub sends goes to a segment of its pane's period, late or not; each segment says of each series
// it names what its key is, so that it can be read alone. One that is long enough is followed by
// another of the same period. Owned by the archive's thread. It must not know blocks or the hub.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/archive/births.h"
#include "ingest/archive/entry.h"
#include "ingest/archive/levels.h"
#include "ingest/archive/missing.h"
#include "ingest/archive/segment.h"
#include "ingest/base/result.h"

namespace ingest::archive {

class Checkpoint {
 public:
  struct Found {
    SegmentName name;
    std::size_t whole_bytes = 0;  // up to where it is whole
    std::size_t damaged_bytes = 0;
    std::size_t torn_bytes = 0;    // behind the last whole record
    std::uint64_t lost_bytes = 0;  // that the device did not give
    std::uint32_t numbers = 0;     // of series, in use
    std::uint64_t deltas = 0;
    std::string fault{};  // why nothing of it could be read; it is set aside
  };

  /// A segment of this length gets nothing more: it is read into memory to be filed.
  static constexpr std::size_t kSegmentBytes = std::size_t{64} << 20U;

  /// What is in `folder`, which is there; every record is checked. `session` names this run: it is
  /// above that of every run before.
  static Result<Checkpoint> open(const std::string& folder, Levels levels, std::uint64_t session);
  Checkpoint(Checkpoint&&) = default;
  Checkpoint& operator=(Checkpoint&&) = default;
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;
  ~Checkpoint() = default;

  // ---- what was found ----

  /// By start; of this and of other lengths of panes.
  const std::vector<Found>& found() const { return found_; }

  // ---- what comes ----

  /// `delta` is of the series that `births` knows by its number.
  void take(const Entry& delta, const Births::Known& series);
  /// Everything that came is on disk after; what fails waits for the next call.
  Result<void> sync();
  std::size_t waiting() const;
  /// Of all segments on disk.
  std::uint64_t bytes() const;

  // ---- what leaves ----

  /// The oldest segment whose panes ended by `closed`, complete on disk: nothing is added to it any
  /// more. One at a time. Those of another length of panes, or not wholly read, come first.
  std::optional<SegmentName> take_closed(WallTime closed);
  std::string path_of(const SegmentName& name) const { return folder_ + '/' + name.text(); }
  /// Of a segment that leaves.
  struct Gone {
    SegmentName name;
    std::uint64_t deltas = 0;
    std::uint64_t bytes = 0;
    bool was_aside = false;
    /// The time of its panes.
    Gap span() const { return {name.start, name.start + Levels{name.pane}.period()}; }
  };
  /// Of the period of the one that was taken no other one is left to be filed.
  bool taken_is_last() const;
  /// The one that was taken is filed, or gone.
  Gone remove();
  /// Goes unfiled: one that is set aside, or the oldest, be it taken or not. Nothing while there is
  /// one only, which is being written.
  std::optional<Gone> shed();

  /// The one that was taken cannot be read now: it holds nothing up and may be taken again.
  /// Whether that is new of it.
  bool set_aside();
  /// Also the one that is being tried again.
  std::size_t aside() const { return aside_.size() + (taken_ && taken_->was_aside ? 1 : 0); }
  /// What they would fill, as long as they cannot be read.
  Missing unread() const;
  /// Takes the one that was tried the longest ago.
  std::optional<SegmentName> take_aside();
  /// Of those that are set aside one whose panes would have left the disk by now goes.
  std::optional<Gone> expire_aside(WallTime now);

  /// Periods that end by then were filed; what comes for them is late.
  void filed_until(WallTime end) { filed_until_ = std::max(filed_until_, end); }
  WallTime filed_until() const { return filed_until_; }
  /// The start of the oldest period of which something is not filed; nothing when all is.
  std::optional<WallTime> unfiled_from() const;
  /// The same, of periods that were never filed.
  std::optional<WallTime> unwritten_from() const;

 private:
  static constexpr std::uint32_t kNone = 0;
  struct Number {
    std::uint32_t number = kNone;  // kNone: not born here yet
    std::uint32_t generation = 0;  // of the birth that is meant
  };
  struct Open {
    SegmentWriter writer;
    std::uint32_t next = 1;  // number of the next series
    std::uint64_t deltas = 0;
    std::vector<Number> numbers;  // by the hub's number
  };

  /// In the order of their periods, then of their making.
  using Place = std::pair<WallTime, std::uint64_t>;

  Checkpoint(std::string folder, Levels levels, std::uint64_t session)
      : folder_(std::move(folder)), levels_(levels), session_(session), next_number_(session) {}
  SegmentName name_at(const Place& place) const {
    return {levels_.pane(Rollup::Base), place.first, place.second};
  }
  void add(const Found& found);
  void erase(const Gone& gone) const;
  bool is_ours(const Gone& each) const { return each.name.pane == levels_.pane(Rollup::Base); }
  Open& open_segment(WallTime start);
  std::optional<WallTime> oldest_from(WallTime from) const;

  std::string folder_;
  Levels levels_;
  std::uint64_t session_;
  std::vector<Found> found_;
  std::vector<Gone> sealed_;   // take nothing more, to be filed first
  std::vector<Gone> aside_;    // cannot be read; the longest untried first
  std::uint64_t next_number_;  // of a segment
  std::map<Place, Open> open_;
  std::optional<Gone> taken_;  // not removed
  WallTime filed_until_ = WallTime::min();
};

/// What is whole of a segment.
Checkpoint::Found scan_segment(const SegmentName& name, std::span<const std::byte> bytes);

}  // namespace ingest::archive
