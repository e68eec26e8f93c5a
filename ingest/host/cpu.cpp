#include "ingest/host/cpu.h"

#include <unistd.h>

#include <cmath>
#include <numeric>

#include "ingest/host/words.h"

namespace ingest::host {
namespace {

/// What every text of /proc counts time in.
double seconds_of_tick() {
  const long ticks = ::sysconf(_SC_CLK_TCK);
  constexpr double kUsual = 100;
  return 1 / (ticks > 0 ? static_cast<double>(ticks) : kUsual);
}

std::span<const Column> core_columns() {
  static const auto kColumns = [] {
    constexpr std::array<std::string_view, kCpuModes.size()> kTags{
        "mode:user",   "mode:nice",      "mode:system",  "mode:idle",
        "mode:iowait", "mode:interrupt", "mode:softirq", "mode:steal"};
    std::array<Column, kCpuModes.size()> columns;
    for (std::size_t i = 0; i < columns.size(); ++i)
      columns[i] = {"system.cpu.time", kTags[i], seconds_of_tick()};
    return columns;
  }();
  return kColumns;
}

constexpr std::array kCreated{Column{"system.process.created"}};
constexpr std::array<std::string_view, 3> kProcessKeys{"processes", "procs_running",
                                                       "procs_blocked"};

}  // namespace

std::optional<CpuLine> parse_cpu_line(std::string_view line) {
  std::string_view name = next_word(line);
  if (!name.starts_with("cpu")) return std::nullopt;
  name.remove_prefix(3);
  if (!name.empty() && !number_of<std::uint32_t>(name)) return std::nullopt;
  CpuLine found{name, {}};
  if (!next_counts(line, found.times)) return std::nullopt;
  return found;
}

std::optional<CpuShares> cpu_shares(const CpuTimes& before, const CpuTimes& now) {
  CpuShares shares{};
  for (std::size_t i = 0; i < shares.size(); ++i) {
    // iowait is known to step back (man 5 proc): no time then.
    shares[i] = now[i] > before[i] ? static_cast<double>(now[i] - before[i]) : 0;
  }
  const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (total <= 0) return std::nullopt;
  for (double& share : shares)
    share /= total;
  return shares;
}

std::optional<std::array<double, 3>> parse_load(std::string_view loadavg) {
  std::array<double, 3> loads{};
  for (double& load : loads) {
    const auto number = number_of<double>(next_word(loadavg));
    if (!number || !std::isfinite(*number) || *number < 0) return std::nullopt;
    load = *number;
  }
  return loads;
}

Cpu::Cpu(const std::string& proc)
    : stat_(proc + "/stat"),
      load_(proc + "/loadavg"),
      cores_({.label = "cpu",
              .columns = core_columns(),
              .rows_max = kCoresMax,
              .back = CounterTable::Back::Held}),
      created_({.columns = kCreated}) {
  for (std::size_t i = 0; i < mode_tags_.size(); ++i)
    mode_tags_[i] = "mode:" + std::string{kCpuModes[i]};
}

void Cpu::read(Report& report) {
  if (const auto text = stat_.read(report)) {
    read_times(*text, report);
    read_processes(*text, report);
  }
  read_load(report);
  report.flush();
}

void Cpu::read_times(std::string_view stat, Report& report) {
  std::size_t count = 0;
  while (!stat.empty()) {  // these lines come first
    const auto line = parse_cpu_line(next_line(stat));
    if (!line) break;
    if (line->cpu.empty()) {
      say_shares(line->times, report);
    } else {
      cores_.see(line->cpu, line->times);
      ++count;
    }
  }
  if (count > 0) report.gauge("system.cpu.logical.count", "", static_cast<double>(count));
  cores_.report(report);
}

void Cpu::say_shares(const CpuTimes& now, Report& report) {
  const auto shares = all_ ? cpu_shares(*all_, now) : std::nullopt;
  all_ = now;
  if (!shares) return;
  for (std::size_t i = 0; i < shares->size(); ++i)
    report.gauge("system.cpu.utilization", mode_tags_[i], (*shares)[i]);
}

void Cpu::read_processes(std::string_view stat, Report& report) {
  std::array<std::uint64_t, kProcessKeys.size()> values{};
  read_keyed(stat, kProcessKeys, values);
  const auto [created, running, blocked] = values;
  if (created != kUnsaid) created_.see("", std::array{created});
  created_.report(report);
  if (running != kUnsaid)
    report.gauge("system.process.count", "state:running", static_cast<double>(running));
  if (blocked != kUnsaid)
    report.gauge("system.process.count", "state:blocked", static_cast<double>(blocked));
}

void Cpu::read_load(Report& report) {
  const auto text = load_.read(report);
  const auto load = text ? parse_load(*text) : std::nullopt;
  if (!load) return;
  report.gauge("system.cpu.load_average.1m", "", (*load)[0]);
  report.gauge("system.cpu.load_average.5m", "", (*load)[1]);
  report.gauge("system.cpu.load_average.15m", "", (*load)[2]);
}

}  // namespace ingest::host
