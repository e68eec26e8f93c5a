#pragma once
// What the texts of /proc say. Pure functions; a text that does not say it gives nothing, never a
// guess. Formats: man 5 proc; the kernel's Documentation/admin-guide/iostats.rst.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingest::feed::proc {

/// The order of /proc/stat.
constexpr std::array<std::string_view, 8> kCpuModes{"user",   "nice", "system",  "idle",
                                                    "iowait", "irq",  "softirq", "steal"};
/// Ticks since the start, all cores together; by kCpuModes.
using CpuTimes = std::array<std::uint64_t, kCpuModes.size()>;
/// /proc/stat.
std::optional<CpuTimes> parse_cpu(std::string_view stat);
/// The share of each mode between two readings, 0 to 1; nothing when no tick has passed.
std::optional<std::array<double, kCpuModes.size()>> cpu_shares(const CpuTimes& before,
                                                               const CpuTimes& now);

/// /proc/loadavg: of the last minute.
std::optional<double> parse_load_1m(std::string_view loadavg);

/// Bytes. used + free + cached + buffers = total; cached holds what the kernel can give back of its
/// slabs.
struct Memory {
  std::uint64_t total = 0;
  std::uint64_t used = 0;
  std::uint64_t free = 0;
  std::uint64_t cached = 0;
  std::uint64_t buffers = 0;
};
/// /proc/meminfo.
std::optional<Memory> parse_memory(std::string_view meminfo);

/// Bytes since the start.
struct DeviceIo {
  std::string device;
  std::uint64_t in = 0;   // received, read
  std::uint64_t out = 0;  // transmitted, written
};
constexpr std::size_t kDevicesMax = 64;
/// /proc/net/dev: the first kDevicesMax interfaces whose names can stand in a tag.
std::vector<DeviceIo> parse_network(std::string_view net_dev);
/// /proc/diskstats, partitions included; without loop and ram devices.
std::vector<DeviceIo> parse_disks(std::string_view diskstats);

/// /proc/self/statm: resident pages.
std::optional<std::uint64_t> parse_resident_pages(std::string_view statm);

}  // namespace ingest::feed::proc
