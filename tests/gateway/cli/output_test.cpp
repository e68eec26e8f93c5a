#include "gateway/cli/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "ingest/base/clock.h"

namespace gateway::cli {
namespace {

using namespace std::chrono_literals;
using ingest::io::EventLoop;
using ingest::io::Fd;

struct Piped {
  Piped() {
    std::signal(SIGPIPE, SIG_IGN);
    int ends[2] = {-1, -1};
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    reader = Fd{ends[0]};
    writer = Fd{ends[1]};
    loop = *EventLoop::open(clock);
    output = std::make_unique<Output>(*loop, writer.get(), [this] { ++closed; });
  }
  std::string read_all() {
    std::string all;
    char bytes[65'536];
    for (int i = 0; i < 1'000; ++i) {
      loop->turn(0ms);
      if (output->is_empty()) fcntl(reader.get(), F_SETFL, O_NONBLOCK);
      const ssize_t count = ::read(reader.get(), bytes, sizeof bytes);
      if (count <= 0) return all;
      all.append(bytes, static_cast<std::size_t>(count));
    }
    return all;
  }
  ingest::ManualClock clock;
  Fd reader;
  Fd writer;
  std::unique_ptr<EventLoop> loop;
  int closed = 0;
  std::unique_ptr<Output> output;
};

TEST(Output, WaitsForASlowReaderWithoutBlocking) {
  Piped piped;
  std::string all;
  for (int i = 0; i < 40; ++i) {
    const std::string line(10'000, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(piped.output->write(line));
    all += line;
  }
  EXPECT_FALSE(piped.output->is_empty());                         // more than a pipe holds
  EXPECT_EQ(fcntl(piped.writer.get(), F_GETFL) & O_NONBLOCK, 0);  // others' stays as it was
  EXPECT_EQ(piped.read_all(), all);
}

TEST(Output, CountsWhatItLeavesOut) {
  Piped piped;
  const std::string large(Output::kWaitingMax / 2, 'x');
  EXPECT_TRUE(piped.output->write(large));
  EXPECT_TRUE(piped.output->write(large));
  EXPECT_FALSE(piped.output->write(large));
  EXPECT_EQ(piped.output->dropped(), 1U);
}

TEST(Output, TellsOnceThatTheReaderHasGone) {
  Piped piped;
  piped.reader.reset();
  for (int i = 0; i < 5; ++i)
    piped.loop->turn(0ms);
  EXPECT_EQ(piped.closed, 1);  // without a write
  EXPECT_TRUE(piped.output->write("into nothing"));
  EXPECT_EQ(piped.closed, 1);
}

TEST(Output, AppendsToAFileAsItIs) {
  ingest::ManualClock clock;
  const auto loop = *EventLoop::open(clock);
  char name[] = "/tmp/weir-output-XXXXXX";
  const Fd file{mkstemp(name)};
  unlink(name);
  ASSERT_EQ(::write(file.get(), "one ", 4), 4);
  Output to_file{*loop, file.get(), [] {}};
  EXPECT_TRUE(to_file.write("two"));
  char back[16] = {};
  EXPECT_EQ(pread(file.get(), back, sizeof back, 0), 7);
  EXPECT_EQ(std::string{back}, "one two");
}

/// What socketpair() makes, blocking and not, as a shell or another program hands it over.
TEST(Output, WaitsForTheSlowReaderOfASocket) {
  for (const int more : {0, static_cast<int>(SOCK_NONBLOCK)}) {
    ingest::ManualClock clock;
    const auto loop = *EventLoop::open(clock);
    int ends[2] = {-1, -1};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | more, 0, ends), 0);
    const Fd here{ends[0]};
    Fd there{ends[1]};
    int closed = 0;
    Output output{*loop, here.get(), [&] { ++closed; }};
    const std::string all(2'000'000, 'x');
    ASSERT_TRUE(output.write(all));
    EXPECT_FALSE(output.is_empty());
    EXPECT_EQ(fcntl(here.get(), F_GETFL) & O_NONBLOCK, more == 0 ? 0 : O_NONBLOCK);
    std::size_t got = 0;
    for (int i = 0; i < 1'000 && got < all.size(); ++i) {
      char bytes[65'536];
      const ssize_t count = recv(there.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (count > 0) got += static_cast<std::size_t>(count);
      loop->turn(0ms);
    }
    EXPECT_EQ(got, all.size());
    EXPECT_TRUE(output.is_empty());
    there.reset();
    for (int i = 0; i < 5; ++i)
      loop->turn(0ms);
    EXPECT_EQ(closed, 1);
  }
}

}  // namespace
}  // namespace gateway::cli
