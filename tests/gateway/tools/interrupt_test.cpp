#include "gateway/tools/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>

#include "ingest/io/signals.h"

namespace gateway::tools {
namespace {

TEST(Interrupt, IsRaisedByEachOfTheSignalsThatAreBlocked) {
  ASSERT_TRUE(ingest::io::block_signals());
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    auto interrupt = Interrupt::open();
    ASSERT_TRUE(interrupt);
    EXPECT_FALSE(interrupt->raised());
    ASSERT_EQ(std::raise(signal), 0);
    EXPECT_TRUE(interrupt->raised()) << signal;
    sigset_t one{};
    sigemptyset(&one);
    sigaddset(&one, signal);
    const timespec at_once{};
    EXPECT_EQ(::sigtimedwait(&one, nullptr, &at_once), signal);  // for the next round
  }
}

TEST(Interrupt, LeavesASignalAloneThatIsIgnoredAsByNohup) {
  ASSERT_TRUE(ingest::io::block_signals());
  const auto before = std::signal(SIGHUP, SIG_IGN);
  auto interrupt = Interrupt::open();
  ASSERT_TRUE(interrupt);
  ASSERT_EQ(std::raise(SIGHUP), 0);
  EXPECT_FALSE(interrupt->raised());
  std::signal(SIGHUP, before);
}

}  // namespace
}  // namespace gateway::tools
