#include "ingest/host/disks.h"

#include <unistd.h>

#include <algorithm>

#include "ingest/host/words.h"

namespace ingest::host {
namespace {

/// Of /proc/diskstats, whatever the disk's own sectors are.
constexpr double kSectorBytes = 512;
constexpr double kMillisecond = 1e-3;

constexpr std::array<Column, kDiskCounters> kColumns{{
    {"system.disk.operations", "direction:read"},
    {"system.disk.merged", "direction:read"},
    {"system.disk.io", "direction:read", kSectorBytes},
    {"system.disk.operation_time", "direction:read", kMillisecond},
    {"system.disk.operations", "direction:write"},
    {"system.disk.merged", "direction:write"},
    {"system.disk.io", "direction:write", kSectorBytes},
    {"system.disk.operation_time", "direction:write", kMillisecond},
    {"system.disk.io_time", "", kMillisecond},
}};

}  // namespace

std::optional<DiskLine> parse_disk_line(std::string_view line) {
  skip_words(line, 2);
  DiskLine disk{next_word(line), {}};
  if (disk.device.starts_with("loop") || disk.device.starts_with("ram")) return std::nullopt;
  constexpr std::size_t kBeforeBusy = kDiskCounters - 1;
  if (!next_counts(line, std::span{disk.counters}.first(kBeforeBusy))) return std::nullopt;
  skip_words(line, 1);  // requests under way
  if (!next_counts(line, std::span{disk.counters}.last(1))) return std::nullopt;
  return disk;
}

Disks::Disks(const std::string& proc, const std::string& sys)
    : source_(proc + "/diskstats"),
      sys_block_(sys + "/block/"),
      table_({.label = "device", .columns = kColumns, .rows_max = kDisksMax}) {}

/// Only whole disks stand in that folder. Asked once while the order of the text stays the same.
bool Disks::is_whole(std::string_view device) {
  if (next_ < known_.size() && known_[next_].device == device) return known_[next_++].whole;
  std::string folder{device};
  std::replace(folder.begin(), folder.end(), '/', '!');  // as sysfs writes cciss/c0d0
  const bool whole = ::access((sys_block_ + folder).c_str(), F_OK) == 0;
  known_.resize(next_);
  known_.push_back({std::string{device}, whole});
  ++next_;
  return whole;
}

void Disks::read(Report& report) {
  auto text = source_.read(report);
  if (!text) return;
  next_ = 0;
  while (!text->empty()) {
    const auto disk = parse_disk_line(next_line(*text));
    if (!disk) continue;
    const auto moved = [](std::uint64_t counter) { return counter > 0; };
    const bool whole = is_whole(disk->device);
    if (whole && std::any_of(disk->counters.begin(), disk->counters.end(), moved))
      table_.see(disk->device, disk->counters);
  }
  known_.resize(next_);
  table_.report(report);
}

}  // namespace ingest::host
