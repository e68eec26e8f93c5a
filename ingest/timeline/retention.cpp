#include "ingest/timeline/retention.h"

#include <algorithm>

namespace ingest::timeline {

void Retention::adapt(std::size_t held_bytes, Millis age) {
  // What a round brings in must fit between the mark and the limit.
  const std::size_t high = options_.bytes_max - options_.bytes_max / 8;
  const std::size_t low = options_.bytes_max - options_.bytes_max / 3;
  if (held_bytes > high) {
    exhausted_ = !shrink(age) && held_bytes > high;
    return;
  }
  exhausted_ = false;
  if (held_bytes < low) grow();
}

// A quarter of the finest level that has some to give; whether there was one.
bool Retention::shrink(Millis age) {
  for (std::size_t level = 0; level < kRollups; ++level) {
    if (keep_[level] <= options_.least[level]) continue;
    const Millis held = std::min(keep_[level], age);  // what is not there yet frees nothing
    keep_[level] = std::max(options_.least[level], held - held / 4);
    return true;
  }
  return false;
}

void Retention::grow() {
  for (std::size_t level = kRollups; level-- > 0;) {
    if (!shrunk(level)) continue;
    keep_[level] = std::min(options_.most[level], keep_[level] + keep_[level] / 8);
    return;
  }
}

}  // namespace ingest::timeline
