#include "gateway/server/events_api.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "gateway/server/api.h"

namespace gateway::server {
namespace {

using ingest::model::Annotation;
using ingest::model::KeptAnnotation;
using ingest::query::Annotations;
using nlohmann::json;

constexpr std::int64_t kStart = 1'700'000'000'000;

ingest::model::KeptAnnotationPtr event(std::string title, std::int64_t ms) {
  auto made = std::make_shared<KeptAnnotation>();
  made->title = std::move(title);
  made->time = ingest::wall_from_ms(kStart + ms);
  return made;
}

/// Events a to e, a second apart; b came last.
Annotations five() {
  Annotations all;
  all.log = {{1, event("a", 0)},
             {5, event("b", 1'000)},
             {2, event("c", 2'000)},
             {3, event("d", 3'000)},
             {4, event("e", 3'000)}};
  all.newest = 5;
  return all;
}

http::Request request(std::string query) {
  http::Request made;
  made.path = "/api/v1/events";
  made.query = std::move(query);
  return made;
}
json body(const http::Response& response) {
  return json::parse(http::body_bytes(response), nullptr, false);
}
json events(const Annotations& all, std::string query) {
  return body(answer_events(all, request(std::move(query)), "01JDX8Q3"));
}
std::string titles(const json& answer) {
  std::string all;
  for (const json& item : answer["items"])
    all += item["title"].get<std::string>();
  return all;
}

TEST(EventsApi, GivesEveryPartOfAnEvent) {
  Annotations all;
  auto deploy = std::make_shared<KeptAnnotation>();
  *deploy = {.level = Annotation::Level::Warning,
             .priority = Annotation::Priority::Low,
             .time = ingest::wall_from_ms(kStart),
             .title = "deploy",
             .text = "two\nlines",
             .host = "web-1",
             .aggregation_key = "release",
             .source_type = "chef",
             .tags = {{"env", "prod"}, {"new", ""}}};
  all.log = {{7, deploy}};
  all.newest = 7;
  EXPECT_EQ(events(all, ""), json::parse(R"({"epoch":"01JDX8Q3","newest":7,"items":[{"id":7,
      "kind":"event","time":1700000000000,"level":"warning","title":"deploy","text":"two\nlines",
      "host":"web-1","priority":"low","aggregation_key":"release","source_type":"chef",
      "tags":{"env":"prod","new":""}}],"next":null})"));
}

TEST(EventsApi, GivesAChecksStatus) {
  Annotations all;
  auto check = std::make_shared<KeptAnnotation>();
  check->of = Annotation::Of::Check;
  check->level = Annotation::Level::Error;
  check->cut = true;
  check->title = "db.up";
  check->text = "no answer";
  all.log = {{1, check}};
  const json item = events(all, "")["items"][0];
  EXPECT_EQ(item["kind"], "check");
  EXPECT_EQ(item["status"], "critical");
  EXPECT_EQ(item["level"], "error");
  EXPECT_EQ(item["cut"], true);
}

TEST(EventsApi, NewestFirst) {
  EXPECT_EQ(titles(events(five(), "")), "edcba");
}

TEST(EventsApi, FromStartUpToEnd) {
  const auto at = [](std::int64_t ms) { return std::to_string(kStart + ms); };
  EXPECT_EQ(titles(events(five(), "start=" + at(1'000) + "&end=" + at(3'000))), "cb");
  EXPECT_EQ(titles(events(five(), "start=" + at(3'000))), "ed");
  EXPECT_EQ(titles(events(five(), "end=" + at(0))), "");
  EXPECT_EQ(titles(events(five(), "start=" + at(3'000) + "&end=" + at(1'000))), "");
}

TEST(EventsApi, SinceGivesWhatCameLaterWhateverItsTime) {
  EXPECT_EQ(titles(events(five(), "since=3")), "eb");
  EXPECT_EQ(titles(events(five(), "since=5")), "");
}

TEST(EventsApi, PagesVisitEachOnceWhateverTheLimit) {
  const Annotations all = five();
  for (int limit = 1; limit <= 6; ++limit) {
    std::string seen;
    std::string after;
    for (int page = 0; page < 10; ++page) {
      const json some = events(all, "limit=" + std::to_string(limit) + "&after=" + after);
      seen += titles(some);
      if (some["next"].is_null()) break;
      after = some["next"];
    }
    EXPECT_EQ(seen, "edcba") << limit;
  }
}

TEST(EventsApi, APageOfLongTextsEndsEarlyAndTheNextGoesOn) {
  Annotations all;
  for (std::uint64_t i = 1; i <= 300; ++i) {
    auto made = std::make_shared<KeptAnnotation>();
    made->title = std::to_string(i);
    made->text = std::string(ingest::model::kTextBytesMax, '\x01');  // six bytes each, as JSON
    made->time = ingest::wall_from_ms(kStart + static_cast<std::int64_t>(i));
    all.log.push_back({i, made});
  }
  std::string after;
  std::uint64_t expected = 300;
  int pages = 0;
  for (; pages < 300; ++pages) {
    const auto answer = answer_events(all, request("limit=1000&since=100&after=" + after), "e");
    EXPECT_LE(http::body_bytes(answer).size(), kAnnotationPageBytes + 32'768);
    const json page = body(answer);
    for (const json& item : page["items"])
      EXPECT_EQ(item["id"], expected--);
    if (page["next"].is_null()) break;
    EXPECT_GE(page["items"].size(), 10U);
    after = page["next"];
  }
  EXPECT_EQ(expected, 100U);
  EXPECT_GT(pages, 10);
}

TEST(EventsApi, HostileTextIsJsonAndComesBackAsItWas) {
  const std::string hostile = "<script>\"\\\n\x01\x7f\u202Egnp.exe\u2066";
  Annotations all;
  auto made = std::make_shared<KeptAnnotation>();
  made->title = hostile;
  made->text = hostile;
  made->host = hostile;
  made->tags = {{hostile, hostile}};
  all.log = {{1, made}};
  const json item = events(all, "")["items"][0];
  EXPECT_EQ(item["title"], hostile);
  EXPECT_EQ(item["host"], hostile);
  EXPECT_EQ(item["tags"][hostile], hostile);
  const http::Response response = answer_events(all, request(""), "e");
  const auto has = [&](std::string_view name, std::string_view value) {
    return std::any_of(response.headers.begin(), response.headers.end(), [&](const auto& header) {
      return header.name == name && header.value == value;
    });
  };
  EXPECT_TRUE(has("X-Content-Type-Options", "nosniff"));
  EXPECT_TRUE(has("Content-Type", "application/json"));
}

TEST(EventsApi, RefusesWhatItCannotRead) {
  for (const char* query :
       {"limit=0", "limit=1001", "limit=x", "start=yesterday", "end=-1", "after=1", "after=x-1",
        "after=1-", "after=-1-1", "since=-1", "since=1x"}) {
    const http::Response response = answer_events(five(), request(query), "e");
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_EQ(body(response)["error"]["code"], "proto.bad_field") << query;
  }
  EXPECT_EQ(answer_checks(five(), request("limit=0")).status, 400);
}

TEST(ChecksApi, TheWorstComeFirst) {
  Annotations all;
  const auto check = [&](std::string name, Annotation::Level level) {
    auto made = std::make_shared<KeptAnnotation>();
    made->of = Annotation::Of::Check;
    made->title = std::move(name);
    made->host = "h";
    made->text = "why";
    made->level = level;
    made->time = ingest::wall_from_ms(kStart);
    made->tags = {{"env", "prod"}};
    all.checks.push_back(made);
  };
  check("a", Annotation::Level::Success);
  check("b", Annotation::Level::Info);
  check("c", Annotation::Level::Warning);
  check("d", Annotation::Level::Error);
  check("e", Annotation::Level::Error);
  const json answer = body(answer_checks(all, request("")));
  EXPECT_EQ(answer["total"], 5);
  EXPECT_EQ(answer["items"][0], json::parse(R"({"name":"d","host":"h","status":"critical",
      "time":1700000000000,"message":"why","tags":{"env":"prod"}})"));
  std::string order;
  for (const json& item : answer["items"])
    order += item["name"].get<std::string>() + "=" + item["status"].get<std::string>() + " ";
  EXPECT_EQ(order, "d=critical e=critical c=warning b=unknown a=ok ");
  const json two = body(answer_checks(all, request("limit=2")));
  EXPECT_EQ(two["items"].size(), 2U);
  EXPECT_EQ(two["total"], 5) << "what is left out is told";
  EXPECT_EQ(two["next"], "2");
  const json rest = body(answer_checks(all, request("limit=3&after=2")));
  EXPECT_EQ(rest["items"][0]["name"], "c");
  EXPECT_TRUE(rest["next"].is_null());
  EXPECT_TRUE(body(answer_checks(all, request("after=9")))["items"].empty());
  EXPECT_EQ(answer_checks(all, request("after=x")).status, 400);
}

TEST(ChecksApi, APageOfLongMessagesEndsEarlyAndTheNextGoesOn) {
  Annotations all;
  for (int i = 0; i < 100; ++i) {
    auto made = std::make_shared<KeptAnnotation>();
    made->of = Annotation::Of::Check;
    made->title = std::to_string(i);
    made->text = std::string(ingest::model::kTextBytesMax, '\x01');
    all.checks.push_back(made);
  }
  std::string after;
  int expected = 0;
  int pages = 1;
  for (; pages < 100; ++pages) {
    const auto answer = answer_checks(all, request("limit=1000&after=" + after));
    EXPECT_LE(http::body_bytes(answer).size(), kAnnotationPageBytes + 32'768);
    const json page = body(answer);
    for (const json& item : page["items"])
      EXPECT_EQ(item["name"], std::to_string(expected++));
    if (page["next"].is_null()) break;
    after = page["next"];
  }
  EXPECT_EQ(expected, 100);
  EXPECT_GT(pages, 5);
}

}  // namespace
}  // namespace gateway::server
