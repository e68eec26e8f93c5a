#include "ingest/host/disks.h"

#include "tests/ingest/host/machine.h"

namespace ingest::host {
namespace {

TEST(DiskLine, HoldsWhatWasReadAndWritten) {
  const auto disk =
      parse_disk_line(" 254       0 vda 1000 5 20000 300 400 6 8000 700 0 900 1000 0 0 0 0 1 2");
  ASSERT_TRUE(disk);
  EXPECT_EQ(disk->device, "vda");
  EXPECT_EQ(disk->counters, (std::array<std::uint64_t, kDiskCounters>{1000, 5, 20000, 300, 400, 6,
                                                                      8000, 700, 900}));
}

TEST(DiskLine, RefusesLoopRamAndWhatIsNone) {
  for (const char* line :
       {"", "254 0 vda", "7 0 loop0 1 2 3 4 5 6 7 8 9 10 11", "1 0 ram0 1 2 3 4 5 6 7 8 9 10 11",
        "254 0 vda 1 2 x 4 5 6 7 8 9 10 11", "254 0 vda 1 2 3 4 5 6 7 8 9"}) {
    EXPECT_FALSE(parse_disk_line(line)) << line;
  }
}

using DisksTest = Machine;

TEST_F(DisksTest, SayWhatWholeDisksDid) {
  write("sys/block/vda/size", "1");
  write("sys/block/cciss!c0d0/size", "1");
  write("sys/block/zram0/size", "1");
  write("proc/diskstats",
        "254 0 vda 1 0 10 0 1 0 20 0 0 0 0\n254 1 vda1 1 0 10 0 1 0 20 0 0 0 0\n"
        "104 0 cciss/c0d0 1 0 0 0 0 0 0 0 0 0 0\n253 0 zram0 0 0 0 0 0 0 0 0 0 0 0\n");
  Disks disks{proc(), sys()};
  EXPECT_TRUE(read(disks).empty());
  write("proc/diskstats",
        "254 0 vda 3 1 12 500 1 0 23 0 0 250 0\n254 1 vda1 9 9 99 9 9 9 99 9 0 9 9\n"
        "104 0 cciss/c0d0 2 0 0 0 0 0 0 0 0 0 0\n253 0 zram0 0 0 0 0 0 0 0 0 0 0 0\n");
  const auto grown = read(disks);
  EXPECT_EQ(grown.at("system.disk.io{device:vda,direction:read}"), 2 * 512);
  EXPECT_EQ(grown.at("system.disk.io{device:vda,direction:write}"), 3 * 512);
  EXPECT_EQ(grown.at("system.disk.operations{device:vda,direction:read}"), 2);
  EXPECT_EQ(grown.at("system.disk.merged{device:vda,direction:read}"), 1);
  EXPECT_DOUBLE_EQ(grown.at("system.disk.operation_time{device:vda,direction:read}"), 0.5);
  EXPECT_DOUBLE_EQ(grown.at("system.disk.io_time{device:vda}"), 0.25);
  EXPECT_EQ(grown.at("system.disk.operations{device:cciss/c0d0,direction:read}"), 1);
  EXPECT_EQ(grown.size(), 2 * kDiskCounters);  // no partition, and none that never did anything
}

TEST_F(DisksTest, ADiskThatIsPluggedInIsAsked) {
  write("sys/block/vda/size", "1");
  write("proc/diskstats", "254 0 vda 1 0 1 0 0 0 0 0 0 0 0\n");
  Disks disks{proc(), sys()};
  read(disks);
  write("sys/block/sda/size", "1");
  write("proc/diskstats",
        "8 0 sda 1 0 1 0 0 0 0 0 0 0 0\n8 1 sda1 1 0 1 0 0 0 0 0 0 0 0\n254 0 vda 2 0 1 0 0 0 0 0 "
        "0 0 0\n");
  EXPECT_EQ(read(disks).at("system.disk.operations{device:vda,direction:read}"), 1);
  write("proc/diskstats", "8 0 sda 6 0 1 0 0 0 0 0 0 0 0\n8 1 sda1 9 0 1 0 0 0 0 0 0 0 0\n");
  const auto grown = read(disks);
  EXPECT_EQ(grown.at("system.disk.operations{device:sda,direction:read}"), 5);
  EXPECT_FALSE(any_named(grown, "system.disk.io{device:vda"));
}

}  // namespace
}  // namespace ingest::host
