#pragma once
// Missing: what is known not to be on disk though it happened: how far back the panes of each
// length have left, and holes, which are times of which something was lost. A value; owned by the
// block store, which keeps it on disk, and by the archive while the disk is away. It must not know
// why something is missing.
//
//   packed   count varint, (pane ms, end ms) each, count varint, (from ms, until ms) each; 8 bytes

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/timeline/stretches.h"

namespace ingest::archive {

using timeline::Gap;

class Missing {
 public:
  /// Where there would be more holes, the two that are nearest to each other become one.
  static constexpr std::size_t kHolesMax = 256;

  /// Panes of this length that ended by `end` have left.
  void left(Millis pane, WallTime end);
  /// Until when they have; nothing where none ever did.
  std::optional<WallTime> left_until(Millis pane) const;

  /// Something of that time was lost, at all lengths.
  void add(const Gap& hole);
  /// Ascending, apart from each other.
  const std::vector<Gap>& holes() const { return holes_; }
  /// Holes that end by then are of no use: everything of that time has left.
  void forget(WallTime until);
  void add(const Missing& other);
  bool operator==(const Missing&) const = default;

  std::vector<std::byte> packed() const;
  /// Nothing when it is none.
  static std::optional<Missing> unpack(std::span<const std::byte> bytes);

 private:
  std::map<Millis, WallTime> left_;
  std::vector<Gap> holes_;
};

}  // namespace ingest::archive
