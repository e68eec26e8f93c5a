#pragma once
// Cpu: what the cores did, and how many processes want them. From /proc/stat and /proc/loadavg
// (man 5 proc).
//
//   system.cpu.time{cpu,mode}         counter, s   each core; its rate is that core's share
//   system.cpu.utilization{mode}      gauge, 0..1  all cores together
//   system.cpu.logical.count          gauge
//   system.cpu.load_average.1m .5m .15m            gauges
//   system.process.count{state}       gauge        running, blocked
//   system.process.created            counter

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/host/counter_table.h"
#include "ingest/host/report.h"
#include "ingest/host/source.h"

namespace ingest::host {

/// In the order of /proc/stat, by OpenTelemetry's names (interrupt is the kernel's irq).
constexpr std::array<std::string_view, 8> kCpuModes{"user",   "nice",      "system",  "idle",
                                                    "iowait", "interrupt", "softirq", "steal"};
/// Ticks since the start, by kCpuModes.
using CpuTimes = std::array<std::uint64_t, kCpuModes.size()>;
using CpuShares = std::array<double, kCpuModes.size()>;

struct CpuLine {
  std::string_view cpu;  // "0"; empty for the line of all together
  CpuTimes times{};
};
/// "cpu0 1 2 3 4 5 6 7 8 0 0"; nothing for any other line.
std::optional<CpuLine> parse_cpu_line(std::string_view line);

/// The share of each mode between two readings, 0 to 1; nothing when no tick has passed.
std::optional<CpuShares> cpu_shares(const CpuTimes& before, const CpuTimes& now);

/// /proc/loadavg: of the last 1, 5 and 15 minutes.
std::optional<std::array<double, 3>> parse_load(std::string_view loadavg);

class Cpu {
 public:
  static constexpr std::size_t kCoresMax = 256;  // with rows of their own

  explicit Cpu(const std::string& proc);
  void read(Report& report);
  std::size_t folded() const { return cores_.folded(); }

 private:
  void read_times(std::string_view stat, Report& report);
  void read_processes(std::string_view stat, Report& report);
  void say_shares(const CpuTimes& now, Report& report);
  void read_load(Report& report);

  Source stat_;
  Source load_;
  CounterTable cores_;
  CounterTable created_;
  std::array<std::string, kCpuModes.size()> mode_tags_;
  std::optional<CpuTimes> all_;
};

}  // namespace ingest::host
