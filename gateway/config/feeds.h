#pragma once
// Feeds: the one key that is a list of sections: where samples come in.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/config/text.h"
#include "gateway/config/tree.h"
#include "gateway/config/value.h"

namespace gateway::config {

/// A fault of one item; `key` is "feeds[1].format".
struct FeedFault {
  std::string key;
  ValueFault fault;
};

struct FeedsRead {
  std::vector<Feed> feeds;
  std::vector<FeedFault> faults;
};

/// Reads the value of `feeds`.
FeedsRead read_feeds(const Tree& tree, Units units);

/// One item as it would be written in the file: `{listen: "udp://127.0.0.1:8125", ...}`.
std::string feed_text(const Feed& feed);

}  // namespace gateway::config
