#include "ingest/model/packed_merge.h"

#include <utility>

#include "ingest/base/check.h"
#include "ingest/model/packed_partial.h"

namespace ingest::model {

void PackedMerge::add(std::span<const std::byte> packed) {
  if (count_++ == 0) {
    first_ = packed;
    return;
  }
  if (count_ == 2) gather(first_);
  gather(packed);
}

void PackedMerge::gather(std::span<const std::byte> packed) {
  if (unpack_units(packed, gathered_)) {
    if (merged_.kind() != Kind::Timer) merged_ = Partial{Kind::Timer};
    if (gathered_.size() > kGatheredMax) fold_gathered();
    return;
  }
  auto partial = unpack(packed);
  CHECK(partial);  // our own bytes
  if (merged_.kind() != partial->kind()) merged_ = Partial{partial->kind()};
  fold_gathered();
  merged_.merge(*partial);
}

void PackedMerge::fold_gathered() {
  if (gathered_.empty()) return;
  merged_.timer().fold_units(gathered_);
  gathered_.clear();
}

std::span<const std::byte> PackedMerge::finish() {
  CHECK(count_ > 0);
  if (std::exchange(count_, 0) == 1) return first_;
  fold_gathered();
  packed_.clear();
  pack(merged_, packed_);
  merged_ = Partial{};
  return packed_;
}

}  // namespace ingest::model
