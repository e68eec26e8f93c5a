#include "ingest/base/spsc_ring.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

namespace ingest {
namespace {

TEST(SpscRing, GivesInOrderWhatItTook) {
  SpscRing<int> ring{4};
  EXPECT_EQ(ring.capacity(), 4u);
  EXPECT_EQ(ring.try_pop(), std::nullopt);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 3; ++i)
      ASSERT_TRUE(ring.try_push(10 * round + i));
    for (int i = 0; i < 3; ++i)
      ASSERT_EQ(ring.try_pop(), 10 * round + i);
    ASSERT_EQ(ring.try_pop(), std::nullopt);
  }
}

TEST(SpscRing, WhenFullLeavesTheValueWithTheProducer) {
  SpscRing<std::unique_ptr<std::string>> ring{2};
  ASSERT_TRUE(ring.try_push(std::make_unique<std::string>("a")));
  ASSERT_TRUE(ring.try_push(std::make_unique<std::string>("b")));
  auto kept = std::make_unique<std::string>("c");
  EXPECT_FALSE(ring.try_push(kept));
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(**ring.try_pop(), "a");
  EXPECT_TRUE(ring.try_push(kept));
  EXPECT_EQ(kept, nullptr);
  EXPECT_EQ(**ring.try_pop(), "b");
  EXPECT_EQ(**ring.try_pop(), "c");
}

TEST(SpscRing, HoldsNothingOfWhatWasTaken) {
  SpscRing<std::shared_ptr<int>> ring{2};
  auto value = std::make_shared<int>(1);
  ASSERT_TRUE(ring.try_push(std::shared_ptr<int>{value}));
  EXPECT_EQ(value.use_count(), 2);
  ring.try_pop();
  EXPECT_EQ(value.use_count(), 1);
}

TEST(SpscRing, FreesWhatIsLeftInIt) {
  auto value = std::make_shared<int>(1);
  {
    SpscRing<std::shared_ptr<int>> ring{2};
    ASSERT_TRUE(ring.try_push(std::shared_ptr<int>{value}));
  }
  EXPECT_EQ(value.use_count(), 1);
}

TEST(SpscRing, OneSlotIsEnough) {
  SpscRing<int> ring{1};
  ASSERT_TRUE(ring.try_push(1));
  EXPECT_FALSE(ring.try_push(2));
  EXPECT_EQ(ring.try_pop(), 1);
  EXPECT_TRUE(ring.try_push(2));
}

TEST(SpscRingDeathTest, RefusesACapacityThatIsNoPowerOfTwo) {
  EXPECT_DEATH(SpscRing<int>{3}, "CHECK failed");
  EXPECT_DEATH(SpscRing<int>{0}, "CHECK failed");
}

TEST(SpscRing, LosesAndReordersNothingBetweenTwoThreads) {
  constexpr int kValues = 200'000;
  SpscRing<std::unique_ptr<int>> ring{8};
  std::thread producer{[&] {
    for (int i = 0; i < kValues;) {
      auto value = std::make_unique<int>(i);
      while (!ring.try_push(value))
        std::this_thread::yield();
      ++i;
    }
  }};
  for (int expected = 0; expected < kValues;) {
    if (auto value = ring.try_pop()) {
      ASSERT_EQ(**value, expected);
      ++expected;
    } else {
      std::this_thread::yield();
    }
  }
  producer.join();
  EXPECT_EQ(ring.try_pop(), std::nullopt);
}

}  // namespace
}  // namespace ingest
