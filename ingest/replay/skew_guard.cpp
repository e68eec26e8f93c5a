#include "ingest/replay/skew_guard.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ingest::replay {

bool SkewGuard::is_skewed() const {
  const WallTime head = held_.front().time;
  const auto next = held_.begin() + 1;
  const auto last = next + static_cast<std::ptrdiff_t>(std::min(held_.size() - 1, kLookAhead));
  return std::any_of(next, last, [&](const Held& other) {
    const bool late_anyway = other.time + options_.late_after <= *newest_;
    return !late_anyway && !leaps(other.time) && other.time + options_.late_after <= head;
  });
}

SkewGuard::Held SkewGuard::copy_of(const model::Sample& sample, WallTime time) {
  Held held{sample, time, nullptr};
  const auto parts = {&held.sample.key.name, &held.sample.key.tags, &held.sample.key.field,
                      &held.sample.member};
  std::size_t size = 0;
  for (const std::string_view* part : parts)
    size += part->size();
  held.bytes = std::make_unique<char[]>(size);
  char* to = held.bytes.get();
  for (std::string_view* part : parts) {
    if (part->empty()) continue;
    std::memcpy(to, part->data(), part->size());
    *part = {to, part->size()};
    to += part->size();
  }
  return held;
}

}  // namespace ingest::replay
