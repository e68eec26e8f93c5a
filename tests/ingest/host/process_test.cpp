#include "ingest/host/process.h"

#include <fcntl.h>
#include <unistd.h>

#include "ingest/io/fd.h"
#include "tests/ingest/host/machine.h"

namespace ingest::host {
namespace {

constexpr std::string_view kStat =
    "4242 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 9 18 19 40960 77 20 21 22\n";

TEST(ProcessStatText, IsReadBehindANameWithBrackets) {
  const auto stat = parse_process_stat(kStat);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->threads, 9u);
  EXPECT_EQ(stat->virtual_bytes, 40960u);
  EXPECT_EQ(stat->resident_pages, 77u);
}

TEST(ProcessStatText, AnyCutIsHarmless) {
  for (std::size_t size = 0; size < kStat.find(" 77"); ++size)
    EXPECT_FALSE(parse_process_stat(std::string{kStat.substr(0, size)})) << size;
}

TEST(DescriptorsText, IsThreeNumbers) {
  const auto all = parse_descriptors("1024\t24\t9223372036854775807\n");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->open, 1000u);
  EXPECT_EQ(all->limit, 9223372036854775807u);
  for (const char* text : {"", "1", "1 0", "x 0 5", "1 2 3"})
    EXPECT_FALSE(parse_descriptors(text)) << text;
}

class ProcessTest : public Machine {
 protected:
  void SetUp() override {
    write("proc/self/stat", std::string{kStat});
    write("proc/sys/fs/file-nr", "1024\t0\t5000\n");
    for (const char* name : {"0", "1", "2"})
      write(std::string{"proc/self/fd/"} + name, "");
  }
};

TEST_F(ProcessTest, GivesItsOwnNumbersAndTheSystemsDescriptors) {
  Process process{proc()};
  const auto first = read(process);
  EXPECT_EQ(first.at("process.memory.usage{}"),
            77.0 * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  EXPECT_EQ(first.at("process.memory.virtual{}"), 40960);
  EXPECT_EQ(first.at("process.thread.count{}"), 9);
  EXPECT_EQ(first.at("process.open_file_descriptor.count{}"), 2);  // one of them counts
  EXPECT_EQ(first.at("system.file_descriptor.count{}"), 1024);
  EXPECT_EQ(first.at("system.file_descriptor.limit{}"), 5000);
  const auto second = read(process);
  for (const char* mode : {"user", "system"}) {
    const double share = second.at(std::string{"process.cpu.utilization{mode:"} + mode + '}');
    EXPECT_GE(share, 0);
    EXPECT_LE(share, 1);
  }
  EXPECT_TRUE(second.contains("process.context_switches{type:voluntary}"));
  EXPECT_TRUE(second.contains("process.paging.faults{type:minor}"));
  EXPECT_EQ(kinds_.at("process.cpu.time"), model::Kind::Counter);
}

TEST_F(ProcessTest, WorkIsSeenAsItsTime) {
  Process process{proc()};
  read(process);
  const auto until = thread_cpu_time() + std::chrono::milliseconds{30};
  std::uint64_t turns = 0;
  while (thread_cpu_time() < until && turns < 1'000'000'000)
    ++turns;
  const auto second = read(process, Millis{100});
  EXPECT_GE(second.at("process.cpu.time{mode:user}") + second.at("process.cpu.time{mode:system}"),
            0.02);
}

TEST_F(ProcessTest, OfThisProcessTheDescriptorsAreThoseThatAreOpen) {
  Process process{"/proc"};
  read(process);  // it holds its own files open
  const double before = read(process, Millis{60'000}).at("process.open_file_descriptor.count{}");
  const io::Fd one{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  const io::Fd two{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  EXPECT_EQ(read(process, Millis{60'000}).at("process.open_file_descriptor.count{}"), before + 2);
}

TEST_F(ProcessTest, AFolderThatIsMissingIsCountedOnce) {
  Process process{path("none")};
  for (int i = 0; i < 10; ++i)
    read(process, Millis{60'000});
  EXPECT_EQ(report_.missing(), 3u);  // stat, file-nr, fd
}

}  // namespace
}  // namespace ingest::host
