#include "gateway/server/identity_book.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace gateway::server {
namespace {

TEST(IdentityBook, AHolderHasSoManyConnectionsAndAnotherAsMany) {
  IdentityBook book{{.connections_max = 2, .subs_max = 10}};
  auto first = book.admit("ops", 0);
  const auto second = book.admit("ops", 0);
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(book.admit("ops", 0), nullptr);
  EXPECT_TRUE(book.refuses("ops"));
  EXPECT_EQ(book.connections_refused(), 2U);
  EXPECT_FALSE(book.refuses("ada"));
  EXPECT_NE(book.admit("ada", 0), nullptr);
  EXPECT_EQ(book.identities(), 1U) << "ada has gone again";
  first.reset();
  EXPECT_FALSE(book.refuses("ops"));
  EXPECT_NE(book.admit("ops", 0), nullptr);
}

TEST(IdentityBook, SubscriptionsCountOverAllItsConnections) {
  IdentityBook book{{.connections_max = 9, .subs_max = 3}};
  auto first = book.admit("ops", 0);
  const auto second = book.admit("ops", 0);
  EXPECT_TRUE(first->add_sub());
  EXPECT_TRUE(first->add_sub());
  EXPECT_TRUE(second->add_sub());
  EXPECT_FALSE(second->add_sub());
  EXPECT_FALSE(first->add_sub());
  EXPECT_EQ(book.subs_refused(), 2U);
  first->drop_subs(1);
  EXPECT_TRUE(second->add_sub());
  first.reset();  // its last one goes with it
  EXPECT_TRUE(second->add_sub());
  EXPECT_FALSE(second->add_sub());
  EXPECT_TRUE(book.admit("ada", 0)->add_sub());
}

TEST(IdentityBook, WhoComesWithSubscriptionsBringsThemWhateverTheLimit) {
  IdentityBook book{{.connections_max = 9, .subs_max = 3}};
  auto moved = book.admit("ops", 5);
  EXPECT_FALSE(moved->add_sub());
  moved->drop_subs(3);
  EXPECT_TRUE(moved->add_sub());
  moved.reset();
  EXPECT_EQ(book.identities(), 0U);
}

TEST(IdentityBook, ATokenWithoutANameIsWhatProvesIt) {
  auth::Rights one;
  one.proof[0] = 1;
  auth::Rights other;
  other.proof[0] = 2;
  EXPECT_NE(one.identity(), other.identity());
  one.name = other.name = "ada";
  EXPECT_EQ(one.identity(), other.identity()) << "a key that was rotated is no other person";
}

}  // namespace
}  // namespace gateway::server
