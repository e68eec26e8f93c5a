#pragma once
// Disks: what whole disks read and wrote. From /proc/diskstats (the kernel's
// Documentation/admin-guide/iostats.rst); partitions are counted in their disk, loop and ram
// devices and disks that never did anything are left out.
//
//   system.disk.io{device,direction}               counter, bytes: read, write
//   system.disk.operations{device,direction}       counter
//   system.disk.merged{device,direction}           counter
//   system.disk.operation_time{device,direction}   counter, s: of all requests together
//   system.disk.io_time{device}                    counter, s: its rate is how busy the disk is

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/host/counter_table.h"
#include "ingest/host/report.h"
#include "ingest/host/source.h"

namespace ingest::host {

/// In the order of /proc/diskstats: operations, merged, sectors and ms read, the same written, ms
/// with requests under way.
constexpr std::size_t kDiskCounters = 9;
struct DiskLine {
  std::string_view device;
  std::array<std::uint64_t, kDiskCounters> counters{};
};
/// " 254  0 vda 10 2 30 4 50 6 70 8 0 9 10 ..."; nothing for loop and ram devices.
std::optional<DiskLine> parse_disk_line(std::string_view line);

class Disks {
 public:
  static constexpr std::size_t kDisksMax = 64;  // with rows of their own

  Disks(const std::string& proc, const std::string& sys);
  void read(Report& report);
  std::size_t folded() const { return table_.folded(); }

 private:
  bool is_whole(std::string_view device);

  Source source_;
  std::string sys_block_;
  CounterTable table_;
  struct Known {
    std::string device;
    bool whole = false;
  };
  std::vector<Known> known_;  // what sysfs said, in the order of the text
  std::size_t next_ = 0;
};

}  // namespace ingest::host
