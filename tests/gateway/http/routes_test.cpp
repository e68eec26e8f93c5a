#include "gateway/http/routes.h"

#include <gtest/gtest.h>

#include <array>

namespace gateway::http {
namespace {

enum class Page : std::uint8_t { Home, Pages, Query, Write };

constexpr std::array<Route<Page>, 5> kRoutes{{{"/", {Method::Get}, Page::Home},
                                              {"/pages/*", {Method::Get}, Page::Pages},
                                              {"/q", {Method::Get, Method::Post}, Page::Query},
                                              {"/w", {Method::Post}, Page::Write, 100},
                                              {"/w", {Method::Put}, Page::Write}}};

RouteAnswer<Page> find(Method method, std::string_view path) {
  return find_route<Page>(kRoutes, method, path);
}

TEST(Routes, FindWholePathsAndPrefixes) {
  EXPECT_EQ(std::get<Found<Page>>(find(Method::Get, "/")).handler, Page::Home);
  const auto below = std::get<Found<Page>>(find(Method::Get, "/pages/a/b.html"));
  EXPECT_EQ(below.handler, Page::Pages);
  EXPECT_EQ(below.rest, "a/b.html");
  EXPECT_EQ(std::get<Found<Page>>(find(Method::Get, "/pages/")).rest, "");
  EXPECT_EQ(std::get<Found<Page>>(find(Method::Put, "/w")).handler, Page::Write);
}

TEST(Routes, ServeHeadWhereverGetIs) {
  EXPECT_TRUE(std::holds_alternative<Found<Page>>(find(Method::Head, "/q")));
  EXPECT_TRUE(std::holds_alternative<MethodNotAllowed>(find(Method::Head, "/w")));
}

TEST(Routes, TellUnknownPathsFromWrongMethods) {
  for (const std::string_view path : {"/x", "/pages", "/q/", "", "/Q"}) {
    EXPECT_TRUE(std::holds_alternative<NotFound>(find(Method::Get, path))) << path;
    EXPECT_TRUE(std::holds_alternative<NotFound>(find(Method::Options, path))) << path;
  }
  EXPECT_EQ(std::get<MethodNotAllowed>(find(Method::Get, "/w")).allow, "POST, PUT, OPTIONS");
  EXPECT_EQ(std::get<MethodNotAllowed>(find(Method::Delete, "/q")).allow,
            "GET, HEAD, POST, OPTIONS");
}

TEST(Routes, SayWhatBodyTheyTake) {
  EXPECT_EQ(std::get<Found<Page>>(find(Method::Post, "/w")).body_bytes_max, 100U);
  EXPECT_EQ(std::get<Found<Page>>(find(Method::Put, "/w")).body_bytes_max, 0U);
}

TEST(Routes, AnswerOptionsOfAPathAndOfTheServer) {
  EXPECT_EQ(std::get<AnswerOptions>(find(Method::Options, "/q")).allow, "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(std::get<AnswerOptions>(find(Method::Options, "*")).allow,
            "GET, HEAD, POST, PUT, OPTIONS");
}

}  // namespace
}  // namespace gateway::http
