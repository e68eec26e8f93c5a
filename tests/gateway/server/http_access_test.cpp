// Who is let in over HTTP, and what he sees: tokens, sessions, tickets.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <variant>

#include "tests/gateway/server/access_house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

using gateway::auth::Role;
using gateway::server::Settings;
using ingest::query::Op;
using nlohmann::json;

std::string asked_of(House& house, const std::string& text) {
  Visitor visitor(house);
  visitor.send(text);
  return visitor.answer();
}
int status(House& house, const std::string& text) {
  return status_of(asked_of(house, text));
}
json error_of(const std::string& answer) {
  return json::parse(body_of(answer))["error"];
}

constexpr std::array kEverything{"/api/v1/metrics", "/api/v1/tags?metric=a", "/api/v1/events",
                                 "/api/v1/checks", "/api/v1/status"};

TEST(HttpAccess, WithoutATokenConfiguredAnybodyReads) {
  House house;
  for (const char* path : kEverything)
    EXPECT_EQ(status(house, request(std::string{"GET "} + path)), 200) << path;
  EXPECT_EQ(status(house, request("GET /metrics")), 200);
}

TEST(HttpAccess, WhatTellsNothingOfTheNumbersStaysOpen) {
  House house{guarded()};
  for (const char* path : {"/healthz", "/readyz", "/ping", "/api/v1/session", "/metrics"})
    EXPECT_NE(status(house, request(std::string{"GET "} + path)), 401) << path;
}

TEST(HttpAccess, ReadingWantsATokenThatReads) {
  House house{guarded()};
  for (const char* path : kEverything) {
    const std::string get = std::string{"GET "} + path;
    const std::string without = asked_of(house, request(get));
    EXPECT_EQ(status_of(without), 401) << path;
    EXPECT_EQ(error_of(without)["code"], "auth.required");
    EXPECT_EQ(header_of(without, "WWW-Authenticate"), "Bearer realm=\"weir\"");
    const std::string wrong = asked_of(house, request(get, bearer("nobody")));
    EXPECT_EQ(status_of(wrong), 401) << path;
    EXPECT_EQ(error_of(wrong)["code"], "auth.invalid_token");
    EXPECT_EQ(wrong.find("nobody"), std::string::npos);
    const std::string writer = asked_of(house, request(get, bearer("writer")));
    EXPECT_EQ(status_of(writer), 403) << path;
    EXPECT_EQ(error_of(writer)["code"], "auth.forbidden");
    EXPECT_EQ(status(house, request(get, bearer("reader"))), 200) << path;
    EXPECT_EQ(status(house, request(get, bearer("admin"))), 200) << path;
  }
  const auto& refusals = house.worker->counts().auth_refusals;
  EXPECT_EQ(refusals[0].get(), kEverything.size());
  EXPECT_EQ(refusals[1].get(), kEverything.size());
  EXPECT_EQ(refusals[3].get(), kEverything.size());
}

TEST(HttpAccess, AReaderMayNotWrite) {
  House house{guarded()};
  EXPECT_EQ(status(house, request("POST /api/v1/write", bearer("reader"), "a:1|c")), 403);
  EXPECT_EQ(status(house, request("POST /write", bearer("reader"), "a v=1")), 403);
  EXPECT_EQ(status(house, request("POST /api/v1/write", bearer("admin"), "a:1|c")),
            503);  // no one takes
}

/// The question that a request became.
ingest::query::RangeAsk asked(House& house) {
  for (auto& one : house.hub_mail()) {
    const auto* ask = std::get_if<gateway::publish::Ask>(&one);
    if (ask != nullptr) return std::get<ingest::query::RangeAsk>(ask->question);
  }
  ADD_FAILURE() << "nothing was asked";
  return {};
}

TEST(HttpAccess, AQueryCarriesTheMatchersOfWhoAsks) {
  for (const char* line : {"GET /api/v1/query?metric=a&where=[[%22env%22,%22=%22,%22stage%22]]",
                           "GET /api/v1/query_range?metric=a&start=0&where=[[%22env%22,%22=%22,"
                           "%22stage%22]]"}) {
    House house{guarded()};
    Visitor visitor(house);
    visitor.send(request(line, bearer("prod")));
    ingest::query::Query both;
    both.where = {{"env", Op::Equal, {"stage"}}};
    ingest::query::restrict(both, {{"env", Op::Equal, {"prod"}}});
    EXPECT_EQ(asked(house).query.where, both.where) << line;
  }
  House house{guarded()};
  Visitor visitor(house);
  visitor.send(request("GET /api/v1/query?metric=a", bearer("reader")));
  EXPECT_TRUE(asked(house).query.where.empty());
}

TEST(HttpAccess, WhatThereIsIsAskedWithTheMatchersOfWhoAsks) {
  for (const char* path : {"/api/v1/metrics", "/api/v1/tags?metric=a", "/api/v1/series"}) {
    House house{guarded()};
    Visitor visitor(house);
    visitor.send(request(std::string{"GET "} + path, bearer("prod")));
    house.turn(4);
    std::vector<ingest::query::Matcher> where;
    for (auto& one : house.hub_mail()) {
      const auto* ask = std::get_if<gateway::publish::Ask>(&one);
      if (ask == nullptr) continue;
      const auto& about = std::get<ingest::query::DiscoveryAsk>(ask->question);
      where = std::visit([](const auto& asked) { return asked.where; }, about);
    }
    EXPECT_EQ(where, bound_to_prod()) << path;
  }
}

