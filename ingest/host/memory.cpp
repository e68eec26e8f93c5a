#include "ingest/host/memory.h"

#include "ingest/host/words.h"

namespace ingest::host {
namespace {

constexpr std::uint64_t kKiB = 1024;

enum Line : std::size_t {
  Total,
  Free,
  Buffers,
  Cached,
  Available,
  Dirty,
  Reclaimable,
  Unreclaimable,
  SwapTotal,
  SwapFree,
  Count,
};
constexpr std::array<std::string_view, Count> kNames{
    "MemTotal:", "MemFree:",      "Buffers:",    "Cached:",    "MemAvailable:",
    "Dirty:",    "SReclaimable:", "SUnreclaim:", "SwapTotal:", "SwapFree:"};
using Lines = std::array<std::optional<std::uint64_t>, Count>;  // in bytes

/// "MemTotal:       16316412 kB"
Lines lines_of(std::string_view meminfo) {
  Lines lines;
  while (!meminfo.empty()) {
    std::string_view line = next_line(meminfo);
    const auto name = index_of(kNames, next_word(line));
    if (!name) continue;
    const auto count = next_count(line);
    if (count && next_word(line) == "kB") lines[*name] = *count * kKiB;
  }
  return lines;
}

constexpr std::array<std::string_view, 5> kPagingKeys{"pgfault", "pgmajfault", "pswpin", "pswpout",
                                                      "oom_kill"};
constexpr std::array kPagingColumns{
    Column{"system.paging.faults", "type:minor"}, Column{"system.paging.faults", "type:major"},
    Column{"system.paging.operations", "direction:in"},
    Column{"system.paging.operations", "direction:out"}, Column{"system.linux.memory.oom_kills"}};

struct Names {
  std::string_view usage;
  std::string_view utilization;
};
constexpr Names kMemory{"system.memory.usage", "system.memory.utilization"};
constexpr Names kSwap{"system.paging.usage", "system.paging.utilization"};

struct Part {
  std::string_view tags;
  std::uint64_t bytes;
};

void say_part(Report& report, const Names& names, const Part& part, std::uint64_t total) {
  const auto bytes = static_cast<double>(part.bytes);
  report.gauge(names.usage, part.tags, bytes);
  if (total > 0) report.gauge(names.utilization, part.tags, bytes / static_cast<double>(total));
}

void say_bytes(Report& report, std::string_view name, std::string_view tags,
               std::optional<std::uint64_t> bytes) {
  if (bytes) report.gauge(name, tags, static_cast<double>(*bytes));
}

}  // namespace

std::optional<MemoryTold> parse_memory(std::string_view meminfo) {
  const Lines lines = lines_of(meminfo);
  if (!lines[Total] || !lines[Free] || !lines[Buffers] || !lines[Cached]) return std::nullopt;
  MemoryUse use{.total = *lines[Total],
                .used = 0,
                .free = *lines[Free],
                // A kernel without slabs does not name them.
                .cached = *lines[Cached] + lines[Reclaimable].value_or(0),
                .buffers = *lines[Buffers]};
  const std::uint64_t rest = use.free + use.cached + use.buffers;
  if (use.total == 0 || rest > use.total) return std::nullopt;
  use.used = use.total - rest;
  MemoryMore more{.available = lines[Available],
                  .dirty = lines[Dirty],
                  .reclaimable = lines[Reclaimable],
                  .unreclaimable = lines[Unreclaimable],
                  .swap_total = lines[SwapTotal],
                  .swap_free = lines[SwapFree]};
  if (!more.swap_total || !more.swap_free || *more.swap_free > *more.swap_total)
    more.swap_total = more.swap_free = std::nullopt;
  return MemoryTold{use, more};
}

Memory::Memory(const std::string& proc)
    : meminfo_(proc + "/meminfo"),
      vmstat_(proc + "/vmstat"),
      paging_({.columns = kPagingColumns}) {}

void Memory::read(Report& report) {
  const auto text = meminfo_.read(report);
  if (const auto told = text ? parse_memory(*text) : std::nullopt) {
    const auto& [use, more] = *told;
    say_part(report, kMemory, {"state:used", use.used}, use.total);
    say_part(report, kMemory, {"state:free", use.free}, use.total);
    say_part(report, kMemory, {"state:cached", use.cached}, use.total);
    say_part(report, kMemory, {"state:buffers", use.buffers}, use.total);
    say_bytes(report, "system.memory.limit", "", use.total);
    say_bytes(report, "system.linux.memory.available", "", more.available);
    say_bytes(report, "system.linux.memory.dirty", "", more.dirty);
    say_bytes(report, "system.linux.memory.slab.usage", "state:reclaimable", more.reclaimable);
    say_bytes(report, "system.linux.memory.slab.usage", "state:unreclaimable", more.unreclaimable);
    if (more.swap_total) {
      const std::uint64_t used = *more.swap_total - *more.swap_free;
      say_part(report, kSwap, {"state:used", used}, *more.swap_total);
      say_part(report, kSwap, {"state:free", *more.swap_free}, *more.swap_total);
    }
  }
  read_paging(report);
  report.flush();
}

void Memory::read_paging(Report& report) {
  const auto text = vmstat_.read(report);
  if (!text) return;
  std::array<std::uint64_t, kPagingKeys.size()> values{};
  read_keyed(*text, kPagingKeys, values);
  // pgfault holds the major ones, too.
  if (values[0] != kUnsaid && values[1] != kUnsaid && values[0] >= values[1])
    values[0] -= values[1];
  paging_.see("", values);
  paging_.report(report);
}

}  // namespace ingest::host
