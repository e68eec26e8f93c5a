// Silence, pauses and credit over a real socket: whoever is connected hears something every 10 s,
// and a page that stands still gets no frames.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/gateway/server/whole_house.h"

namespace tests {
namespace {

using nlohmann::json;

/// Answers pings.
std::vector<json> hear(Visitor& visitor) {
  std::vector<json> all;
  visitor.poll();
  while (!visitor.heard().empty()) {
    json message = json::parse(visitor.text(), nullptr, false);
    if (message.is_object()) {
      all.push_back(std::move(message));
    } else {
      visitor.send(masked(10, ""));
    }
  }
  return all;
}

std::string sub(int id, std::string_view rate, std::string_view slide = "1s") {
  return text_frame(R"({"t":"sub","id":)" + std::to_string(id) + R"(,"rate":")" +
                    std::string{rate} + R"(","q":{"metric":"m","window":"1m","slide":")" +
                    std::string{slide} + R"("}})");
}

/// The longest time in ms in which the visitor heard nothing, of so many ticks of 250 ms.
int longest_silence(Weir& weir, Visitor& visitor, int ticks) {
  int longest = 0;
  int silent = 0;
  for (int i = 0; i < ticks; ++i) {
    weir.tick();
    silent = hear(visitor).empty() ? silent + 250 : 0;
    longest = std::max(longest, silent);
  }
  return longest;
}

TEST(WsCredit, AtEveryTierAndWhilePausedSomethingIsHeardEveryTenSeconds) {
  for (const char* rate : {"250ms", "5s", "30s", "1m"}) {
    Weir weir;
    Visitor visitor(weir.house);
    ASSERT_TRUE(visitor.upgrade(sub(1, rate, "1m")));
    EXPECT_LE(longest_silence(weir, visitor, 4 * 65), 10'500) << rate;
    visitor.send(text_frame(R"({"t":"mod","id":1,"pause":true})"));
    EXPECT_LE(longest_silence(weir, visitor, 4 * 35), 10'500) << rate << ", paused";
    EXPECT_FALSE(visitor.closed());
  }
}

TEST(WsCredit, APageThatStandsStillIsPausedHearsHbAndGoesOnWithOneSnapshot) {
  Weir weir;
  Visitor visitor(weir.house);
  ASSERT_TRUE(visitor.upgrade(sub(1, "250ms")));
  for (int i = 0; i < 4; ++i)
    weir.tick();
  const std::string seen = text_frame(R"({"t":"seen","a":[[1,0]]})");
  visitor.send(seen);
  std::map<std::string, int> counts;
  for (int i = 0; i < 4 * 32; ++i) {
    weir.tick();
    for (const json& message : hear(visitor)) {
      ++counts[message["t"]];
      if (message["t"] == "paused") {
        EXPECT_EQ(message["why"], "unseen");
      }
    }
  }
  EXPECT_EQ(counts["paused"], 1);
  EXPECT_GE(counts["u"], 8);
  EXPECT_LE(counts["u"], 11) << "one a second, for 10 s";
  EXPECT_EQ(counts["hb"], 2);
  EXPECT_EQ(weir.house.worker->counts().unseen.get(), 1U);
  visitor.send(seen);
  counts.clear();
  for (int i = 0; i < 4 * 5; ++i) {
    weir.tick();
    for (const json& message : hear(visitor))
      ++counts[message["t"]];
  }
  EXPECT_EQ(counts["snap"], 1);
  EXPECT_GE(counts["u"], 4);
}

}  // namespace
}  // namespace tests
