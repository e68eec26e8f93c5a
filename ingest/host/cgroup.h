#pragma once
// Cgroup: the limits of the container (or systemd unit) that this process lives in, where it has
// some. cgroup v2 alone (the kernel's Documentation/admin-guide/cgroup-v2.rst): of v1, and where
// nothing is limited, nothing is said and nothing is missing.
//
//   container.memory.usage, .limit      gauge, bytes; usage holds the page cache, too
//   container.memory.oom_kills          counter
//   container.cpu.limit                 gauge, cores
//   container.cpu.time{mode}            counter, s: user, system
//   container.cpu.throttled_time        counter, s

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/host/counter_table.h"
#include "ingest/host/report.h"
#include "ingest/host/source.h"

namespace ingest::host {

/// /proc/self/cgroup: the path of v2, "0::/system.slice/weir.service\n"; "/" in a container.
std::optional<std::string_view> parse_cgroup_path(std::string_view text);
/// cpu.max, "150000 100000\n": 1.5 cores; nothing for "max 100000".
std::optional<double> parse_cpu_limit(std::string_view text);
/// memory.max: bytes; nothing for "max".
std::optional<std::uint64_t> parse_memory_limit(std::string_view text);

class Cgroup {
 public:
  Cgroup(const std::string& proc, const std::string& sys);
  void read(Report& report);

 private:
  /// Files of one cgroup.
  struct Files {
    explicit Files(const std::string& folder);
    Source memory_limit;
    Source memory_usage;
    Source memory_events;
    Source cpu_limit;
    Source cpu_stat;
  };
  void find(Report& report);
  void read_memory(Report& report, std::uint64_t limit);
  void read_cpu(Report& report);

  Source path_;
  std::string root_;
  unsigned readings_ = 0;
  std::optional<Files> files_;
  CounterTable cpu_;
  CounterTable kills_;
};

}  // namespace ingest::host
