#pragma once
// PackedMerge: one packed partial out of many, as merging them gives it. What most records are, a
// timer's values one by one, is gathered and folded at once: no record becomes a partial of its own
// for that. Its memory stays from one to the next. It must not know what the records are of. Pure;
// a value without a thread of its own.
//
//   add(record) add(record) ... finish() -> record        and again

#include <cstddef>
#include <span>
#include <vector>

#include "ingest/model/partial.h"

namespace ingest::model {

class PackedMerge {
 public:
  bool empty() const { return count_ == 0; }
  /// Records that pack() made, all of one kind. Each lives until finish().
  void add(std::span<const std::byte> packed);
  /// All of them, merged in their order; a single one as it is. There is one. Lives until the next
  /// call.
  std::span<const std::byte> finish();

 private:
  static constexpr std::size_t kGatheredMax = 1'024;  // values

  void gather(std::span<const std::byte> packed);
  void fold_gathered();

  std::size_t count_ = 0;
  std::span<const std::byte> first_;
  Partial merged_;  // from the second record on, less what is gathered
  std::vector<double> gathered_;
  std::vector<std::byte> packed_;
};

}  // namespace ingest::model
