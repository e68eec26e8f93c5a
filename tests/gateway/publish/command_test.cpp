#include "gateway/publish/command.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace gateway::publish {
namespace {

using ingest::Millis;
using ingest::query::Code;

Refusal refused(const std::string& text) {
  auto parsed = parse_command(text, {});
  EXPECT_FALSE(parsed) << text;
  return parsed ? Refusal{} : std::move(parsed).error();
}

template <class T>
T accepted(const std::string& text) {
  auto parsed = parse_command(text, {});
  EXPECT_TRUE(parsed) << text << (parsed ? "" : parsed.error().fault.msg);
  if (!parsed || !std::holds_alternative<T>(*parsed)) {
    ADD_FAILURE() << text;
    return T{};
  }
  return std::get<T>(*parsed);
}

TEST(Command, ASubWithDefaults) {
  const auto sub = accepted<Sub>(R"({"t":"sub","id":1,"q":{"metric":"system.cpu.utilization"}})");
  EXPECT_EQ(sub.id, 1U);
  EXPECT_EQ(sub.rate, Millis{1'000});
  EXPECT_EQ(sub.query.metric, "system.cpu.utilization");
  EXPECT_EQ(sub.query.window, Millis{10'000});
  EXPECT_FALSE(sub.from);
}

TEST(Command, ASubWithEverythingAndUnknownFields) {
  const auto sub = accepted<Sub>(
      R"({"new":[1,{"x":2}],"rate":"250ms","t":"sub","id":9007199254740991,"q":{"metric":"a"},)"
      R"("from":{"epoch":"01JDX8Q3","ch":17,"s":48211,"more":null}})");
  EXPECT_EQ(sub.id, 9'007'199'254'740'991U);
  EXPECT_EQ(sub.rate, Millis{250});
  ASSERT_TRUE(sub.from);
  EXPECT_EQ(sub.from->epoch, "01JDX8Q3");
  EXPECT_EQ(sub.from->ch, 17U);
  EXPECT_EQ(sub.from->s, 48'211U);
}

TEST(Command, AHelloKeepsGoodSubsBesideBadOnes) {
  const auto hello = accepted<Hello>(
      R"({"t":"hello","v":1,"sdk":"weir-js/1.0.0","token":null,"subs":[)"
      R"({"id":1,"q":{"metric":"a"}},{"id":2},7,{"id":3,"q":{"metric":"b"},"rate":500}]})");
  EXPECT_EQ(hello.sdk, "weir-js/1.0.0");
  ASSERT_EQ(hello.subs.size(), 4U);
  EXPECT_EQ(std::get<Sub>(hello.subs[0]).id, 1U);
  EXPECT_EQ(std::get<Refusal>(hello.subs[1]).id, 2U);
  EXPECT_EQ(std::get<Refusal>(hello.subs[1]).fault.code, Code::ProtoBadField);
  EXPECT_EQ(std::get<Refusal>(hello.subs[2]).id, std::nullopt);
  EXPECT_EQ(std::get<Sub>(hello.subs[3]).rate, Millis{500});
}

TEST(Command, TheSmallOnes) {
  EXPECT_EQ(accepted<Unsub>(R"({"t":"unsub","id":0})").id, 0U);
  EXPECT_EQ(accepted<Ping>(R"({"t":"ping","n":7})").n, 7);
  EXPECT_EQ(accepted<Ping>(R"({"t":"ping","n":-9007199254740991})").n, -9'007'199'254'740'991);
  EXPECT_EQ(accepted<Ping>(R"({"t":"ping"})").n, 0);
  const auto mod = accepted<Mod>(R"({"t":"mod","id":1,"rate":"5s","pause":false})");
  EXPECT_EQ(mod.rate, Millis{5'000});
  EXPECT_EQ(mod.pause, Mod::Pause::No);
  const auto seen = accepted<Seen>(R"({"t":"seen","a":[[17,48213],[18,2]]})");
  ASSERT_EQ(seen.at.size(), 2U);
  EXPECT_EQ(seen.at[0], (std::pair<ChannelId, Sequence>{17, 48'213}));
}

struct Bad {
  const char* text;
  Code code;
};
class BadCommand : public testing::TestWithParam<Bad> {};

TEST_P(BadCommand, IsRefusedWithItsCode) {
  const Refusal refusal = refused(GetParam().text);
  EXPECT_EQ(refusal.fault.code, GetParam().code) << refusal.fault.msg;
  EXPECT_FALSE(refusal.fault.msg.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadCommand,
    testing::Values(
        Bad{"", Code::QueryBadJson}, Bad{"{", Code::QueryBadJson},
        Bad{"nonsense", Code::QueryBadJson}, Bad{"[]", Code::QueryBadJson},
        Bad{"null", Code::QueryBadJson}, Bad{"{} {}", Code::QueryBadJson},
        Bad{"{\"t\":\"\xff\"}", Code::QueryBadJson},
        Bad{R"({"t":"sub","id":01})", Code::QueryBadJson},
        Bad{R"([[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]])", Code::QueryBadJson},
        Bad{"{}", Code::ProtoBadField}, Bad{R"({"t":1})", Code::ProtoBadField},
        Bad{R"({"t":"subscribe"})", Code::ProtoUnknownType},
        Bad{R"({"t":""})", Code::ProtoUnknownType},
        Bad{R"({"t":"auth","token":""})", Code::ProtoBadField},
        Bad{R"({"t":"auth"})", Code::ProtoBadField},
        Bad{R"({"t":"meta","id":10,"what":"people"})", Code::ProtoBadField},
        Bad{R"({"t":"range","id":9,"q":{"metric":"a"}})", Code::ProtoBadField},
        Bad{R"({"t":"range","id":9,"q":{"metric":"a"},"start":0,"step":0})", Code::ProtoBadField},
        Bad{R"({"t":"sub","q":{"metric":"a"}})", Code::ProtoBadField},
        Bad{R"({"t":"sub","id":"1","q":{"metric":"a"}})", Code::ProtoBadField},
        Bad{R"({"t":"sub","id":-1,"q":{"metric":"a"}})", Code::ProtoBadField},
        Bad{R"({"t":"sub","id":1.5,"q":{"metric":"a"}})", Code::ProtoBadField},
        Bad{R"({"t":"sub","id":9007199254740992,"q":{"metric":"a"}})", Code::ProtoBadField},
        Bad{R"({"t":"sub","id":1})", Code::ProtoBadField},
        Bad{R"({"t":"sub","id":1,"q":"a"})", Code::ProtoBadField},
        Bad{R"({"t":"sub","id":1,"q":{}})", Code::QueryBadMetric},
        Bad{R"({"t":"sub","id":1,"q":{"metric":"a","stats":["p101"]}})", Code::QueryUnknownStat},
        Bad{R"({"t":"sub","id":1,"q":{"metric":"a","window":"1500ms"}})", Code::QueryBadWindow},
        Bad{R"({"t":"sub","id":1,"q":{"metric":"a","window":"5s","slide":"10s"}})",
            Code::QueryBadWindow},
        Bad{R"({"t":"sub","id":1,"q":{"metric":"a"},"rate":0})", Code::ProtoBadField},
        Bad{R"({"t":"sub","id":1,"q":{"metric":"a"},"rate":"-1s"})", Code::ProtoBadField},
        Bad{R"({"t":"sub","id":1,"q":{"metric":"a"},"rate":true})", Code::ProtoBadField},
        Bad{R"({"t":"sub","id":1,"q":{"metric":"a"},"rate":"1 parsec"})", Code::ProtoBadField},
        Bad{R"({"t":"sub","id":1,"q":{"metric":"a"},"history":0})", Code::ProtoBadField},
        Bad{R"({"t":"sub","id":1,"q":{"metric":"a"},"from":7})", Code::ProtoBadField},
        Bad{R"({"t":"sub","id":1,"q":{"metric":"a"},"from":{"epoch":1,"ch":1,"s":1}})",
            Code::ProtoBadField},
        Bad{R"({"t":"sub","id":1,"q":{"metric":"a"},"from":{"epoch":"a","ch":4294967296,"s":1}})",
            Code::ProtoBadField},
        Bad{R"({"t":"hello"})", Code::ProtoBadField},
        Bad{R"({"t":"hello","v":2})", Code::ProtoVersion},
        Bad{R"({"t":"hello","v":"1"})", Code::ProtoBadField},
        Bad{R"({"t":"hello","v":1,"subs":{}})", Code::ProtoBadField},
        Bad{R"({"t":"hello","v":1,"token":7})", Code::ProtoBadField},
        Bad{R"({"t":"mod","id":1})", Code::ProtoBadField},
        Bad{R"({"t":"mod","id":1,"pause":1})", Code::ProtoBadField},
        Bad{R"({"t":"unsub"})", Code::ProtoBadField}, Bad{R"({"t":"seen"})", Code::ProtoBadField},
        Bad{R"({"t":"seen","a":[[1]]})", Code::ProtoBadField},
        Bad{R"({"t":"seen","a":[[1,-1]]})", Code::ProtoBadField},
        Bad{R"({"t":"ping","n":1.5})", Code::ProtoBadField},
        Bad{R"({"t":"ping","n":18446744073709551615})", Code::ProtoBadField},
        Bad{R"({"t":"ping","n":-9007199254740992})", Code::ProtoBadField}));

TEST(Command, ARefusalNamesTheIdWhereItCanBeRead) {
  EXPECT_EQ(refused(R"({"t":"sub","id":3})").id, 3U);
  EXPECT_EQ(refused(R"({"t":"sub","id":"3"})").id, std::nullopt);
  EXPECT_EQ(refused(R"({"t":"nothing","id":4})").id, 4U);
}

TEST(Command, TooLongRegexAndGlobAreRefused) {
  const std::string regex = R"({"t":"sub","id":1,"q":{"metric":"a","where":[["host","=~",")" +
                            std::string(257, 'x') + R"("]]}})";
  EXPECT_EQ(refused(regex).fault.code, Code::QueryBadMatcher);
  const std::string glob =
      R"({"t":"sub","id":1,"q":{"metric":"*)" + std::string(255, 'x') + R"("}})";
  EXPECT_EQ(refused(glob).fault.code, Code::QueryBadMetric);
}

TEST(Command, TextsAboveTheLimitAreRefusedUnread) {
  const std::string text = R"({"t":"ping","n":1,"pad":")" + std::string(65'536, 'x') + "\"}";
  EXPECT_EQ(refused(text).fault.code, Code::LimitFrame);
}

TEST(Command, MoreSubsThanAllowedInAHelloAreRefusedAsAWhole) {
  std::string text = R"({"t":"hello","v":1,"subs":[{})";
  for (int i = 0; i < 200; ++i)
    text += ",{}";
  EXPECT_EQ(refused(text + "]}").fault.code, Code::LimitSubs);
}

TEST(Command, DeepNestingCostsNoStack) {
  const std::string deep(60'000, '[');
  EXPECT_EQ(refused(R"({"t":"sub","id":1,"q":)" + deep).fault.code, Code::QueryBadJson);
  EXPECT_EQ(refused(R"({"t":"ping","n":")" + deep + "\"}").fault.code, Code::ProtoBadField);
}

TEST(Command, EveryCutOfAGoodTextIsRefused) {
  const std::string text =
      R"({"t":"sub","id":1,"q":{"metric":"a","by":["x"]},"rate":"1s","from":{"epoch":"e","ch":1,"s":2}})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(refused(text.substr(0, size)).fault.code, Code::QueryBadJson);
  }
}

}  // namespace
}  // namespace gateway::publish
