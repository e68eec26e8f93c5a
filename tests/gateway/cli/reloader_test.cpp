#include "gateway/cli/reloader.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace gateway::cli {
namespace {

TEST(Reloader, ReturnsWhileItsWorkWaitsAndForgetsNoQuestion) {
  std::promise<void> begun;
  std::promise<void> disk;
  std::atomic<int> done{0};
  const std::thread::id asking = std::this_thread::get_id();
  {
    Reloader reloader{[&, waits = disk.get_future().share()] {
      EXPECT_NE(std::this_thread::get_id(), asking);
      if (done == 0) begun.set_value();
      waits.wait();
      ++done;
    }};
    ASSERT_TRUE(reloader.ask());
    begun.get_future().wait();
    for (int i = 0; i < 3; ++i)
      ASSERT_TRUE(reloader.ask());  // while the first one is under way
    EXPECT_EQ(done, 0);
    disk.set_value();
  }
  EXPECT_EQ(done, 2);  // once, and once more for the three
}

TEST(Reloader, WorksAgainAfterItWasDone) {
  std::atomic<int> done{0};
  {
    Reloader reloader{[&] { ++done; }};
    for (int i = 1; i <= 3; ++i) {
      ASSERT_TRUE(reloader.ask());
      while (done < i)
        std::this_thread::yield();
    }
  }
  EXPECT_EQ(done, 3);
}

TEST(Reloader, EndsWithoutHavingBeenAsked) {
  const Reloader reloader{[] { FAIL(); }};
}

}  // namespace
}  // namespace gateway::cli
