// The request that asks for a WebSocket, over real sockets: what it is answered besides the usual.
#include <gtest/gtest.h>

#include "tests/gateway/server/house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

/// kUpgrade with another target and Host, and more header lines.
std::string upgrade_to(std::string_view target, std::string_view host,
                       std::string_view lines = {}) {
  std::string request{kUpgrade};
  request.replace(request.find("/v1/ws"), 6, target);
  request.replace(request.find("localhost", request.find("Host: ")), 9, host);
  return request.insert(request.size() - 2, lines);
}

TEST(WsUpgrade, LetsTheAuthorityOfAnAbsoluteTargetOverrideHost) {
  House house;
  Visitor ours(house);
  EXPECT_TRUE(ours.upgrade({}, upgrade_to("http://localhost/v1/ws", "evil.example")));
  ours.send(text_frame(R"({"t":"hello","v":1})"));
  EXPECT_NE(ours.text().find(R"("t":"welcome")"), std::string::npos);
  Visitor theirs(house);
  theirs.send(upgrade_to("http://evil.example/v1/ws", "localhost"));
  const std::string answer = theirs.answer();
  EXPECT_EQ(status_of(answer), 421);
  EXPECT_NE(body_of(answer).find("evil.example"), std::string::npos);
}

TEST(WsUpgrade, GetsContinueAndThenItsAnswer) {
  House house;
  Visitor visitor(house);
  visitor.send(upgrade_to("/v1/ws", "localhost", "Expect: 100-continue\r\n"));
  EXPECT_EQ(visitor.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(status_of(visitor.answer()), 101);
  visitor.send(text_frame(R"({"t":"hello","v":1})"));
  EXPECT_NE(visitor.text().find(R"("t":"welcome")"), std::string::npos);
}

TEST(WsUpgrade, ItsPathAnswersOptions) {
  House house;
  Visitor visitor(house);
  for (int i = 0; i < 2; ++i) {
    visitor.send("OPTIONS /v1/ws HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const std::string answer = visitor.answer();
    EXPECT_EQ(status_of(answer), 204);
    EXPECT_EQ(header_of(answer, "Allow"), "GET, OPTIONS");
    EXPECT_EQ(header_of(answer, "Connection"), "");
  }
  visitor.send("OPTIONS /v1/ws HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_EQ(status_of(visitor.answer()), 421);
}

}  // namespace
}  // namespace tests
