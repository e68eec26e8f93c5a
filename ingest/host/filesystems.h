#pragma once
// Filesystems: how full the local ones are. Which there are stands in /proc/self/mountinfo (man 5
// proc); what they hold says statfs(2), of local kinds alone, and of none below a mount that could
// block (a network's, an automounter's, one in user space): a dead server must not stop this
// thread.
//
//   system.filesystem.usage{device,mountpoint,state}         used, free, reserved: together the
//   limit system.filesystem.utilization{device,mountpoint}         0..1, used of what users may use
//   system.filesystem.limit{device,mountpoint}               bytes

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/host/pace.h"
#include "ingest/host/report.h"
#include "ingest/host/source.h"

namespace ingest::host {

/// One line of mountinfo.
struct Mount {
  std::string_view number;  // of the device: "254:0"
  std::string_view root;    // of the part of the filesystem that is mounted
  std::string_view point;   // escaped, as it stands
  std::string_view type;    // "ext4"
  std::string_view device;  // "/dev/vda1"
};
/// Mounts whose statfs could wait for somebody else are `local == false`.
bool is_local(std::string_view filesystem_type);
/// The mounts to be asked, each filesystem once, at its first mount; views of `mountinfo`.
std::vector<Mount> local_mounts(std::string_view mountinfo);

class Filesystems {
 public:
  static constexpr std::size_t kFilesystemsMax = 32;
  /// Readings between two looks at what is mounted.
  static constexpr unsigned kMountsEvery = 10;

  explicit Filesystems(const std::string& proc);
  void read(Report& report);
  /// Local filesystems beyond kFilesystemsMax, or whose names cannot stand in a tag.
  std::size_t folded() const { return folded_; }

 private:
  struct Asked {
    std::string point;
    std::string tags;  // "device:/dev/vda1,mountpoint:/"
    std::string used;  // tags and state
    std::string free;
    std::string reserved;
  };
  void look(std::string_view mountinfo);
  static void say(const Asked& asked, Report& report);

  Source mounts_;
  Pace pace_;
  std::vector<Asked> asked_;
  unsigned readings_ = 0;
  std::size_t folded_ = 0;
};

}  // namespace ingest::host
