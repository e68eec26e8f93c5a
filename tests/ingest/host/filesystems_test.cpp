#include "ingest/host/filesystems.h"

#include "tests/ingest/host/machine.h"

namespace ingest::host {
namespace {

std::string mount(const std::string& number, const std::string& point, const std::string& type,
                  const std::string& root = "/") {
  return "36 35 " + number + ' ' + root + ' ' + point + " rw,noatime shared:1 master:2 - " + type +
         " /dev/" + number + " rw,errors=continue\n";
}
std::vector<std::string> points_of(const std::string& mountinfo) {
  std::vector<std::string> points;
  for (const Mount& found : local_mounts(mountinfo))
    points.emplace_back(found.point);
  return points;
}
using Points = std::vector<std::string>;

TEST(LocalMounts, AreThoseOnThisMachinesDisks) {
  EXPECT_EQ(points_of(mount("0:21", "/proc", "proc") + mount("254:0", "/", "ext4") +
                      mount("254:1", "/data", "xfs") + mount("0:30", "/dev/shm", "tmpfs") +
                      mount("0:31", "/snap", "squashfs")),
            (Points{"/", "/data"}));
}

TEST(LocalMounts, NoneThatAnotherMachineOrAProgramAnswersFor) {
  for (const char* type : {"nfs", "nfs4", "cifs", "ceph", "fuse.sshfs", "fuseblk", "autofs", "9p",
                           "glusterfs", "unheard_of"}) {
    EXPECT_FALSE(is_local(type)) << type;
    EXPECT_EQ(points_of(mount("0:50", "/net", type)), Points{}) << type;
    // Nor what is reached by way of it, nor what it hides.
    EXPECT_EQ(points_of(mount("254:1", "/net/disk", "ext4") + mount("254:2", "/net", "ext4") +
                        mount("254:3", "/network", "ext4") + mount("0:50", "/net", type)),
              Points{"/network"})
        << type;
  }
  EXPECT_EQ(points_of(mount("0:50", "/", "nfs") + mount("254:1", "/data", "ext4")), Points{});
}

TEST(LocalMounts, EachFilesystemOnceAndNoBoundParts) {
  EXPECT_EQ(points_of(mount("254:1", "/etc/hosts", "ext4", "/var/lib/c1/hosts") +
                      mount("0:40", "/", "overlay") + mount("254:2", "/a", "ext4") +
                      mount("254:2", "/b", "ext4") + mount("0:41", "/home", "btrfs", "/@home")),
            (Points{"/", "/a", "/home"}));
}

TEST(LocalMounts, AnyCutIsHarmless) {
  const std::string whole = mount("254:0", "/", "ext4") + mount("254:1", "/data", "xfs");
  for (std::size_t size = 0; size <= whole.size(); ++size)
    EXPECT_LE(points_of(whole.substr(0, size)).size(), 2u);
}

using FilesystemsTest = Machine;

TEST_F(FilesystemsTest, StatesAddUpToTheLimit) {
  write("proc/self/mountinfo", mount("254:0", root_.string(), "ext4"));
  Filesystems filesystems{proc()};
  const auto said = read(filesystems);
  const std::string tags = "device:/dev/254:0,mountpoint:" + root_.string();
  const double limit = said.at("system.filesystem.limit{" + tags + '}');
  EXPECT_GT(limit, 0);
  EXPECT_DOUBLE_EQ(said.at("system.filesystem.usage{" + tags + ",state:used}") +
                       said.at("system.filesystem.usage{" + tags + ",state:free}") +
                       said.at("system.filesystem.usage{" + tags + ",state:reserved}"),
                   limit);
  const double share = said.at("system.filesystem.utilization{" + tags + '}');
  EXPECT_GE(share, 0);
  EXPECT_LE(share, 1);
}

TEST_F(FilesystemsTest, AMountThatIsGoneIsHarmless) {
  write("proc/self/mountinfo", mount("254:0", path("gone"), "ext4"));
  Filesystems filesystems{proc()};
  EXPECT_TRUE(read(filesystems).empty());
}

TEST_F(FilesystemsTest, ManyAreCountedNotAsked) {
  std::string text;
  for (std::size_t i = 0; i < Filesystems::kFilesystemsMax + 5; ++i)
    text += mount("254:" + std::to_string(i), root_.string(), "ext4");
  text += mount("253:1", "/with\\040blank", "ext4");
  write("proc/self/mountinfo", text);
  Filesystems filesystems{proc()};
  report_.begin(now_);
  filesystems.read(report_);
  EXPECT_EQ(report_.samples(), 5 * Filesystems::kFilesystemsMax);
  EXPECT_EQ(filesystems.folded(), 6u);
}

}  // namespace
}  // namespace ingest::host
