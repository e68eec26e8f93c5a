#include "gateway/server/process_numbers.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "gateway/server/metrics.h"

namespace gateway::server {
namespace {

/// /proc/self/stat from its third field on; the second, the name, may hold spaces and parentheses.
/// proc(5): after the name 13 is utime+1, 20 starttime, 21 vsize, 22 rss, counted from field 3.
struct Stat {
  double utime = 0, stime = 0, threads = 0, started = 0, virtual_bytes = 0, resident_pages = 0;
};

bool read_stat(Stat& stat) {
  std::ifstream file("/proc/self/stat");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return false;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skip;
  for (int i = 3; i < 14; ++i)
    fields >> skip;
  fields >> stat.utime >> stat.stime;
  for (int i = 16; i < 20; ++i)
    fields >> skip;
  fields >> stat.threads >> skip >> stat.started >> stat.virtual_bytes >> stat.resident_pages;
  return !fields.fail();
}

/// Seconds since the epoch at which the machine started; 0 when unknown.
double boot_time() {
  std::ifstream file("/proc/stat");
  std::string word;
  double value = 0;
  while (file >> word)
    if (word == "btime" && file >> value) return value;
  return 0;
}

double open_descriptors() {
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return -1;
  double count = -3;  // ".", ".." and the directory's own
  // NOLINTNEXTLINE(concurrency-mt-unsafe): readdir() of a stream that only we hold.
  while (readdir(directory) != nullptr)
    ++count;
  closedir(directory);
  return count;
}

}  // namespace

void write_process_numbers(Sheet& sheet) {
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  if (Stat stat; read_stat(stat)) {
    sheet.counter("process_cpu_seconds_total", "User and system CPU time spent, in seconds",
                  (stat.utime + stat.stime) / ticks);
    sheet.gauge("process_resident_memory_bytes", "Resident memory size, in bytes",
                stat.resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
    sheet.gauge("process_virtual_memory_bytes", "Virtual memory size, in bytes",
                stat.virtual_bytes);
    sheet.gauge("process_threads", "Threads of this process", stat.threads);
    if (const double boot = boot_time(); boot > 0) {
      sheet.gauge("process_start_time_seconds", "Start time since the Unix epoch, in seconds",
                  boot + stat.started / ticks);
    }
  }
  if (const double open = open_descriptors(); open >= 0)
    sheet.gauge("process_open_fds", "Open file descriptors", open);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    sheet.gauge("process_max_fds", "Most file descriptors that may be open",
                static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace gateway::server
