// A peer that goes while something is under way: what it sent before comes first.
#include <gtest/gtest.h>

#include "gateway/server/commons.h"
#include "tests/gateway/server/house.h"
#include "tests/gateway/server/secure_house.h"
#include "tests/gateway/server/write_house.h"
#include "tests/support/certificates.h"

namespace tests {
namespace {

using gateway::server::Ended;

constexpr std::string_view kHello = R"({"t":"hello","v":1})";

TEST(Hangup, AMessageBeforeAResetIsDelivered) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  visitor.put_without_a_turn(text_frame(kHello));
  visitor.reset();
  house.turn(3);
  EXPECT_EQ(house.worker->counts().messages_received.get(), 1U);
  EXPECT_EQ(house.ended(Ended::PeerReset), 1U);
}

TEST(Hangup, AMessageBeforeAResetIsDeliveredThoughOurWriteFailsFirst) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(text_frame(kHello)));
  EXPECT_NE(visitor.text().find("\"welcome\""), std::string::npos);
  const auto received = house.worker->counts().messages_received.get();
  // Silence makes our heartbeat due in the very turn in which the reset is found.
  house.pass(9750ms);
  visitor.put_without_a_turn(text_frame(R"({"t":"ping","n":7})"));
  visitor.reset();
  house.clock.advance(500ms);
  house.turn(4);
  EXPECT_EQ(house.worker->counts().messages_received.get(), received + 1);
  EXPECT_EQ(house.ended(Ended::PeerReset), 1U);
}

TEST(Hangup, AMessageBeforeAnEndIsDelivered) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  visitor.put_without_a_turn(text_frame(kHello));
  visitor.leave();
  house.turn(3);
  EXPECT_EQ(house.worker->counts().messages_received.get(), 1U);
  EXPECT_EQ(house.ended(Ended::PeerClosed), 1U);
}

TEST(Hangup, MoreThanOneReadIsDeliveredWholeBeforeTheEnd) {
  // A Unix socket's buffer is the peer's at once, so all of it is there when the hang-up is seen.
  const support::TemporaryFolder folder;
  House house{{}, {.addresses = {"unix:" + folder.path("weir.sock")}}};
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(text_frame(kHello)));
  EXPECT_NE(visitor.text().find("\"welcome\""), std::string::npos);
  const auto received = house.worker->counts().messages_received.get();
  // Pongs ask for no answer.
  const std::string pong = masked(10, std::string(125, 'x'));
  std::string bytes;
  while (bytes.size() < 2 * gateway::server::Commons::kReceiveBytes)
    bytes += pong;
  bytes += text_frame(R"({"t":"ping","n":7})");
  ASSERT_EQ(visitor.put_without_a_turn(bytes), static_cast<ssize_t>(bytes.size()));
  visitor.leave();
  house.turn(1);
  EXPECT_EQ(house.worker->counts().messages_received.get(), received + 1);
  house.turn(3);
  EXPECT_EQ(house.dealer.connections(), 0U);
}

TEST(Hangup, RequestsBehindALongOneAreTakenThoughAResetCameMeanwhile) {
  WriteHouse house;
  house.ledger.slice_lines = 10;
  Visitor visitor(house);
  visitor.send(post("/write", lines_of('a', 5'000)));
  begin_taking(house);
  ASSERT_LT(house.ledger.text.size(), 5'000 * 64U);
  // Some of it is read along with the first, the rest stays in the kernel.
  visitor.put_without_a_turn(post("/write", "behind\n") + post("/write", lines_of('b', 500)) +
                             post("/write", "last\n"));
  visitor.reset();
  house.turn(400);
  EXPECT_EQ(house.ledger.text, lines_of('a', 5'000) + "behind\n" + lines_of('b', 500) + "last\n");
  EXPECT_EQ(house.ended(Ended::PeerReset), 1U);
  EXPECT_EQ(house.dealer.connections(), 0U);
}

TEST(Hangup, MoreRequestsThanAnswersMayWaitForAreAllTakenThoughAResetCameMeanwhile) {
  WriteHouse house;
  house.ledger.slice_lines = 10;
  Visitor visitor(house);
  visitor.send(post("/write", lines_of('a', 5'000)));
  begin_taking(house);
  ASSERT_LT(house.ledger.text.size(), 5'000 * 64U);
  constexpr std::size_t kRequests = 1'000;
  std::string bytes;
  std::string taken = lines_of('a', 5'000);
  for (std::size_t i = 0; i < kRequests; ++i) {
    bytes += post("/write", "bad\n" + std::to_string(i) + "\n");
    taken += std::to_string(i) + "\n";
  }
  ASSERT_EQ(visitor.put_without_a_turn(bytes), static_cast<ssize_t>(bytes.size()));
  visitor.reset();
  house.turn(1'000);
  EXPECT_EQ(house.ledger.text, taken);
  EXPECT_EQ(house.ended(Ended::PeerReset), 1U);
  EXPECT_EQ(house.dealer.connections(), 0U);
}

TEST(Hangup, AResetWhileALongBodyIsTakenEndsWithIt) {
  WriteHouse house;
  house.ledger.slice_lines = 10;
  Visitor visitor(house);
  visitor.send(post("/write", lines_of('a', 20'000)) + "POST /write HTTP/1.1\r\nHost: loc");
  begin_taking(house);
  visitor.reset();
  house.turn(3);
  EXPECT_EQ(house.dealer.connections(), 1U);
  house.turn(400);
  EXPECT_EQ(house.ledger.text, lines_of('a', 20'000));
  EXPECT_EQ(house.dealer.connections(), 0U);
}

TEST(Hangup, AResetWithNothingBeforeItEndsAtOnce) {
  House house;
  Visitor idle(house);
  Visitor socket(house);
  ASSERT_TRUE(socket.upgrade());
  idle.reset();
  socket.reset();
  house.turn(3);
  EXPECT_EQ(house.ended(Ended::PeerReset), 2U);
  EXPECT_EQ(house.dealer.connections(), 0U);
}

TEST(Hangup, OverTlsAMessageBeforeAResetIsDeliveredThoughOurWriteFailsFirst) {
  SecureHouse secure;
  House& house = *secure.house;
  const auto visitor = secure.visitor();
  ASSERT_TRUE(visitor->upgrade(text_frame(kHello)));
  EXPECT_NE(visitor->text().find("\"welcome\""), std::string::npos);
  const auto received = house.worker->counts().messages_received.get();
  house.pass(9750ms);
  visitor->put_without_a_turn(text_frame(R"({"t":"ping","n":7})"));
  visitor->reset();
  house.clock.advance(500ms);
  house.turn(4);
  EXPECT_EQ(house.worker->counts().messages_received.get(), received + 1);
  EXPECT_EQ(house.ended(Ended::PeerReset), 1U);
}

}  // namespace
}  // namespace tests
