#pragma once
// Missing: what is known not to be on disk though it happened: how far back the panes of each
// length have left, and holes, which are times of which something was lost: of all lengths, or of
// panes of one. A value; owned by the block store, which keeps it on disk, and by the archive while
// the disk is away. It must not know why something is missing.
//
//   packed   count varint, (pane ms, end ms) each, count varint, (from ms, until ms) each; 8 bytes
//            and, where one length has holes: count varint, (pane ms, count varint, holes) each

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
  /// Where there would be more holes (of all lengths, or of one), the two that are nearest to each
  /// other become one.
  static constexpr std::size_t kHolesMax = 256;

  /// Panes of this length that ended by `end` have left.
  void left(Millis pane, WallTime end);
  /// Until when they have; nothing where none ever did.
  std::optional<WallTime> left_until(Millis pane) const;

  /// Something of that time was lost, at all lengths.
  void add(const Gap& hole);
  /// The same of panes of this length: those of others are there.
  void add(Millis pane, const Gap& hole);
  /// Of all lengths. Ascending, apart from each other.
  const std::vector<Gap>& holes() const { return holes_; }
  /// Of this length only.
  const std::vector<Gap>& holes(Millis pane) const;
  /// That something is known to be missing of.
  std::vector<Millis> lengths() const;
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
  std::map<Millis, std::vector<Gap>> of_length_;  // none of them empty
};

}  // namespace ingest::archive
