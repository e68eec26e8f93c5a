// How much of what is written one turn takes at once.
#include "gateway/server/write_desk.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <variant>

#include "gateway/server/write.h"
#include "tests/gateway/server/write_house.h"
#include "tests/support/zip.h"

namespace tests {
namespace {

using gateway::server::WriteDesk;

struct Desk : testing::Test {
  Desk() {
    desk.intake = &house.ledger;
    request.method = gateway::http::Method::Post;
    request.path = "/write";
  }
  gateway::server::Reply write(const std::string& body) {
    request.body = body;
    return gateway::server::answer_write(request, {},
                                         {.site = *house.site, .now = {}, .desk = &desk});
  }
  static bool waits(const gateway::server::Reply& reply) {
    return std::holds_alternative<std::unique_ptr<gateway::server::Work>>(reply);
  }

  WriteHouse house;
  WriteDesk desk;
  gateway::http::Request request;
};

TEST_F(Desk, TheShortestRequestsAreSoManyATurn) {
  std::size_t taken = 0;
  while (taken <= WriteDesk::kBytesATurn && !waits(write("a\n")))
    ++taken;
  EXPECT_EQ(taken, WriteDesk::kBytesATurn / WriteDesk::kBytesLeast);
  desk.begin_turn();
  EXPECT_FALSE(waits(write("a\n")));
}

TEST_F(Desk, WhatIsInflatedIsOfTheTurnThoughItsLinesWait) {
  request.headers = {{"content-encoding", "gzip"}};
  const std::string body = support::gzip(std::string(100'000, '\n'));
  EXPECT_TRUE(waits(write(body)));
  EXPECT_EQ(desk.bytes_left, WriteDesk::kBytesATurn - 100'000);
  EXPECT_TRUE(waits(write(body)));
  EXPECT_TRUE(desk.turn_is_over());
}

TEST_F(Desk, WhatIsInflatedOfADamagedBodyIsOfTheTurn) {
  request.headers = {{"content-encoding", "gzip"}};
  std::string body = support::gzip(std::string(100'000, '\n'));
  body.pop_back();
  EXPECT_FALSE(waits(write(body)));
  EXPECT_EQ(desk.bytes_left, WriteDesk::kBytesATurn - 100'000);
}

}  // namespace
}  // namespace tests
