#pragma once
// Process: this process, and the descriptors of the whole system. From getrusage(2),
// /proc/self/stat, /proc/self/fd and /proc/sys/fs/file-nr (man 5 proc).
//
//   process.cpu.utilization{mode}          gauge, 0..1 of all cores: user, system
//   process.cpu.time{mode}                 counter, s
//   process.memory.usage, .virtual         gauge, bytes
//   process.thread.count                   gauge
//   process.open_file_descriptor.count     gauge
//   process.paging.faults{type}            counter: minor, major
//   process.context_switches{type}         counter: voluntary, involuntary
//   process.disk.io{direction}             counter, bytes: read, write
//   system.file_descriptor.count, .limit   gauge

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/clock.h"
#include "ingest/host/counter_table.h"
#include "ingest/host/pace.h"
#include "ingest/host/report.h"
#include "ingest/host/source.h"

namespace ingest::host {

struct ProcessStat {
  std::uint64_t threads = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
};
/// /proc/self/stat; a name in it may hold blanks and brackets.
std::optional<ProcessStat> parse_process_stat(std::string_view stat);

struct Descriptors {
  std::uint64_t open = 0;
  std::uint64_t limit = 0;
};
/// /proc/sys/fs/file-nr: "1024 0 9223372036854775807".
std::optional<Descriptors> parse_descriptors(std::string_view file_nr);

class Process {
 public:
  explicit Process(const std::string& proc);
  void read(Report& report);

 private:
  static constexpr std::size_t kCounters = 8;
  void read_usage(Report& report);
  void read_stat(Report& report);
  void read_descriptors(Report& report);
  std::optional<std::size_t> count_own() const;

  Source stat_;
  Source file_nr_;
  std::string folder_;  // of our descriptors
  bool in_proc_;        // the kernel made that folder
  Pace pace_;           // a crowd of connections is a long folder
  std::optional<std::size_t> own_;
  bool folder_missing_ = false;
  CounterTable table_;
  double cores_;
  struct Spent {
    std::uint64_t user_us = 0;
    std::uint64_t system_us = 0;
    MonoTime at{};
  };
  std::optional<Spent> spent_;
};

}  // namespace ingest::host
