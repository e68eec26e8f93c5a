#include "gateway/cli/feed_names.h"

namespace gateway::cli {

std::string FeedNames::take(std::string_view kind, std::string_view address) {
  std::string name{kind};
  if (free(name)) return name;
  if (!address.empty()) {
    // A port or a path stands behind the last colon that no path holds.
    const std::size_t colon = address.rfind(':', address.find('/'));
    const std::string_view end =
        colon == std::string_view::npos ? address : address.substr(colon + 1);
    for (const std::string_view place : {end, address}) {
      name = kind;
      name.append(":").append(place);
      if (free(name)) return name;
    }
  }
  for (int number = 2;; ++number) {
    name = kind;
    name.append("#").append(std::to_string(number));
    if (free(name)) return name;
  }
}

}  // namespace gateway::cli
