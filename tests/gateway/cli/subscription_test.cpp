#include "gateway/cli/subscription.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "gateway/publish/command.h"
#include "gateway/ws_client/url.h"

namespace gateway::cli {
namespace {

TEST(Subscription, ReadsMatchersAsAPersonWritesThem) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"region=eu", R"(["region","=","eu"])"},
      {"region=", R"(["region","=",""])"},
      {"a=b=c", R"(["a","=","b=c"])"},
      {"env!=test", R"(["env","!=","test"])"},
      {"host=~web-[0-9]+", R"(["host","=~","web-[0-9]+"])"},
      {"host!~a in b", R"(["host","!~","a in b"])"},
      {"env in prod, stage", R"(["env","in",["prod","stage"]])"},
      {"env nin prod", R"(["env","nin",["prod"]])"},
      {"canary exists", R"(["canary","exists"])"},
      {" env = x", R"(["env","="," x"])"},
      {R"(["env","in",["a,b","c=d e"]])", R"(["env","in",["a,b","c=d e"]])"},
      {"[0]=x", R"(["[0]","=","x"])"},
  };
  for (const auto& [text, matcher] : cases) {
    const auto parsed = parse_where(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, matcher);
  }
  for (const std::string bad : {"", "region", "=x", "region eu", "a!b", "~"}) {
    const auto parsed = parse_where(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_NE(parsed.error().find("is no matcher"), std::string::npos);
  }
}

TEST(Subscription, SaysHelloAsTheServerReadsIt) {
  const Subscription wanted{.metric = "http.*",
                            .stats = {"count", "p99"},
                            .by = {"route"},
                            .where = {*parse_where("env in prod,stage"), *parse_where("x exists")},
                            .window = "1min",
                            .slide = "",
                            .rate = "2s"};
  const std::string text = hello_text(wanted, "1.2", LiveTable::Position{"E", 17, 99});
  const auto parsed = publish::parse_command(text, {});
  ASSERT_TRUE(parsed) << text;
  const auto& hello = std::get<publish::Hello>(*parsed);
  EXPECT_EQ(hello.sdk, "weir-tail/1.2");
  ASSERT_EQ(hello.subs.size(), 1U);
  const auto* refusal = std::get_if<publish::Refusal>(&hello.subs[0]);
  ASSERT_EQ(refusal, nullptr) << (refusal == nullptr ? "" : refusal->fault.msg);
  const auto& sub = std::get<publish::Sub>(hello.subs[0]);
  EXPECT_EQ(sub.id, Subscription::kId);
  EXPECT_EQ(sub.query.metric, "http.*");
  EXPECT_EQ(sub.query.window, ingest::Millis{60'000});
  EXPECT_EQ(sub.rate, ingest::Millis{2'000});
  ASSERT_TRUE(sub.from);
  EXPECT_EQ(sub.from->s, 99U);
}

TEST(Subscription, LeavesTheChoiceToTheServerWhereNothingIsSaid) {
  Subscription wanted;
  wanted.metric = "m";
  const std::string text = hello_text(wanted, "1", std::nullopt);
  EXPECT_EQ(
      text,
      R"({"sdk":"weir-tail/1","subs":[{"id":1,"q":{"metric":"m"},"t":"sub"}],"t":"hello","v":1})");
}

TEST(Subscription, TakesTheUrlsThatPeopleHave) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"127.0.0.1:8080", "ws://127.0.0.1:8080/v1/ws"},
      {"[::1]:8080", "ws://[::1]:8080/v1/ws"},
      {"http://h:8080/", "ws://h:8080/v1/ws"},
      {"https://h", "wss://h/v1/ws"},
      {"wss://h/v1/ws?x=1", "wss://h/v1/ws?x=1"},
      {"ws://h/weir/v1/ws", "ws://h/weir/v1/ws"},
      {"ws+unix:///run/w.sock", "ws+unix:///run/w.sock:/v1/ws"},
      {"ws+unix:///run/w.sock:/x", "ws+unix:///run/w.sock:/x"},
  };
  for (const auto& [typed, url] : cases) {
    EXPECT_EQ(websocket_url(typed), url);
    EXPECT_TRUE(ws_client::Url::parse(websocket_url(typed))) << typed;
  }
}

}  // namespace
}  // namespace gateway::cli
