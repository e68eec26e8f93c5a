#include "ingest/io/timers.h"

#include <algorithm>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::io {
namespace {

constexpr std::uint32_t slot_of(Timers::Id timer) {
  return static_cast<std::uint32_t>(timer);
}
constexpr std::uint32_t generation_of(Timers::Id timer) {
  return static_cast<std::uint32_t>(timer >> 32);
}

}  // namespace

bool Timers::later(const Entry& left, const Entry& right) {
  return left.when != right.when ? left.when > right.when : left.order > right.order;
}

bool Timers::waits(Id timer) const {
  return slot_of(timer) < slots_.size() &&
         slots_[slot_of(timer)].generation == generation_of(timer);
}

Timers::Id Timers::add(MonoTime when, std::function<void()> call) {
  CHECK(waiting_ < timers_max_);
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  slots_[index].call = std::move(call);
  const Id timer = (Id{slots_[index].generation} << 32) | index;
  heap_.push_back({when, order_++, timer});
  std::push_heap(heap_.begin(), heap_.end(), later);
  ++waiting_;
  return timer;
}

void Timers::cancel(Id timer) {
  if (!waits(timer)) return;
  // The call dies here, not under the slot: its destructor may add or cancel timers.
  const std::function<void()> dropped = take(timer);
  if (heap_.size() > 2 * waiting_ + kSlack) drop_cancelled();
}

std::function<void()> Timers::take(Id timer) {
  Slot& slot = slots_[slot_of(timer)];
  // Generation 0 is never given, so that no id is 0.
  if (++slot.generation == 0) slot.generation = 1;
  free_.push_back(slot_of(timer));
  --waiting_;
  return std::exchange(slot.call, nullptr);
}

Timers::Entry Timers::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const Entry entry = heap_.back();
  heap_.pop_back();
  return entry;
}

void Timers::drop_cancelled() {
  std::erase_if(heap_, [this](const Entry& entry) { return !waits(entry.timer); });
  std::make_heap(heap_.begin(), heap_.end(), later);
}

std::optional<MonoTime> Timers::next() {
  while (!heap_.empty() && !waits(heap_.front().timer))
    pop();
  if (heap_.empty()) return std::nullopt;
  return heap_.front().when;
}

void Timers::run_due(MonoTime now) {
  due_.clear();
  while (!heap_.empty() && heap_.front().when <= now)
    due_.push_back(pop().timer);
  for (const Id timer : due_) {
    if (waits(timer)) take(timer)();
  }
}

}  // namespace ingest::io
