#pragma once
// BenchServer: a Weir of our own in another process, so that its memory can be told from ours:
// `weir serve` of this very program, on a free port of 127.0.0.1. Owned by `weir bench`, which ends
// it.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ingest/base/result.h"
#include "ingest/io/fd.h"

namespace gateway::cli {

class BenchServer {
 public:
  /// With room for so many subscribers, and the host feed alone. Waits until it listens, for some
  /// seconds at most.
  static ingest::Result<BenchServer> start(std::uint64_t connections);
  /// With these --set besides a free port for HTTP.
  static ingest::Result<BenchServer> start_with(const std::vector<std::string>& settings);
  BenchServer(BenchServer&& other) noexcept;
  BenchServer& operator=(BenchServer&&) = delete;
  BenchServer(const BenchServer&) = delete;
  BenchServer& operator=(const BenchServer&) = delete;
  /// Ends it in order, and at once where that takes too long.
  ~BenchServer();

  /// Of HTTP.
  const std::string& address() const { return address_; }
  /// Of one of its feeds, as "udp/statsd"; empty where there is none.
  std::string address_of(const std::string& feed) const;
  pid_t pid() const { return pid_; }
  /// Memory that is its alone: heap and stacks, in bytes.
  std::optional<std::uint64_t> memory_bytes() const;

 private:
  explicit BenchServer(pid_t pid) : pid_(pid) {}
  ingest::Result<void> wait_until_it_listens();

  pid_t pid_;
  ingest::io::Fd out_;  // its standard output
  std::string address_;
  std::string said_;  // its start lines
};

}  // namespace gateway::cli
