#pragma once
// SlowBoard: the readers that fell behind most, of each worker, as it last said. Part of the site;
// any thread: a short lock for each list.

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/publish/laggards.h"

namespace gateway::server {

struct SlowReader {
  std::string address;
  std::string identity;  // a token's name; empty where none was shown
  std::string over;      // "websocket", "event-stream"
  std::uint64_t subs = 0;
  std::uint64_t behind = 0;  // frames that it has not got yet, of the channel with the most
  publish::Lag lag;
};

class SlowBoard {
 public:
  static constexpr std::size_t kShown = 10;  // of a worker, and of all of them

  /// Replaces what that worker said before.
  void put(std::uint32_t worker, std::vector<SlowReader> readers);
  /// Of all workers, the worst first.
  std::vector<SlowReader> worst() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::uint32_t, std::vector<SlowReader>> by_worker_;
};

}  // namespace gateway::server
