#include "ingest/host/cgroup.h"

#include <array>

#include "ingest/host/words.h"

namespace ingest::host {
namespace {

/// Readings between two looks at which cgroup we are in: it hardly ever changes.
constexpr unsigned kFindEvery = 60;
constexpr double kMicrosecond = 1e-6;

constexpr std::array<std::string_view, 3> kCpuKeys{"user_usec", "system_usec", "throttled_usec"};
constexpr std::array kCpuColumns{Column{"container.cpu.time", "mode:user", kMicrosecond},
                                 Column{"container.cpu.time", "mode:system", kMicrosecond},
                                 Column{"container.cpu.throttled_time", "", kMicrosecond}};
constexpr std::array<std::string_view, 1> kEventKeys{"oom_kill"};
constexpr std::array kEventColumns{Column{"container.memory.oom_kills"}};

}  // namespace

std::optional<std::string_view> parse_cgroup_path(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (line.starts_with("0::/")) return line.substr(3);
  }
  return std::nullopt;
}

std::optional<double> parse_cpu_limit(std::string_view text) {
  std::string_view line = next_line(text);
  const auto quota = next_count(line);
  const auto period = next_count(line);
  if (!quota || !period || *quota == 0 || *period == 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<std::uint64_t> parse_memory_limit(std::string_view text) {
  std::string_view line = next_line(text);
  return next_count(line);
}

Cgroup::Files::Files(const std::string& folder)
    : memory_limit(folder + "memory.max", Source::Missing::Usual),
      memory_usage(folder + "memory.current", Source::Missing::Usual),
      memory_events(folder + "memory.events", Source::Missing::Usual),
      cpu_limit(folder + "cpu.max", Source::Missing::Usual),
      cpu_stat(folder + "cpu.stat", Source::Missing::Usual) {}

Cgroup::Cgroup(const std::string& proc, const std::string& sys)
    : path_(proc + "/self/cgroup", Source::Missing::Usual),
      root_(sys + "/fs/cgroup"),
      cpu_({.columns = kCpuColumns}),
      kills_({.columns = kEventColumns}) {}

void Cgroup::find(Report& report) {
  const auto text = path_.read(report);
  const auto path = text ? parse_cgroup_path(*text) : std::nullopt;
  if (!path) {
    files_.reset();
    return;
  }
  std::string folder = root_;
  folder.append(*path);
  if (folder.back() != '/') folder += '/';
  if (!files_ || files_->memory_limit.path() != folder + "memory.max") files_.emplace(folder);
}

void Cgroup::read(Report& report) {
  if (readings_++ % kFindEvery == 0) find(report);
  if (!files_) return;
  const auto memory = files_->memory_limit.read(report);
  const auto bytes = memory ? parse_memory_limit(*memory) : std::nullopt;
  const auto cpu = files_->cpu_limit.read(report);
  const auto cores = cpu ? parse_cpu_limit(*cpu) : std::nullopt;
  if (bytes) read_memory(report, *bytes);
  if (cores) report.gauge("container.cpu.limit", "", *cores);
  if (bytes || cores) read_cpu(report);
  report.flush();
}

void Cgroup::read_memory(Report& report, std::uint64_t limit) {
  report.gauge("container.memory.limit", "", static_cast<double>(limit));
  const auto usage = files_->memory_usage.read(report);
  if (const auto bytes = usage ? parse_memory_limit(*usage) : std::nullopt)
    report.gauge("container.memory.usage", "", static_cast<double>(*bytes));
  const auto events = files_->memory_events.read(report);
  if (!events) return;
  std::array<std::uint64_t, kEventKeys.size()> values{};
  read_keyed(*events, kEventKeys, values);
  kills_.see("", values);
  kills_.report(report);
}

void Cgroup::read_cpu(Report& report) {
  const auto text = files_->cpu_stat.read(report);
  if (!text) return;
  std::array<std::uint64_t, kCpuKeys.size()> values{};
  read_keyed(*text, kCpuKeys, values);
  cpu_.see("", values);
  cpu_.report(report);
}

}  // namespace ingest::host
