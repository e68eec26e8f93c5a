#include "gateway/server/body_hold.h"

#include <gtest/gtest.h>

namespace gateway::server {
namespace {

using Room = BodyBook::Room;

ingest::IpAddress ip(std::string_view text) {
  return *ingest::parse_ip(text);
}

TEST(BodyBook, OneAddressHoldsAQuarterAndAllTogetherTheWhole) {
  BodyBook book{10, 100};
  BodyHold first{book};
  first.begin(ip("192.0.2.1"));
  first.hold(25);
  EXPECT_EQ(first.room(), Room::Enough);
  EXPECT_EQ(first.room(1), Room::NoneForAddress);
  BodyHold second{book};
  second.begin(ip("192.0.2.2"));
  EXPECT_EQ(second.room(25), Room::Enough);
  second.hold(75);
  EXPECT_EQ(second.room(), Room::NoneForAddress);
  EXPECT_EQ(second.room(1), Room::NoneForAnybody);
  first.release();
  EXPECT_EQ(book.bytes(), 75u);
  EXPECT_EQ(book.hosts(), 1u);
}

TEST(BodyBook, OneBodyAlwaysFits) {
  BodyBook book{100, 100};
  BodyHold hold{book};
  hold.begin(ip("192.0.2.1"));
  hold.hold(100);
  EXPECT_EQ(hold.room(), Room::Enough);
}

TEST(BodyBook, AnIpv6HostIsItsNetworkAndTheHoldsOfAHostAddUp) {
  BodyBook book{10, 40};
  {
    BodyHold first{book};
    first.begin(ip("2001:db8::1"));
    first.hold(6);
    BodyHold second{book};
    second.begin(ip("2001:db8::2"));
    second.hold(5);
    EXPECT_EQ(second.room(), Room::NoneForAddress);
    second.begin(ip("2001:db8:0:1::2"));  // another's: what it held is given back
    EXPECT_EQ(book.bytes(), 6u);
    second.hold(5);
    EXPECT_EQ(second.room(), Room::Enough);
    EXPECT_EQ(book.hosts(), 2u);
  }
  EXPECT_EQ(book.bytes(), 0u);
  EXPECT_EQ(book.hosts(), 0u);
}

}  // namespace
}  // namespace gateway::server
