#include "gateway/http/request.h"

#include <gtest/gtest.h>

namespace gateway::http {
namespace {

Request with_query(std::string query) {
  Request request;
  request.query = std::move(query);
  return request;
}

TEST(Request, DecodesQueryParametersAsAForm) {
  const Request request =
      with_query("q=%7B%22metric%22%3A%22a+b%22%7D&empty=&flag&a%20b=%2B&q=second");
  EXPECT_EQ(request.query_parameter("q"), R"({"metric":"a b"})");
  EXPECT_EQ(request.query_parameter("empty"), "");
  EXPECT_EQ(request.query_parameter("flag"), "");
  EXPECT_EQ(request.query_parameter("a b"), "+");
  EXPECT_EQ(request.query_parameter("absent"), std::nullopt);
}

TEST(Request, TakesRawJsonInTheQuery) {
  EXPECT_EQ(with_query(R"(q={"a":[1,2]}&x=a=b)").query_parameter("q"), R"({"a":[1,2]})");
  EXPECT_EQ(with_query("q=1&x=a=b").query_parameter("x"), "a=b");
}

TEST(Request, JoinsTheLinesOfAListHeader) {
  Request request;
  request.headers = {{"accept", "a, b ,,\tc"}, {"other", "x"}, {"accept", ""}, {"accept", " d"}};
  const std::vector<std::string_view> expected{"a", "b", "c", "d"};
  EXPECT_EQ(request.header_list("accept"), expected);
  EXPECT_TRUE(request.header_list("none").empty());
}

TEST(Request, NamesEachMethodAsItReadsIt) {
  for (const Method method : {Method::Get, Method::Head, Method::Post, Method::Put, Method::Delete,
                              Method::Options, Method::Patch}) {
    EXPECT_EQ(method_of(method_name(method)), method);
  }
  EXPECT_EQ(method_of("Get"), std::nullopt);
  EXPECT_EQ(method_of(""), std::nullopt);
}

}  // namespace
}  // namespace gateway::http
