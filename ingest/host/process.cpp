#include "ingest/host/process.h"

#include <dirent.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "ingest/host/words.h"

namespace ingest::host {
namespace {

constexpr double kMicrosecond = 1e-6;
/// Of ru_inblock and ru_oublock.
constexpr double kBlockBytes = 512;

constexpr std::array kColumns{
    Column{"process.cpu.time", "mode:user", kMicrosecond},
    Column{"process.cpu.time", "mode:system", kMicrosecond},
    Column{"process.paging.faults", "type:minor"},
    Column{"process.paging.faults", "type:major"},
    Column{"process.context_switches", "type:voluntary"},
    Column{"process.context_switches", "type:involuntary"},
    Column{"process.disk.io", "direction:read", kBlockBytes},
    Column{"process.disk.io", "direction:write", kBlockBytes},
};

std::uint64_t microseconds(const timeval& time) {
  constexpr std::uint64_t kInSecond = 1'000'000;
  return static_cast<std::uint64_t>(time.tv_sec) * kInSecond +
         static_cast<std::uint64_t>(time.tv_usec);
}

/// A folder of the kernel's, not one that somebody wrote.
bool is_in_proc(const std::string& path) {
  struct statfs info {};
  return ::statfs(path.c_str(), &info) == 0 && info.f_type == PROC_SUPER_MAGIC;
}

std::uint64_t count(long number) {
  return number < 0 ? 0 : static_cast<std::uint64_t>(number);
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view stat) {
  // pid (name) state ppid ... threads(20) ... virtual(23) resident(24)
  const std::size_t bracket = stat.rfind(')');
  if (bracket == std::string_view::npos) return std::nullopt;
  stat.remove_prefix(bracket + 1);
  skip_words(stat, 17);
  const auto threads = next_count(stat);
  skip_words(stat, 2);
  const auto bytes = next_count(stat);
  const auto pages = next_count(stat);
  if (!threads || !bytes || !pages) return std::nullopt;
  return ProcessStat{*threads, *bytes, *pages};
}

std::optional<Descriptors> parse_descriptors(std::string_view file_nr) {
  std::string_view line = next_line(file_nr);
  const auto open = next_count(line);
  const auto unused = next_count(line);
  const auto limit = next_count(line);
  if (!open || !unused || !limit || *unused > *open) return std::nullopt;
  return Descriptors{*open - *unused, *limit};
}

Process::Process(const std::string& proc)
    : stat_(proc + "/self/stat"),
      file_nr_(proc + "/sys/fs/file-nr"),
      folder_(proc + "/self/fd"),
      in_proc_(is_in_proc(folder_)),
      table_({.columns = kColumns}),
      cores_(std::max(1U, std::thread::hardware_concurrency())) {
  static_assert(kColumns.size() == kCounters);
}

void Process::read(Report& report) {
  read_usage(report);
  read_stat(report);
  read_descriptors(report);
  report.flush();
}

void Process::read_usage(Report& report) {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return;
  const Spent now{microseconds(usage.ru_utime), microseconds(usage.ru_stime), report.now()};
  if (spent_ && now.at > spent_->at) {
    const double passed = std::chrono::duration<double>(now.at - spent_->at).count() * cores_;
    const auto share = [&](std::uint64_t before, std::uint64_t after) {
      const auto spent = static_cast<double>(after - std::min(before, after)) * kMicrosecond;
      return std::clamp(spent / passed, 0.0, 1.0);
    };
    report.gauge("process.cpu.utilization", "mode:user", share(spent_->user_us, now.user_us));
    report.gauge("process.cpu.utilization", "mode:system", share(spent_->system_us, now.system_us));
  }
  spent_ = now;
  table_.see("", std::array<std::uint64_t, kCounters>{
                     now.user_us, now.system_us, count(usage.ru_minflt), count(usage.ru_majflt),
                     count(usage.ru_nvcsw), count(usage.ru_nivcsw), count(usage.ru_inblock),
                     count(usage.ru_oublock)});
  table_.report(report);
}

void Process::read_stat(Report& report) {
  const auto text = stat_.read(report);
  const auto stat = text ? parse_process_stat(*text) : std::nullopt;
  if (!stat) return;
  report.gauge(
      "process.memory.usage", "",
      static_cast<double>(stat->resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  report.gauge("process.memory.virtual", "", static_cast<double>(stat->virtual_bytes));
  report.gauge("process.thread.count", "", static_cast<double>(stat->threads));
}

/// Since Linux 6.2 the folder's size says it; before, its entries are counted, without the one that
/// counts.
std::optional<std::size_t> Process::count_own() const {
  struct stat info {};
  if (in_proc_ && ::stat(folder_.c_str(), &info) == 0 && info.st_size > 0)
    return static_cast<std::size_t>(info.st_size);
  DIR* folder = ::opendir(folder_.c_str());
  if (folder == nullptr) return std::nullopt;
  std::size_t entries = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): readdir of a folder of our own
  while (const dirent* entry = ::readdir(folder)) {
    if (entry->d_name[0] != '.') ++entries;
  }
  ::closedir(folder);
  return entries > 0 ? entries - 1 : 0;
}

void Process::read_descriptors(Report& report) {
  if (pace_.due(report.now())) {
    const std::chrono::nanoseconds before = thread_cpu_time();
    own_ = count_own();
    pace_.took(report.now(), thread_cpu_time() - before);
    if (!std::exchange(folder_missing_, !own_) && !own_) report.count_missing();
  }
  if (own_) report.gauge("process.open_file_descriptor.count", "", static_cast<double>(*own_));
  const auto text = file_nr_.read(report);
  const auto all = text ? parse_descriptors(*text) : std::nullopt;
  if (!all) return;
  report.gauge("system.file_descriptor.count", "", static_cast<double>(all->open));
  report.gauge("system.file_descriptor.limit", "", static_cast<double>(all->limit));
}

}  // namespace ingest::host