TEST(HttpAccess, MetricsAreClosedWhereTheConfigurationSaysSo) {
  Settings settings = guarded();
  settings.metrics_open = Settings::MetricsOpen::None;
  House house{settings};
  EXPECT_EQ(status(house, request("GET /metrics")), 401);
  EXPECT_EQ(status(house, request("GET /metrics", bearer("prod"))), 403);
  EXPECT_EQ(status(house, request("GET /metrics", bearer("reader"))), 200);
}

TEST(HttpAccess, WhoShowsNoTokenHearsNothingOfWhatIsMeasuredOnMetrics) {
  const auto tells = [](Settings settings, const std::string& headers) {
    House house{std::move(settings)};
    house.metrics.add(
        [](gateway::server::Sheet& sheet) { sheet.gauge("weir_names_of_tenants", "Names", 1); },
        gateway::server::Metrics::Audience::Readers);
    const std::string answer = asked_of(house, request("GET /metrics", headers));
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_NE(answer.find("weir_build_info"), std::string::npos);
    return answer.find("weir_names_of_tenants") != std::string::npos;
  };
  EXPECT_TRUE(tells({}, ""));  // anybody reads
  EXPECT_FALSE(tells(guarded(), ""));
  EXPECT_FALSE(tells(guarded(), bearer("nobody's")));
  EXPECT_FALSE(tells(guarded(), bearer("prod")));
  EXPECT_FALSE(tells(guarded(), bearer("writer")));
  EXPECT_TRUE(tells(guarded(), bearer("reader")));
  Settings all = guarded();
  all.metrics_open = Settings::MetricsOpen::All;
  EXPECT_TRUE(tells(all, ""));
}

TEST(HttpAccess, LinesThatWereRejectedAreForWhoSeesEverything) {
  House house{guarded()};
  std::string asked;
  house.site->rejected = [&](std::string_view feed) {
    asked = feed;
    return std::string{R"({"items":[],"passed_over":7})"};
  };
  const std::string get = "GET /api/v1/rejected?feed=udp/statsd";
  EXPECT_EQ(status(house, request(get)), 401);
  EXPECT_EQ(status(house, request(get, bearer("writer"))), 403);
  const std::string part = asked_of(house, request(get, bearer("prod")));
  EXPECT_EQ(status_of(part), 403);
  EXPECT_EQ(error_of(part)["code"], "auth.forbidden");
  EXPECT_EQ(asked, "") << "it was not even looked up";
  for (const char* token : {"reader", "admin"}) {
    const std::string answer = asked_of(house, request(get, bearer(token)));
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(json::parse(body_of(answer))["passed_over"], 7);
  }
  EXPECT_EQ(asked, "udp/statsd");
}

// ---- sessions ----

TEST(HttpAccess, ATokenIsTradedForACookieThatPagesCannotRead) {
  House house{guarded()};
  const std::string answer =
      asked_of(house, request("POST /api/v1/session", "", R"({"token":"reader"})"));
  ASSERT_EQ(status_of(answer), 204);
  const std::string cookie = header_of(answer, "Set-Cookie");
  EXPECT_EQ(cookie, "weir_session=t.reader; Path=/; HttpOnly; SameSite=Strict");
  const std::string shown = "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
  EXPECT_EQ(status(house, request("GET /api/v1/metrics", shown)), 200);
  const json session = json::parse(body_of(asked_of(house, request("GET /api/v1/session", shown))));
  EXPECT_EQ(session,
            (json{{"required", true}, {"name", "reader"}, {"role", "reader"}, {"until", nullptr}}));
  const std::string gone = asked_of(house, request("DELETE /api/v1/session", shown));
  EXPECT_EQ(status_of(gone), 204);
  EXPECT_EQ(header_of(gone, "Set-Cookie"),
            "weir_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

TEST(HttpAccess, NoCookieIsGivenForAnythingElse) {
  House house{guarded()};
  struct Case {
    const char* body;
    int status;
  };
  for (const Case& one : {Case{R"({"token":"nobody"})", 401}, Case{R"({"token":""})", 401},
                          Case{R"({"token":"writer"})", 403}, Case{R"({"token":7})", 400},
                          Case{R"({})", 400}, Case{"[]", 400}, Case{"{", 400}}) {
    const std::string answer = asked_of(house, request("POST /api/v1/session", "", one.body));
    EXPECT_EQ(status_of(answer), one.status) << one.body;
    EXPECT_EQ(header_of(answer, "Set-Cookie"), "") << one.body;
  }
  const std::string foreign =
      request("POST /api/v1/session", "Origin: https://evil.example\r\n", R"({"token":"reader"})");
  EXPECT_EQ(status(house, foreign), 403);
}

TEST(HttpAccess, ASessionSaysWhetherOneIsNeeded) {
  House open;
  const json nobody = json::parse(body_of(asked_of(open, request("GET /api/v1/session"))));
  EXPECT_EQ(nobody["required"], false);
  House house{guarded()};
  const json stranger = json::parse(body_of(asked_of(house, request("GET /api/v1/session"))));
  EXPECT_EQ(stranger["required"], true);
  EXPECT_EQ(stranger["name"], nullptr);
}

// ---- reload ----

TEST(HttpAccess, AReplacedTokenCountsNoMore) {
  House house{guarded()};
  const std::string get = request("GET /api/v1/metrics", bearer("reader"));
  EXPECT_EQ(status(house, get), 200);
  Settings fewer;
  add_token(fewer, "other", Role::Reader);
  house.site->access.replace(std::make_shared<const gateway::auth::Authenticator>(
      fewer.tokens, std::nullopt, gateway::auth::ClaimRules{}));
  EXPECT_EQ(status(house, get), 401);
  EXPECT_EQ(status(house, request("GET /api/v1/metrics", bearer("other"))), 200);
}

}  // namespace
}  // namespace tests
