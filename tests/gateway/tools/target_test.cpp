#include "gateway/tools/target.h"

#include <gtest/gtest.h>

namespace gateway::tools {
namespace {

TEST(Target, IsReadAsItIsWritten) {
  for (const char* text : {"udp://127.0.0.1:8125", "tcp://[::1]:2003", "http://weir.example.org:80",
                           "unixgram:/run/weir/statsd.sock", "unix:/run/s"}) {
    const auto target = parse_target(text);
    ASSERT_TRUE(target) << text;
    EXPECT_EQ(to_text(*target), text);
  }
  EXPECT_EQ(to_text(*parse_target("udp://:8125")), "udp://127.0.0.1:8125");
  EXPECT_EQ(to_text(*parse_target("http://localhost:8080/")), "http://localhost:8080");
  EXPECT_EQ(to_text(*parse_target("unixgram:///run/s")), "unixgram:/run/s");
}

TEST(Target, SaysWhatIsAllowed) {
  for (const char* text :
       {"", "8125", "127.0.0.1:8125", "udp://", "udp://127.0.0.1", "udp://127.0.0.1:0",
        "udp://127.0.0.1:65536", "udp://a b:1", "udp://::1:1", "tcp://x:y", "https://a:1",
        "unix:", "http://a:1/path", "ftp://a:1"}) {
    const auto target = parse_target(text);
    ASSERT_FALSE(target) << text;
    EXPECT_NE(target.error().find("allowed is udp://HOST:PORT"), std::string::npos) << text;
  }
}

TEST(Target, ListensOnAnyPortAndNeverOnHttp) {
  EXPECT_EQ(parse_listen("udp://127.0.0.1:0")->port, 0);
  EXPECT_EQ(parse_listen("udp://:8125")->host, "0.0.0.0");
  EXPECT_FALSE(parse_listen("http://127.0.0.1:80"));
}

TEST(Target, NamesAreLookedUp) {
  EXPECT_EQ(address_of(*parse_target("udp://localhost:5"))->text(), "127.0.0.1:5");
  EXPECT_EQ(address_of(*parse_target("udp://[::1]:5"))->text(), "[::1]:5");
}

}  // namespace
}  // namespace gateway::tools
