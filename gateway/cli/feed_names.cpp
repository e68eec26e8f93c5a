#include "gateway/cli/feed_names.h"

namespace gateway::cli {

std::string FeedNames::take(std::string_view kind, std::string_view address) {
  const std::string first{kind};
  if (free(first)) return first;
  if (!address.empty()) {
    // A port or a path stands behind the last colon that no path holds.
    const std::size_t colon = address.rfind(':', address.find('/'));
    const std::string end{colon == std::string_view::npos ? address : address.substr(colon + 1)};
    for (const std::string& other : {first + ":" + end, first + ":" + std::string{address}}) {
      if (free(other)) return other;
    }
  }
  for (int number = 2;; ++number) {
    const std::string counted = first + "#" + std::to_string(number);
    if (free(counted)) return counted;
  }
}

}  // namespace gateway::cli
