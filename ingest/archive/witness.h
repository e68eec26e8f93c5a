#pragma once
// Witness: what the block store was told to keep for good, in a small file beside it. A store whose
// own books were cut short opens without a word, as it was some time ago: what it then no longer
// knows is found here. Owned by the block store, on the archive's thread. It must not know blocks.
//
//   file     two records (segment.h); a file of an earlier Weir has the first one alone
//     commits  sequence 8 bytes, from ms, until ms, 8 bytes each; the oldest first
//     tables   how many, then of each its number (varints) and the family's name (a text)

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ingest/archive/missing.h"
#include "ingest/base/clock.h"

namespace ingest::archive {

class Witness {
 public:
  /// Where there would be more, the two oldest become one.
  static constexpr std::size_t kCommitsMax = 64;
  /// The files of a store: of which of its families each is, by number.
  using Tables = std::map<std::uint64_t, std::string>;

  /// What the file says; nothing where there is none, or it cannot be read.
  static Witness read(const std::string& path);

  /// All of that time that came since the last commit is in the store, whose books stand at
  /// `sequence` and name these tables. On disk after; where that fails, with the next one.
  void committed(std::uint64_t sequence, const Gap& span, Tables tables);
  /// The store has put its tables into others, or left some behind.
  void rearranged(Tables tables);
  /// Times of which a store whose books stand at `sequence` has lost something.
  Missing lost_by(std::uint64_t sequence) const;
  /// What was lost is told: from now on the books of the store are right as they stand.
  void settle(std::uint64_t sequence, Tables tables);
  /// From the oldest to the newest that was ever committed.
  std::optional<Gap> span() const;
  /// Those that the store had when that was last told; nothing where that is not known.
  const std::optional<Tables>& tables() const { return tables_; }

 private:
  struct Commit {
    std::uint64_t sequence = 0;
    Gap span;
  };
  explicit Witness(std::string path) : path_(std::move(path)) {}
  void write() const;

  std::string path_;
  std::vector<Commit> commits_;
  std::optional<Tables> tables_;
};

}  // namespace ingest::archive
