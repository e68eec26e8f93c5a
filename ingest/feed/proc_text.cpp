#include "ingest/feed/proc_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <system_error>

namespace ingest::feed::proc {
namespace {

constexpr std::uint64_t kKiB = 1024;
/// Of /proc/diskstats, whatever the disk's own sectors are.
constexpr std::uint64_t kSectorBytes = 512;

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// The next run of bytes that are no blanks; empty at the end.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

template <class Number>
std::optional<Number> number_of(std::string_view word) {
  Number number{};
  const char* end = word.data() + word.size();
  const auto [stop, fault] = std::from_chars(word.data(), end, number);
  if (fault != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> next_count(std::string_view& line) {
  return number_of<std::uint64_t>(next_word(line));
}

/// Passes over `words` words.
void skip(std::string_view& line, int words) {
  for (int i = 0; i < words; ++i)
    next_word(line);
}

/// Whether a name can stand in a tag as it is.
bool is_plain(std::string_view device) {
  return !device.empty() && std::all_of(device.begin(), device.end(),
                                        [](char c) { return c > ' ' && c < '\x7f' && c != ','; });
}

/// "MemTotal:       16316412 kB" in bytes.
std::optional<std::uint64_t> memory_line(std::string_view line) {
  const auto count = next_count(line);
  if (!count || next_word(line) != "kB") return std::nullopt;
  return *count * kKiB;
}

}  // namespace

std::optional<CpuTimes> parse_cpu(std::string_view stat) {
  std::string_view line = next_line(stat);
  if (next_word(line) != "cpu") return std::nullopt;
  CpuTimes times{};
  for (std::uint64_t& ticks : times) {
    const auto count = next_count(line);
    if (!count) return std::nullopt;
    ticks = *count;
  }
  return times;
}

std::optional<std::array<double, kCpuModes.size()>> cpu_shares(const CpuTimes& before,
                                                               const CpuTimes& now) {
  std::array<double, kCpuModes.size()> shares{};
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

std::optional<double> parse_load_1m(std::string_view loadavg) {
  const auto load = number_of<double>(next_word(loadavg));
  if (!load || !std::isfinite(*load) || *load < 0) return std::nullopt;
  return load;
}

std::optional<Memory> parse_memory(std::string_view meminfo) {
  std::optional<std::uint64_t> total;
  std::optional<std::uint64_t> free;
  std::optional<std::uint64_t> buffers;
  std::optional<std::uint64_t> cached;
  std::uint64_t reclaimable = 0;  // a kernel without slabs does not name it
  while (!meminfo.empty()) {
    std::string_view line = next_line(meminfo);
    const std::string_view name = next_word(line);
    if (name == "MemTotal:") total = memory_line(line);
    if (name == "MemFree:") free = memory_line(line);
    if (name == "Buffers:") buffers = memory_line(line);
    if (name == "Cached:") cached = memory_line(line);
    if (name == "SReclaimable:") reclaimable = memory_line(line).value_or(0);
  }
  if (!total || !free || !buffers || !cached || *total == 0) return std::nullopt;
  Memory memory{*total, 0, *free, *cached + reclaimable, *buffers};
  const std::uint64_t rest = memory.free + memory.cached + memory.buffers;
  if (rest > memory.total) return std::nullopt;
  memory.used = memory.total - rest;
  return memory;
}

std::vector<DeviceIo> parse_network(std::string_view net_dev) {
  // face |bytes packets errs drop fifo frame compressed multicast|bytes ...
  std::vector<DeviceIo> devices;
  while (!net_dev.empty() && devices.size() < kDevicesMax) {
    std::string_view line = next_line(net_dev);
    // A name may hold a colon (an alias); the last one ends it, for numbers follow.
    const std::size_t colon = line.rfind(':');
    if (colon == std::string_view::npos) continue;
    std::string_view head = line.substr(0, colon);
    const std::string_view device = next_word(head);
    line.remove_prefix(colon + 1);
    const auto in = next_count(line);
    skip(line, 7);
    const auto out = next_count(line);
    if (in && out && is_plain(device)) devices.push_back({std::string{device}, *in, *out});
  }
  return devices;
}

std::vector<DeviceIo> parse_disks(std::string_view diskstats) {
  // major minor name reads merged sectors ms writes merged sectors ms ...
  std::vector<DeviceIo> devices;
  while (!diskstats.empty() && devices.size() < kDevicesMax) {
    std::string_view line = next_line(diskstats);
    skip(line, 2);
    const std::string_view device = next_word(line);
    skip(line, 2);
    const auto in = next_count(line);
    skip(line, 3);
    const auto out = next_count(line);
    if (!in || !out || !is_plain(device)) continue;
    if (device.substr(0, 4) == "loop" || device.substr(0, 3) == "ram") continue;
    devices.push_back({std::string{device}, *in * kSectorBytes, *out * kSectorBytes});
  }
  return devices;
}

std::optional<std::uint64_t> parse_resident_pages(std::string_view statm) {
  skip(statm, 1);
  return next_count(statm);
}

}  // namespace ingest::feed::proc
