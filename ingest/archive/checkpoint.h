#pragma once
// Checkpoint: the segments that are not filed yet, and what waits to be written to them. What the
// hub sends goes to the segment of its pane's period; each segment says of each series it names
// what its key is, so that it can be read alone. Owned by the archive's thread. It must not know
// blocks or the hub.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/archive/births.h"
#include "ingest/archive/entry.h"
#include "ingest/archive/levels.h"
#include "ingest/archive/segment.h"
#include "ingest/base/result.h"

namespace ingest::archive {

class Checkpoint {
 public:
  struct Found {
    SegmentName name;
    std::size_t whole_bytes = 0;  // up to where it is whole
    std::size_t damaged_bytes = 0;
    std::size_t torn_bytes = 0;  // behind the last whole record
    std::uint32_t numbers = 0;   // of series, in use
    std::uint64_t deltas = 0;
  };

  /// What is in `folder`, which is there; every record is checked. `session` names this run.
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

  /// `delta` is of the series that `births` knows by its number. False: its period was filed
  /// already.
  bool take(const Entry& delta, const Births::Known& series);
  /// Everything that came is on disk after; what fails waits for the next call.
  Result<void> sync();
  std::size_t waiting() const;
  /// Of all segments on disk.
  std::uint64_t bytes() const;

  // ---- what leaves ----

  /// The oldest segment whose panes ended by `closed`, complete on disk: nothing is added to it any
  /// more. Segments of another length of panes come first.
  std::optional<SegmentName> take_closed(WallTime closed);
  std::string path_of(const SegmentName& name) const { return folder_ + '/' + name.text(); }
  /// How many came to a segment that was taken.
  std::uint64_t deltas(const SegmentName& name) const;
  /// It is filed, or given up.
  void remove(const SegmentName& name);
  /// The start of the oldest period that is not filed; nothing when all are.
  std::optional<WallTime> unfiled_from() const;

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

  Checkpoint(std::string folder, Levels levels, std::uint64_t session)
      : folder_(std::move(folder)), levels_(levels), session_(session) {}
  Open& open_segment(WallTime start);

  std::string folder_;
  Levels levels_;
  std::uint64_t session_;
  std::vector<Found> found_;
  std::vector<SegmentName> foreign_;  // of other lengths of panes, to be filed first
  std::map<WallTime, Open> open_;
  std::map<WallTime, std::uint64_t> closed_;  // taken, not removed; their deltas
  WallTime filed_until_ = WallTime::min();
};

/// Reads all of a segment; what is damaged is left out. Births come before what names them.
Checkpoint::Found scan_segment(const SegmentName& name, std::span<const std::byte> bytes,
                               const std::function<void(const Entry&)>& visit);

}  // namespace ingest::archive
