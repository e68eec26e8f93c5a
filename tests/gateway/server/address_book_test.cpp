#include "gateway/server/address_book.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace gateway::server {
namespace {

Peer at(std::string_view address) {
  return Peer::of(*ingest::io::Address::parse(address));
}

TEST(AddressBook, RefusesAboveTheLimitOfOneAddressAndCountsIt) {
  AddressBook book{2};
  const auto first = book.admit(at("192.0.2.1:1000"));
  auto second = book.admit(at("192.0.2.1:1001"));
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(book.admit(at("192.0.2.1:1002")));
  EXPECT_EQ(book.refused(), 1U);
  EXPECT_TRUE(book.admit(at("192.0.2.2:1000")));
  second.reset();
  EXPECT_TRUE(book.admit(at("192.0.2.1:1003")));
}

TEST(AddressBook, CountsAnIpv6HostByItsNetwork) {
  AddressBook book{1};
  const auto first = book.admit(at("[2001:db8:1:2::1]:1"));
  EXPECT_FALSE(book.admit(at("[2001:db8:1:2:ffff::9]:1")));
  EXPECT_TRUE(book.admit(at("[2001:db8:1:3::1]:1")));
}

TEST(AddressBook, AMappedAddressIsItsIpv4Address) {
  AddressBook book{1};
  const auto first = book.admit(at("192.0.2.1:1"));
  EXPECT_FALSE(book.admit(at("[::ffff:192.0.2.1]:1")));
  EXPECT_TRUE(book.admit(at("[::ffff:192.0.2.2]:1")));
}

TEST(AddressBook, LoopbackAndUnixSocketsAreNotCounted) {
  AddressBook book{1};
  std::vector<Guest> guests;
  for (const Peer& peer :
       {at("127.0.0.1:1"), at("127.8.8.8:1"), at("[::1]:1"), at("[::ffff:127.0.0.1]:1"), Peer{}}) {
    for (int i = 0; i < 3; ++i) {
      auto guest = book.admit(peer);
      ASSERT_TRUE(guest) << peer.text();
      guests.push_back(*std::move(guest));
    }
  }
  EXPECT_EQ(book.addresses(), 0U);
}

TEST(AddressBook, APlaceMovesWithItsGuest) {
  AddressBook book{5};
  const Peer peer = at("192.0.2.1:1");
  auto first = book.admit(peer);
  Guest moved = *std::move(first);
  first.reset();
  EXPECT_EQ(book.connections(peer), 1U);
  moved = Guest{};
  EXPECT_EQ(book.connections(peer), 0U);
  EXPECT_EQ(book.addresses(), 0U);
}

TEST(Peer, IsWrittenAsPeopleWriteIt) {
  EXPECT_EQ(at("192.0.2.1:443").text(), "192.0.2.1:443");
  EXPECT_EQ(at("[::ffff:192.0.2.1]:443").text(), "192.0.2.1:443");
  EXPECT_EQ(at("[2001:db8::1]:443").text(), "[2001:db8::1]:443");
  EXPECT_EQ(Peer{}.text(), "unix");
}

}  // namespace
}  // namespace gateway::server
