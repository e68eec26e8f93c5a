// Requests that are begun when SIGTERM comes and become whole while the worker drains.
#include <gtest/gtest.h>

#include "tests/gateway/server/house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

/// `request` is begun before the drain and comes whole in it: it can still be answered.
std::string answer_in_the_drain(std::string_view request) {
  House house;
  Visitor visitor(house);
  visitor.send(request.substr(0, 20));
  house.worker->stop();
  house.turn(3);
  EXPECT_FALSE(house.worker->is_drained());
  visitor.send(request.substr(20));
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_FALSE(visitor.was_reset());
  visitor.leave();
  house.turn(3);
  EXPECT_TRUE(house.worker->is_drained());
  return visitor.heard();
}

TEST(Drain, AnUpgradeIs503) {
  for (const std::string& request :
       {std::string{kUpgrade},
        std::string{"POST /v1/ws HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"},
        std::string{"GET /v1/ws HTTP/1.1\r\nHost: localhost\r\n\r\n"}}) {
    const std::string answer = answer_in_the_drain(request);
    EXPECT_EQ(status_of(answer), 503) << request;
    EXPECT_EQ(header_of(answer, "Retry-After"), "1");
    EXPECT_NE(header_of(answer, "Date"), "");
    EXPECT_EQ(header_of(answer, "Connection"), "close");
  }
}

TEST(Drain, IsNotReadyAndWhatHasBegunGetsItsAnswer) {
  const std::string ready = answer_in_the_drain("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(status_of(ready), 503);
  EXPECT_EQ(body_of(ready), "draining\n");
  const std::string alive = answer_in_the_drain("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(status_of(alive), 200);
  EXPECT_EQ(header_of(alive, "Connection"), "close");
}

}  // namespace
}  // namespace tests
