#pragma once
// FanoutStage: a Weir in a process of its own and the lines that make its streams move, for `weir
// bench fanout`. Owned by the command, one thread.

#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway/cli/bench_server.h"
#include "gateway/cli/fanout_crowd.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/fd.h"

namespace gateway::cli {

/// A load of UDP lines: every `every` each of `metrics` gets the next `rows_each_time` of `rows`.
struct FanoutLoad {
  std::size_t metrics = 1;
  std::size_t rows = 1;
  std::size_t rows_each_time = 1;
  ingest::Millis every{100};
};

class FanoutStage {
 public:
  struct Options {
    unsigned workers = 1;
    ingest::Millis tick{100};
    ingest::Millis stalled{30'000};  // http.timeouts.stalled
    std::size_t connections = 20'000;
  };
  static ingest::Result<FanoutStage> open(const Options& options);

  /// The first message of a reader of so many metrics, each a stream of its own.
  static std::string hello(std::size_t metrics, ingest::Millis rate, ingest::Millis slide);

  const std::string& address() const { return server_.address(); }
  /// Reads for so long, and feeds meanwhile unless the load has no rows.
  void run(FanoutCrowd& crowd, const FanoutLoad& load, ingest::Millis time);
  /// As run(), and pings one of the crowd every `every`.
  void run_with_pings(FanoutCrowd& crowd, const FanoutLoad& load, ingest::Millis time,
                      ingest::Millis every);

  /// Processor time of the server so far, all of its threads, waiting in the kernel for nothing.
  std::uint64_t cpu_ns() const;
  std::uint64_t memory_bytes() const { return server_.memory_bytes().value_or(0); }

 private:
  FanoutStage(BenchServer server, ingest::io::Fd feed);
  void feed(const FanoutLoad& load);
  void send_lines();

  BenchServer server_;
  ingest::io::Fd feed_;
  std::string lines_;
  std::size_t next_row_ = 0;
  std::uint64_t numbers_ = 1;
};

}  // namespace gateway::cli
