#include "ingest/host/filesystems.h"

#include <sys/vfs.h>

#include <algorithm>
#include <array>

#include "ingest/host/words.h"

namespace ingest::host {
namespace {

/// On a disk of this machine. Overlays are the root of containers; their upper layer is local.
constexpr std::array<std::string_view, 15> kLocal{
    "ext2", "ext3", "ext4",  "xfs",   "btrfs",    "bcachefs", "f2fs",   "jfs",
    "zfs",  "vfat", "exfat", "ntfs3", "reiserfs", "nilfs2",   "overlay"};
/// Without files of anybody: these never block, and never fill.
constexpr std::array<std::string_view, 20> kHarmless{
    "proc",      "sysfs",      "devtmpfs", "devpts",   "tmpfs",       "ramfs",  "cgroup",
    "cgroup2",   "securityfs", "debugfs",  "tracefs",  "pstore",      "bpf",    "mqueue",
    "hugetlbfs", "configfs",   "squashfs", "efivarfs", "binfmt_misc", "fusectl"};

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// 36 35 98:0 /root /mount/point rw,noatime shared:1 - ext4 /dev/vda1 rw
std::string_view mount_of(std::string_view line, Mount& mount) {
  skip_words(line, 2);
  mount.number = next_word(line);
  mount.root = next_word(line);
  mount.point = next_word(line);
  const std::size_t dash = line.find(" - ");  // after any number of optional fields
  if (dash == std::string_view::npos) return mount.type;
  line.remove_prefix(dash + 3);
  mount.type = next_word(line);
  mount.device = next_word(line);
  return mount.type;
}

bool is_below(std::string_view point, std::string_view folder) {
  if (folder == "/") return true;
  return point.starts_with(folder) &&
         (point.size() == folder.size() || point[folder.size()] == '/');
}

/// The whole filesystem, not a file or folder bound to somewhere; a subvolume is btrfs's whole.
bool is_whole(const Mount& mount) {
  return mount.root == "/" || mount.type == "btrfs";
}

double share_of(double part, double whole) {
  return whole > 0 ? std::clamp(part / whole, 0.0, 1.0) : 0;
}

}  // namespace

bool is_local(std::string_view filesystem_type) {
  return holds(kLocal, filesystem_type);
}

std::vector<Mount> local_mounts(std::string_view mountinfo) {
  std::vector<Mount> local;
  std::vector<std::string_view> risky;
  while (!mountinfo.empty()) {
    Mount mount;
    if (mount_of(next_line(mountinfo), mount).empty()) continue;
    if (!is_local(mount.type)) {
      if (!holds(kHarmless, mount.type)) risky.push_back(mount.point);
      continue;
    }
    const bool known = std::any_of(local.begin(), local.end(), [&](const Mount& other) {
      return other.number == mount.number;
    });
    if (!known && is_whole(mount)) local.push_back(mount);
  }
  std::erase_if(local, [&](const Mount& mount) {
    return std::any_of(risky.begin(), risky.end(),
                       [&](std::string_view folder) { return is_below(mount.point, folder); });
  });
  return local;
}

Filesystems::Filesystems(const std::string& proc) : mounts_(proc + "/self/mountinfo") {}

void Filesystems::read(Report& report) {
  if (readings_++ % kMountsEvery == 0) {
    const auto text = mounts_.read(report);
    if (text) look(*text);
  }
  if (!pace_.due(report.now())) return;
  const std::chrono::nanoseconds before = thread_cpu_time();
  for (const Asked& asked : asked_)
    say(asked, report);
  report.flush();
  pace_.took(report.now(), thread_cpu_time() - before);
}

void Filesystems::look(std::string_view mountinfo) {
  asked_.clear();
  folded_ = 0;
  for (const Mount& mount : local_mounts(mountinfo)) {
    const bool plain = is_plain(mount.device) && is_plain(mount.point) &&
                       mount.point.find('\\') == std::string_view::npos;
    if (!plain || asked_.size() == kFilesystemsMax) {
      ++folded_;
      continue;
    }
    Asked& asked = asked_.emplace_back();
    asked.point = mount.point;
    asked.tags.append("device:").append(mount.device).append(",mountpoint:").append(mount.point);
    asked.used = asked.tags + ",state:used";
    asked.free = asked.tags + ",state:free";
    asked.reserved = asked.tags + ",state:reserved";
  }
}

void Filesystems::say(const Asked& asked, Report& report) {
  struct statfs info {};
  if (::statfs(asked.point.c_str(), &info) != 0 || info.f_blocks == 0) return;
  const auto block = static_cast<double>(info.f_frsize > 0 ? info.f_frsize : info.f_bsize);
  const double total = static_cast<double>(info.f_blocks) * block;
  const double unused = static_cast<double>(info.f_bfree) * block;
  const double free = static_cast<double>(info.f_bavail) * block;
  const double used = total - unused;
  report.gauge("system.filesystem.usage", asked.used, used);
  report.gauge("system.filesystem.usage", asked.free, free);
  report.gauge("system.filesystem.usage", asked.reserved, std::max(0.0, unused - free));
  report.gauge("system.filesystem.utilization", asked.tags, share_of(used, used + free));
  report.gauge("system.filesystem.limit", asked.tags, total);
}

}  // namespace ingest::host
