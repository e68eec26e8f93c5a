#pragma once
// FeedNames: what the feeds are called: the label `feed` of the metrics, and `what` of the start
// lines. Each name is one feed's alone. Used while the feeds are opened.

#include <set>
#include <string>
#include <string_view>

namespace gateway::cli {

class FeedNames {
 public:
  /// "udp/statsd" for the first of its kind. For a further one "udp/statsd:8126", with the port or
  /// path of its address; where that is taken, with the whole address.
  std::string take(std::string_view kind, std::string_view address);

 private:
  bool free(const std::string& name) { return taken_.insert(name).second; }
  std::set<std::string> taken_;
};

}  // namespace gateway::cli
