#include "ingest/archive/segment.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace ingest::archive {
namespace {

using Bytes = std::vector<std::byte>;
using tests::support::TemporaryFolder;

Bytes text(const std::string& from) {
  const auto bytes = std::as_bytes(std::span{from});
  return {bytes.begin(), bytes.end()};
}
void add(SegmentWriter& writer, const std::string& entries) {
  const Bytes bytes = text(entries);
  writer.entries().insert(writer.entries().end(), bytes.begin(), bytes.end());
}
std::string read(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}
void write(const std::string& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

struct Records {
  std::vector<std::string> all;
  std::size_t whole_until = 0;
  std::size_t damaged = 0;
};
Records records_of(const std::string& bytes) {
  SegmentReader reader{std::as_bytes(std::span{bytes})};
  Records records;
  while (const auto entries = reader.next())
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    records.all.emplace_back(reinterpret_cast<const char*>(entries->data()), entries->size());
  records.whole_until = reader.whole_until();
  records.damaged = reader.damaged_bytes();
  return records;
}

/// A segment of five records, as it stands on disk.
struct Five {
  Five() {
    SegmentWriter writer{path, 7, 0};
    for (const std::string& each : kAll) {
      add(writer, each);
      EXPECT_TRUE(writer.sync().has_value());
      ends.push_back(writer.length());
    }
    bytes = read(path);
  }
  TemporaryFolder folder;
  std::string path = folder.path("s");
  const std::vector<std::string> kAll{"first", "second one", "3", "WRC1 in the middle", "fifth"};
  std::vector<std::size_t> ends;
  std::string bytes;
};

TEST(Segment, GivesBackWhatWasSynced) {
  const Five five;
  EXPECT_EQ(records_of(five.bytes).all, five.kAll);
  EXPECT_EQ(records_of(five.bytes).whole_until, five.bytes.size());
  EXPECT_EQ(records_of(five.bytes).damaged, 0U);
}

TEST(Segment, TouchesNothingBeforeItIsSynced) {
  TemporaryFolder folder;
  SegmentWriter writer{folder.path("s"), 7, 0};
  add(writer, "first");
  EXPECT_FALSE(folder.holds("s"));
  EXPECT_EQ(writer.waiting(), 5U);
  ASSERT_TRUE(writer.sync().has_value());
  EXPECT_EQ(writer.waiting(), 0U);
}

TEST(Segment, CutAnywhereItKeepsEveryWholeRecord) {
  const Five five;
  for (std::size_t kept = 0; kept < five.bytes.size(); ++kept) {
    const Records records = records_of(five.bytes.substr(0, kept));
    const auto whole = static_cast<std::size_t>(
        std::upper_bound(five.ends.begin(), five.ends.end(), kept) - five.ends.begin());
    ASSERT_EQ(records.all, std::vector(five.kAll.begin(),
                                       five.kAll.begin() + static_cast<std::ptrdiff_t>(whole)))
        << kept;
    EXPECT_EQ(records.whole_until, whole == 0 ? 0 : five.ends[whole - 1]);
  }
}

TEST(Segment, DamagedAtAnyByteItLosesThatRecordAlone) {
  const Five five;
  for (std::size_t at = 0; at < five.bytes.size(); ++at) {
    std::string bytes = five.bytes;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
    std::vector<std::string> left = five.kAll;
    const auto hit = std::upper_bound(five.ends.begin(), five.ends.end(), at) - five.ends.begin();
    left.erase(left.begin() + hit);
    const Records records = records_of(bytes);
    ASSERT_EQ(records.all, left) << at;
    EXPECT_TRUE(records.damaged > 0 || records.whole_until < bytes.size()) << at;
  }
}

TEST(Segment, GoesOnBehindTheLastWholeRecord) {
  Five five;
  write(five.path, five.bytes + "WRC1 torn");
  SegmentWriter writer{five.path, 8, five.bytes.size()};
  add(writer, "sixth");
  ASSERT_TRUE(writer.sync().has_value());
  std::vector<std::string> all = five.kAll;
  all.emplace_back("sixth");
  EXPECT_EQ(records_of(read(five.path)).all, all);
  EXPECT_EQ(records_of(read(five.path)).damaged, 0U);
}

TEST(Segment, TakesARecordThatWasWrittenTwiceOnce) {
  const Five five;
  EXPECT_EQ(records_of(five.bytes + five.bytes.substr(five.ends[3])).all, five.kAll);
}

/// Files may grow no further than so many bytes.
struct FullDisk {
  explicit FullDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit now{bytes, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before); }
  rlimit before{};
};

TEST(Segment, KeepsWhatAFullDiskRefusesAndWritesItLater) {
  TemporaryFolder folder;
  SegmentWriter writer{folder.path("s"), 7, 0};
  add(writer, "first");
  ASSERT_TRUE(writer.sync().has_value());
  {
    const FullDisk full{writer.length() + 10};
    add(writer, "second");
    const auto refused = writer.sync();
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().what.find(folder.path("s")), std::string::npos);
    add(writer, "third");
    EXPECT_FALSE(writer.sync().has_value());
  }
  ASSERT_TRUE(writer.sync().has_value());
  EXPECT_EQ(records_of(read(folder.path("s"))).all,
            (std::vector<std::string>{"first", "second", "third"}));
}

TEST(Segment, AFolderThatIsGoneIsToldByName) {
  SegmentWriter writer{"/nowhere/at/all", 7, 0};
  add(writer, "x");
  const auto refused = writer.sync();
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().what.find("/nowhere/at/all"), std::string::npos);
}

TEST(SegmentName, ReadsBack) {
  const SegmentName name{Millis{500}, wall_from_ms(1'700'000'040'000), 17};
  EXPECT_EQ(name.text(), "checkpoint-500-1700000040000-17.log");
  const auto back = SegmentName::read(name.text());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->pane, name.pane);
  EXPECT_EQ(back->start, name.start);
  EXPECT_EQ(back->number, name.number);
  for (const char* const other :
       {"lock", "checkpoint-.log", "checkpoint-5.log", "checkpoint-5-6.log",
        "checkpoint-5-6-7.log.old", "checkpoint-0-6-7.log", "checkpoint-5-x-7.log",
        "checkpoint-5-6--7.log"})
    EXPECT_FALSE(SegmentName::read(other)) << other;
}

}  // namespace
}  // namespace ingest::archive
