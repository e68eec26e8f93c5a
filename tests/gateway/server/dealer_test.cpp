#include "gateway/server/dealer.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace gateway::server {
namespace {

Arrival arrival(Arrival::What what = Arrival::What::Http) {
  return {.what = what, .feed = 3, .fd = ingest::io::Fd{open("/dev/null", O_RDONLY | O_CLOEXEC)}};
}

TEST(Dealer, GivesEachToTheWorkerWithTheFewest) {
  Dealer dealer(3, 100);
  for (int i = 0; i < 9; ++i) {
    Arrival one = arrival();
    ASSERT_TRUE(dealer.deal(one));
  }
  for (std::size_t worker = 0; worker < 3; ++worker) {
    EXPECT_EQ(dealer.connections(worker), 3U);
    while (dealer.take(worker)) {
    }
  }
  dealer.closed(1, Arrival::What::Http);
  Arrival next = arrival();
  ASSERT_TRUE(dealer.deal(next));
  EXPECT_TRUE(dealer.take(1).has_value());
  EXPECT_EQ(dealer.connections(), 9U);
}

TEST(Dealer, WeighsFeedConnectionsButCountsOnlyHttp) {
  Dealer dealer(2, 100);
  Arrival feed = arrival(Arrival::What::Feed);
  ASSERT_TRUE(dealer.deal(feed));
  Arrival http = arrival();
  ASSERT_TRUE(dealer.deal(http));
  EXPECT_EQ(dealer.connections(), 1U);
  const auto first = dealer.take(0);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->what, Arrival::What::Feed);
  EXPECT_EQ(first->feed, 3U);
  EXPECT_TRUE(dealer.take(1).has_value());
}

TEST(Dealer, RefusesAboveTheTotalAndLeavesTheDescriptor) {
  Dealer dealer(2, 2);
  for (int i = 0; i < 2; ++i) {
    Arrival one = arrival();
    ASSERT_TRUE(dealer.deal(one));
  }
  Arrival third = arrival();
  EXPECT_FALSE(dealer.deal(third));
  EXPECT_TRUE(static_cast<bool>(third.fd));
  EXPECT_EQ(dealer.refused(), 1U);
  Arrival feed = arrival(Arrival::What::Feed);
  EXPECT_TRUE(dealer.deal(feed));
  dealer.closed(0, Arrival::What::Http);
  EXPECT_TRUE(dealer.deal(third));
}

TEST(Dealer, RefusesWhenAWorkerDoesNotTake) {
  Dealer dealer(1, 1'000'000);
  for (std::size_t i = 0; i < Dealer::kWaitingMax; ++i) {
    Arrival one{.what = Arrival::What::Http, .feed = 0, .fd = {}};
    ASSERT_TRUE(dealer.deal(one));
  }
  Arrival next = arrival();
  EXPECT_FALSE(dealer.deal(next));
  EXPECT_TRUE(static_cast<bool>(next.fd));
}

TEST(Dealer, WakesWhoGetsSomething) {
  Dealer dealer(2, 10);
  int wakes[2] = {0, 0};
  for (std::size_t i = 0; i < 2; ++i)
    dealer.set_wake(i, [&wakes, i] { ++wakes[i]; });
  Arrival one = arrival();
  ASSERT_TRUE(dealer.deal(one));
  EXPECT_EQ(wakes[0] + wakes[1], 1);
}

}  // namespace
}  // namespace gateway::server
