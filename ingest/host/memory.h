#pragma once
// Memory: memory and swap. From /proc/meminfo and /proc/vmstat (man 5 proc).
//
//   system.memory.usage{state}, .utilization{state}   used + free + cached + buffers = limit
//   system.memory.limit, system.linux.memory.available, .dirty
//   system.linux.memory.slab.usage{state}             reclaimable, unreclaimable
//   system.linux.memory.oom_kills                     counter
//   system.paging.usage{state}, .utilization{state}   swap: used, free
//   system.paging.faults{type}                        counter: major, minor
//   system.paging.operations{direction}               counter, pages: in, out

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/host/counter_table.h"
#include "ingest/host/report.h"
#include "ingest/host/source.h"

namespace ingest::host {

/// Bytes. used + free + cached + buffers = total; cached holds what the kernel can give back of its
/// slabs.
struct MemoryUse {
  std::uint64_t total = 0;
  std::uint64_t used = 0;
  std::uint64_t free = 0;
  std::uint64_t cached = 0;
  std::uint64_t buffers = 0;
};
/// Bytes; what this kernel does not tell is none.
struct MemoryMore {
  std::optional<std::uint64_t> available;
  std::optional<std::uint64_t> dirty;
  std::optional<std::uint64_t> reclaimable;
  std::optional<std::uint64_t> unreclaimable;
  std::optional<std::uint64_t> swap_total;
  std::optional<std::uint64_t> swap_free;  // at most swap_total
};
struct MemoryTold {
  MemoryUse use;
  MemoryMore more;
};
/// /proc/meminfo; nothing where the states do not add up.
std::optional<MemoryTold> parse_memory(std::string_view meminfo);

class Memory {
 public:
  explicit Memory(const std::string& proc);
  void read(Report& report);

 private:
  void read_paging(Report& report);

  Source meminfo_;
  Source vmstat_;
  CounterTable paging_;
};

}  // namespace ingest::host
