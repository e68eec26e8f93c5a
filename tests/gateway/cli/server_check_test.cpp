#include "gateway/cli/server_check.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "gateway/cli/command_line.h"
#include "tests/gateway/cli/running.h"

namespace gateway::cli {
namespace {

struct Checked {
  Exit exit{};
  std::string out;
  std::string err;
};

Checked checked(const std::string& url) {
  std::ostringstream out;
  std::ostringstream err;
  const Exit exit = check_server(*parse_server(url), out, err);
  return {exit, out.str(), err.str()};
}

TEST(ServerCheck, IsGoodOnceTheServerIsReady) {
  Running weir{on_free_ports(1)};
  const Address http = weir.address("http");
  ASSERT_TRUE(shows(http, "/readyz", "200 OK"));
  const Checked ready = checked("http://" + http.text());
  EXPECT_EQ(ready.exit, Exit::Good);
  EXPECT_EQ(ready.out, "ready\n");
  EXPECT_EQ(ready.err, "");
}

TEST(ServerCheck, SaysThatNobodyAnswers) {
  std::string url;
  {
    Running weir{on_free_ports(1)};
    url = "http://" + weir.address("http").text();
  }
  const Checked gone = checked(url);
  EXPECT_EQ(gone.exit, Exit::CannotGoOn);
  EXPECT_TRUE(gone.err.starts_with("weir check: ")) << gone.err;
  EXPECT_EQ(gone.out, "");
}

TEST(ServerCheck, TakesNothingThatSpeaksNoHttp) {
  for (const char* url : {"udp://127.0.0.1:8125", "tcp://127.0.0.1:8125", "8080", ""}) {
    const auto wanted = parse_server(url);
    ASSERT_FALSE(wanted) << url;
    EXPECT_TRUE(wanted.error().starts_with("--server ")) << wanted.error();
  }
}

}  // namespace
}  // namespace gateway::cli
