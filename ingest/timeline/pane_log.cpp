#include "ingest/timeline/pane_log.h"

#include <algorithm>

#include "ingest/base/check.h"

namespace ingest::timeline {
namespace {

constexpr std::size_t kUsualBlockMax = 2'048;  // bytes: half of one is lost at either end
constexpr std::size_t kLongBlockMax = 4'096;   // for records that would fill a usual one
constexpr std::size_t kRecordsABlock = 4;
constexpr std::size_t kHeadMax = 6;                         // bytes of a record's two numbers
constexpr PaneNumber kAboveFirstMax = PaneNumber{1} << 21;  // in three bytes
static_assert(PaneLog::kRecordMax < std::size_t{1} << 21);

void write_varint(std::uint32_t value, std::byte*& place) {
  constexpr unsigned kBits = 7;
  constexpr std::uint32_t kMore = 1U << kBits;
  for (; value >= kMore; value >>= kBits)
    *place++ = static_cast<std::byte>(value | kMore);
  *place++ = static_cast<std::byte>(value);
}

}  // namespace

void PaneLog::append(PaneNumber number, std::span<const std::byte> packed, BlockMemory& memory) {
  CHECK(packed.size() <= kRecordMax);
  const std::size_t bytes = kHeadMax + packed.size();
  if (!fits(number, bytes)) add_block(number, bytes, memory);
  std::byte* place = tail_->bytes() + tail_->used;
  write_varint(static_cast<std::uint32_t>(number - tail_->first), place);
  write_varint(static_cast<std::uint32_t>(packed.size()), place);
  std::ranges::copy(packed, place);
  tail_->used = static_cast<std::uint32_t>(place + packed.size() - tail_->bytes());
  ++count_;
}

PaneNumber PaneLog::newest() const {
  PaneNumber newest = tail_->first;
  std::uint32_t at = tail_ == front_ ? front_at_ : 0;
  while (at < tail_->used) {
    const Record record = read(tail_, at);
    newest = record.number;
    at = after(tail_, record);
  }
  return newest;
}

bool PaneLog::fits(PaneNumber number, std::size_t bytes) const {
  return tail_ != nullptr && tail_->used + bytes <= tail_->room &&
         number - tail_->first < kAboveFirstMax;
}

// A log begins small and doubles: most series never fill a large block.
void PaneLog::add_block(PaneNumber number, std::size_t bytes, BlockMemory& memory) {
  const std::size_t last = tail_ == nullptr ? 0 : tail_->room + sizeof(Block);
  const std::size_t grown = std::min(2 * last, kUsualBlockMax);
  const std::size_t wanted = std::min(kRecordsABlock * bytes, kLongBlockMax);
  const std::size_t least = bytes + sizeof(Block);
  Block* const added = memory.take(
      std::max(least, last == 0 ? std::min(least * 2, kLongBlockMax) : std::max(grown, wanted)));
  added->first = number;
  if (tail_ == nullptr) {
    front_ = mark_ = added;
    front_at_ = mark_at_ = 0;
  } else {
    tail_->next = added;
  }
  tail_ = added;
}

void PaneLog::drop_front(BlockMemory& memory) {
  Block* const gone = front_;
  front_ = gone->next;
  front_at_ = 0;
  if (mark_ == gone) {
    mark_ = front_;
    mark_at_ = 0;
  }
  memory.give(gone);
}

void PaneLog::clear(BlockMemory& memory) {
  while (front_ != nullptr)
    drop_front(memory);
  *this = PaneLog{};
}

}  // namespace ingest::timeline
