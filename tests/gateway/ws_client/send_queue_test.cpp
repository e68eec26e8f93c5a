#include "gateway/ws_client/send_queue.h"

#include <gtest/gtest.h>

namespace gateway::ws_client {
namespace {

TEST(SendQueue, RefusesWhatExceedsItsBytesAndKeepsTheRest) {
  SendQueue queue{10};
  EXPECT_TRUE(queue.push("12345"));
  EXPECT_TRUE(queue.push("67890"));
  EXPECT_FALSE(queue.push("x"));
  EXPECT_EQ(queue.bytes(), 10U);
  queue.sent(5);
  EXPECT_TRUE(queue.push("x"));
  EXPECT_EQ(queue.frames(), 2U);
}

TEST(SendQueue, TakesOneFrameOfAnySizeWhenEmpty) {
  SendQueue queue{2};
  EXPECT_TRUE(queue.push("large"));
  EXPECT_FALSE(queue.push("y"));
}

TEST(SendQueue, GoesOnInsideAFrame) {
  SendQueue queue{100};
  queue.push("abc");
  queue.push("def");
  queue.sent(1);
  EXPECT_TRUE(queue.is_cut());
  EXPECT_EQ(queue.rest(0), "bc");
  EXPECT_EQ(queue.rest(1), "def");
  queue.sent(4);
  EXPECT_EQ(queue.rest(0), "f");
  queue.sent(1);
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.is_cut());
}

TEST(SendQueue, ForgetsAllButAFrameThatHasBegun) {
  SendQueue queue{100};
  queue.push("abc");
  queue.push("def");
  queue.sent(1);
  EXPECT_EQ(queue.clear_whole(), 1U);
  EXPECT_EQ(queue.rest(0), "bc");
  EXPECT_EQ(queue.bytes(), 2U);
  queue.sent(2);
  queue.push("ghi");
  EXPECT_EQ(queue.clear_whole(), 1U);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.bytes(), 0U);
}

}  // namespace
}  // namespace gateway::ws_client
