#pragma once
// What a server says of itself, for those who load it: its feeds' ledgers as /metrics has them, and
// its processor time and memory as /proc has them. Values; the text is read purely.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/tools/target.h"
#include "ingest/base/result.h"

namespace gateway::tools {

/// The three ledgers of all feeds whose names begin with one text, summed.
struct FeedNumbers {
  std::uint64_t datagrams_received = 0;
  std::uint64_t datagrams_dropped = 0;
  std::uint64_t lines = 0;  // by what became of them, all together
  std::uint64_t lines_accepted = 0;
  std::uint64_t samples = 0;  // by where they went, all together
  std::uint64_t samples_own = 0;
  double series = 0;  // live, of the whole server
  bool operator==(const FeedNumbers&) const = default;
};
/// Of the text of /metrics; `feed` is as "udp/statsd", and also its further sockets'.
FeedNumbers read_feed_numbers(std::string_view metrics, std::string_view feed);
/// What came after `before`; the series as they are.
FeedNumbers since(const FeedNumbers& now, const FeedNumbers& before);

/// Asks a server. The error names it.
ingest::Result<FeedNumbers> ask_feed_numbers(const Target& http, std::string_view feed);

struct ProcessNumbers {
  double cpu_seconds = 0;          // user and system, ticks of 10 ms
  std::uint64_t memory_bytes = 0;  // RssAnon: its alone
};
/// Nothing where there is no such process.
std::optional<ProcessNumbers> process_numbers(pid_t pid);

}  // namespace gateway::tools
