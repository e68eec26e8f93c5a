#pragma once
// LoadRun: one load on one server, and what both say of it. Owned by `weir bench ingest`.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "gateway/tools/load.h"
#include "gateway/tools/load_pool.h"
#include "gateway/tools/server_numbers.h"
#include "gateway/tools/target.h"
#include "ingest/base/result.h"

namespace gateway::cli {

/// The server, as far as it is known.
struct LoadedServer {
  tools::Target target;
  std::optional<tools::Target> metrics;
  std::string feed;  // "udp/statsd": as its metrics name it
  pid_t pid = 0;     // 0: unknown
};

struct LoadResult {
  tools::Loaded sent;
  bool counts_datagrams = false;
  std::optional<tools::FeedNumbers> counted;  // of this run
  std::optional<double> cpu_seconds;
  std::optional<std::uint64_t> memory_bytes;  // at its end

  /// Datagrams that neither arrived nor were dropped, as the server counts them.
  std::uint64_t missing() const;
  /// Nothing was dropped, and all of it arrived.
  bool is_lossless() const;
  /// The three ledgers, each to the sender's numbers or to the one before it.
  bool adds_up() const;
  std::optional<double> ns_per_line() const;
};

/// `lines_per_second` 0: as many as go. The error is a sentence.
ingest::Result<LoadResult> run_load(const tools::LoadPool& pool, const tools::LoadOptions& options,
                                    const LoadedServer& server);

/// The highest rate at which nothing was lost, by halving between 0 and what was sent at most; 0
/// where each try lost something. `tell` hears of each try.
ingest::Result<double> find_zero_loss(
    const LoadResult& overload,
    const std::function<ingest::Result<LoadResult>(double lines_per_second)>& run,
    const std::function<void(double lines_per_second, const LoadResult&)>& tell);

}  // namespace gateway::cli
