#include "ingest/io/log_repeats.h"

#include <algorithm>
#include <utility>

namespace ingest::io {

std::optional<std::uint64_t> LogRepeats::take(std::string_view event, MonoTime now) {
  auto found = events_.find(event);
  if (found == events_.end()) {
    if (events_.size() >= kEventsMax) return 0;
    found = events_.emplace(std::string{event}, Told{.counted = now}).first;
  }
  Told& told = found->second;
  const auto more = static_cast<std::uint64_t>((now - told.counted) / kOneMore);
  told.counted += more * kOneMore;
  told.left = std::min(kAtOnce, told.left + more);
  if (told.left == 0) {
    ++told.held_back;
    return std::nullopt;
  }
  --told.left;
  return std::exchange(told.held_back, 0);
}

}  // namespace ingest::io
