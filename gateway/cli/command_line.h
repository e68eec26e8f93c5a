#pragma once
// CommandLine: what the person who started us wants. Text in, a command out; does nothing itself.
// No exception of the command-line library leaves this module.

#include <string>
#include <variant>
#include <vector>

#include "gateway/cli/bench.h"
#include "gateway/cli/bench_fanout.h"
#include "gateway/cli/bench_ingest.h"
#include "gateway/cli/query_arguments.h"
#include "gateway/cli/record.h"
#include "gateway/cli/replay.h"
#include "gateway/cli/send.h"
#include "gateway/cli/server_check.h"
#include "gateway/cli/tail_arguments.h"
#include "gateway/config/load.h"
#include "gateway/tools/demo_source.h"
#include "ingest/base/result.h"

namespace gateway::cli {

/// The exit statuses of weir, for scripts and service managers.
enum class Exit : int {
  Good = 0,        // done, or ended in order by SIGTERM or SIGINT
  CannotGoOn = 1,  // a port taken, no descriptors, no thread
  Configuration =
      2,  // the configuration or the command line is wrong; starting again will not help
};

struct Serve {
  config::Sources sources;  // without the environment
  std::string pages_dir;    // empty: none
};
/// The same, with something to look at besides.
struct Demo {
  Serve serve;
  tools::DemoSource source;
};
struct Check {
  std::string file;
};
/// A mapping file of statsd_exporter, to be said as ours.
struct ImportMapping {
  std::string file;
};
struct PrintDefaults {};
/// The configuration as `weir serve` would have it.
struct PrintEffective {
  config::Sources sources;  // without the environment
};
struct PrintText {
  std::string text;
};
using Command = std::variant<Serve, Demo, Check, CheckServer, Tail, QueryWish, Send, RecordWish,
                             Replay, ReplayQuery, Bench, BenchIngest, BenchFanout, ImportMapping,
                             PrintDefaults, PrintEffective, PrintText>;

/// `arguments` without the program's own name. The error is a sentence, and where to look.
ingest::Result<Command, std::string> parse_command_line(const std::vector<std::string>& arguments);

}  // namespace gateway::cli
