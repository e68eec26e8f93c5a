// What an operator asks first: who is slow and what is expensive, over real sockets, everything
// that serves built as it serves.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/gateway/server/access_house.h"
#include "tests/gateway/server/http_answer.h"
#include "tests/gateway/server/whole_house.h"

namespace tests {
namespace {

using nlohmann::json;

json status(Weir& weir, const char* token) {
  Visitor visitor(weir.house);
  visitor.send(request("GET /api/v1/status", token == nullptr ? "" : bearer(token)));
  return json::parse(body_of(visitor.answer()), nullptr, false);
}

/// "reader" subscribes; what it may be sent in a second is less than it is to get.
struct Slow {
  explicit Slow(gateway::server::Settings settings) : weir(limited(std::move(settings))) {
    weir.datagram("orders:3|c|#env:prod,app:shop\norders:5|c|#env:stage,app:secret");
    for (int i = 0; i < 8; ++i)
      weir.tick();
    CHECK(reader.upgrade(
        text_frame(R"({"t":"hello","v":1,"token":"reader","subs":[{"id":1,"rate":"250ms","q":)"
                   R"({"metric":"orders","by":["app"],"stats":["count"]}}]})")));
    for (int i = 0; i < 24; ++i) {
      weir.datagram("orders:" + std::to_string(i) + "|c|#env:prod,app:shop");
      weir.tick();
    }
  }
  static gateway::server::Settings limited(gateway::server::Settings settings) {
    settings.rules.output_per_second = 200;
    return settings;
  }
  Weir weir;
  Visitor reader{weir.house};
};

TEST(Status, SaysWhoIsSlowAndWhatIsExpensive) {
  Slow slow{guarded()};
  const json all = status(slow.weir, "admin");
  ASSERT_EQ(all["slow"].size(), 1U) << all;
  const json& one = all["slow"][0];
  EXPECT_EQ(one["over"], "websocket");
  EXPECT_EQ(one["name"], "reader");
  EXPECT_TRUE(one["address"].get<std::string>().starts_with("127.0.0.1:"));
  EXPECT_GE(one["held"], 1);
  EXPECT_EQ(one["subs"], 1);
  ASSERT_EQ(all["streams"].size(), 1U) << all;
  EXPECT_EQ(all["streams"][0]["metric"], "orders");
  EXPECT_EQ(all["streams"][0]["rows"], 2);
  EXPECT_EQ(all["streams"][0]["readers"], 1);
  EXPECT_EQ(all["streams"][0]["query"]["by"], json::parse(R"(["app"])"));
  slow.reader.leave();
  for (int i = 0; i < 8; ++i)
    slow.weir.tick();
  EXPECT_TRUE(status(slow.weir, "admin")["slow"].empty()) << "it has gone";
}

TEST(Status, ToAReaderOthersHaveNoNamesAndToAPartNoNumbers) {
  Slow slow{guarded()};
  const json some = status(slow.weir, "reader");
  ASSERT_EQ(some["slow"].size(), 1U) << some;
  EXPECT_FALSE(some["slow"][0].contains("address") || some["slow"][0].contains("name"));
  EXPECT_FALSE(some["streams"][0].contains("query"));
  const json part = status(slow.weir, "prod");
  EXPECT_FALSE(part.contains("slow") || part.contains("streams")) << part;
}

TEST(Status, WhereAnybodyMayReadAnAdminStillHasToShowThatHeIsOne) {
  gateway::server::Settings settings;
  add_token(settings, "admin", gateway::auth::Role::Admin);
  Slow slow{settings};
  ASSERT_EQ(status(slow.weir, nullptr)["slow"].size(), 1U);
  EXPECT_FALSE(status(slow.weir, nullptr)["slow"][0].contains("address"));
  EXPECT_FALSE(status(slow.weir, "guess")["slow"][0].contains("address"));
  EXPECT_TRUE(status(slow.weir, "admin")["slow"][0].contains("address"));
}

}  // namespace
}  // namespace tests
