#include "gateway/cli/feed_names.h"

#include <gtest/gtest.h>

namespace gateway::cli {
namespace {

TEST(FeedNames, TheFirstOfAKindNeedsNoAddress) {
  FeedNames names;
  EXPECT_EQ(names.take("udp/statsd", "127.0.0.1:8125"), "udp/statsd");
  EXPECT_EQ(names.take("tcp/statsd", "127.0.0.1:8125"), "tcp/statsd");
  EXPECT_EQ(names.take("udp/influx", "127.0.0.1:8094"), "udp/influx");
}

TEST(FeedNames, AFurtherOneHasItsPortOrPath) {
  FeedNames names;
  names.take("udp/statsd", "127.0.0.1:8125");
  names.take("unix/statsd", "unix:/run/a.sock");
  EXPECT_EQ(names.take("udp/statsd", "[::1]:8126"), "udp/statsd:8126");
  EXPECT_EQ(names.take("unix/statsd", "unix:/run/b:1.sock"), "unix/statsd:/run/b:1.sock");
}

TEST(FeedNames, NoTwoAreAlike) {
  FeedNames names;
  names.take("udp/statsd", "127.0.0.1:8125");
  EXPECT_EQ(names.take("udp/statsd", "127.0.0.2:8125"), "udp/statsd:8125");
  EXPECT_EQ(names.take("udp/statsd", "127.0.0.3:8125"), "udp/statsd:127.0.0.3:8125");
  EXPECT_EQ(names.take("host", ""), "host");
  EXPECT_EQ(names.take("host", ""), "host#2");
}

}  // namespace
}  // namespace gateway::cli
