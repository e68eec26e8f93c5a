#include "gateway/ws_client/url.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gateway::ws_client {
namespace {

struct Good {
  std::string text;
  std::string host;
  int port;
  std::string target;
  std::string authority;
  Security security = Security::Plain;
};

TEST(Url, ReadsWhatAPersonTypes) {
  const std::vector<Good> cases{
      {"ws://localhost", "localhost", 80, "/", "localhost"},
      {"ws://127.0.0.1:8080/v1/ws", "127.0.0.1", 8080, "/v1/ws", "127.0.0.1:8080"},
      {"ws://[::1]:8080/v1/ws?a=b%20c", "::1", 8080, "/v1/ws?a=b%20c", "[::1]:8080"},
      {"ws://h?x=1", "h", 80, "/?x=1", "h"},
      {"ws://[fe80::1]/", "fe80::1", 80, "/", "[fe80::1]"},
      {"wss://weir.example.org/v1/ws", "weir.example.org", 443, "/v1/ws", "weir.example.org",
       Security::Tls},
      {"wss://h:8443/", "h", 8443, "/", "h:8443", Security::Tls},
  };
  for (const Good& good : cases) {
    const auto url = Url::parse(good.text);
    ASSERT_TRUE(url) << good.text << ": " << url.error().what;
    EXPECT_EQ(url->host, good.host);
    EXPECT_EQ(url->port, good.port);
    EXPECT_EQ(url->target, good.target);
    EXPECT_EQ(url->authority(), good.authority);
    EXPECT_EQ(url->security, good.security);
    EXPECT_FALSE(url->is_unix());
    EXPECT_EQ(Url::parse(url->text())->text(), url->text());
  }
}

TEST(Url, ReadsAUnixSocketAndItsTarget) {
  const auto url = Url::parse("ws+unix:///run/weir.sock:/v1/ws?a=1");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->unix_path, "/run/weir.sock");
  EXPECT_EQ(url->target, "/v1/ws?a=1");
  EXPECT_EQ(url->authority(), "localhost");
  EXPECT_EQ(url->text(), "ws+unix:///run/weir.sock:/v1/ws?a=1");
  EXPECT_EQ(Url::parse("ws+unix:///run/weir.sock")->target, "/");
}

TEST(Url, RefusesTheRestInASentence) {
  const std::vector<std::string> cases{
      "",
      "localhost:8080",
      "http://localhost/",
      "ws:/localhost",
      "ws://",
      "ws://:80/",
      "ws://h:0/",
      "ws://h:65536/",
      "ws://h:80x/",
      "ws://h:/",
      "ws://h/#part",
      "ws://user:secret@h/",
      "ws://[::1",
      "ws://[::1]x/",
      "ws://[h]/",
      "ws://a b/",
      "ws://h/a b",
      "ws://h/\r\nX: y",
      "ws://h/\xff",
      "ws+unix://run/weir.sock:/v1/ws",
      "ws+unix:///run/weir.sock:v1",
      "ws+unix:///" + std::string(108, 'x'),
      "ws://" + std::string(5'000, 'h'),
  };
  for (const std::string& text : cases) {
    const auto url = Url::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_TRUE(url.error().what.starts_with("bad URL '")) << url.error().what;
    EXPECT_LT(url.error().what.size(), 250U);
  }
}

TEST(Url, NeverShowsAPasswordInItsSentence) {
  for (const std::string text :
       {"ws://user:secret@h/", "wss://user:sec/secret@h/v1/ws", "ftp://user:secret@h/",
        "user:secret@h", "ws://a@b:secret@h/", "ws://user:secret@h/#x"}) {
    const auto url = Url::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().what.find("sec"), std::string::npos) << url.error().what;
    EXPECT_EQ(url.error().what.find("user:"), std::string::npos) << url.error().what;
    EXPECT_TRUE(url.error().what.starts_with("bad URL 'h")) << url.error().what;
  }
}

}  // namespace
}  // namespace gateway::ws_client
