#include "ingest/series/index_map.h"

#include <algorithm>

namespace ingest::series {

IndexMap::IndexMap() {
  for (int i = 0; i < 2; ++i) {
    segments_.push_back(std::make_unique<Segment>());
    directory_.push_back(segments_.back().get());
  }
}

std::size_t IndexMap::held_bytes() const {
  constexpr std::size_t kPointer = sizeof(void*);
  return segments_.size() * sizeof(Segment) + segments_.capacity() * kPointer +
         directory_.capacity() * kPointer;
}

void IndexMap::put(Segment& segment, Slot slot) {
  std::size_t at = home(slot.print);
  while (segment.slots[at].index != kNone)
    at = after(at);
  segment.slots[at] = slot;
  ++segment.used;
}

bool IndexMap::insert(std::uint64_t hash, Index index, Need need) {
  const std::uint32_t print = print_of(hash);
  moved_ = 0;
  while (segment(print).used >= kSegmentFull && segment(print).depth < kDepthMax)
    split(print);
  Segment& here = *directory_[place(print)];
  const std::size_t kept = need == Need::Must ? 0 : kSlotsKept;
  if (here.used + kept >= kSegmentSlots - 1) return false;  // one stays empty: it ends a search
  put(here, {print, index});
  ++size_;
  return true;
}

// A full segment becomes two, by the next bit of the fingerprints.
void IndexMap::split(std::uint32_t print) {
  Segment& low = *directory_[place(print)];
  if (low.depth == depth_) {
    std::vector<Segment*> twice;
    twice.reserve(directory_.size() * 2);
    for (Segment* const each : directory_)
      twice.insert(twice.end(), 2, each);
    directory_ = std::move(twice);
    ++depth_;
  }
  segments_.push_back(std::make_unique<Segment>());
  Segment& high = *segments_.back();
  const std::uint32_t bit = std::uint32_t{1} << (kPrintBits - 1 - low.depth);
  // The directory's places of the old segment; the upper half of them is the new one's.
  const std::size_t places = std::size_t{1} << (depth_ - low.depth);
  const std::size_t first = place(print) / places * places;
  std::fill_n(directory_.begin() + static_cast<std::ptrdiff_t>(first + places / 2), places / 2,
              &high);
  high.depth = ++low.depth;
  const auto slots = low.slots;
  low.slots = {};
  low.used = 0;
  for (const Slot& slot : slots) {
    if (slot.index == kNone) continue;
    put((slot.print & bit) != 0 ? high : low, slot);
    ++moved_;
  }
}

bool IndexMap::erase(std::uint64_t hash, Index index) {
  const std::uint32_t print = print_of(hash);
  Segment& here = *directory_[place(print)];
  std::size_t hole = home(print);
  while (here.slots[hole].index != index || here.slots[hole].print != print) {
    if (here.slots[hole].index == kNone) return false;
    hole = after(hole);
  }
  for (std::size_t at = after(hole); here.slots[at].index != kNone; at = after(at)) {
    const std::size_t from_home = (at - home(here.slots[at].print)) % kSegmentSlots;
    const std::size_t from_hole = (at - hole) % kSegmentSlots;
    if (from_home < from_hole) continue;  // the hole lies before its home
    here.slots[hole] = here.slots[at];
    hole = at;
  }
  here.slots[hole] = {};
  --here.used;
  --size_;
  return true;
}

}  // namespace ingest::series
