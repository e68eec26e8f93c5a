#include "gateway/http/response.h"

#include <gtest/gtest.h>

#include "gateway/http/date.h"
#include "gateway/http/request_fault.h"

namespace gateway::http {
namespace {

constexpr ingest::WallTime kThen =
    ingest::wall_from_ms(784'111'777'250);  // RFC 9110's example, and a quarter
constexpr Exchange kKept{
    .method = Method::Get, .minor_version = 1, .keep_alive = true, .now = kThen};

Response page_of(int status, std::string body = "hello") {
  Response response;
  response.status = status;
  response.add("Content-Type", "text/plain");
  response.body = std::move(body);
  return response;
}

bool has_line(const std::string& head, const std::string& line) {
  return head.find("\r\n" + line + "\r\n") != std::string::npos;
}

TEST(Response, WritesAHeadWithDateAndLength) {
  EXPECT_EQ(serialize_head(page_of(200), kKept),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\n"
            "Content-Length: 5\r\n\r\n");
}

TEST(Response, GivesHeadTheHeadersOfGetAndNoBody) {
  Exchange head = kKept;
  head.method = Method::Head;
  EXPECT_EQ(serialize_head(page_of(200), head), serialize_head(page_of(200), kKept));
  EXPECT_FALSE(sends_body(page_of(200), Method::Head));
  EXPECT_TRUE(sends_body(page_of(404), Method::Get));
}

TEST(Response, HasNeitherLengthNorBodyWhereTheStatusForbidsThem) {
  for (const int status : {100, 101, 204, 304}) {
    EXPECT_EQ(serialize_head(page_of(status, ""), kKept).find("Content-Length"), std::string::npos)
        << status;
    EXPECT_FALSE(sends_body(page_of(status), Method::Get)) << status;
  }
  EXPECT_TRUE(has_line(serialize_head(page_of(200, ""), kKept), "Content-Length: 0"));
}

TEST(Response, SaysHowTheConnectionGoesOn) {
  Exchange exchange = kKept;
  EXPECT_EQ(serialize_head(page_of(200), exchange).find("Connection"), std::string::npos);
  exchange.minor_version = 0;
  EXPECT_TRUE(has_line(serialize_head(page_of(200), exchange), "Connection: keep-alive"));
  exchange.keep_alive = false;
  EXPECT_TRUE(has_line(serialize_head(page_of(200), exchange), "Connection: close"));
  Response last = page_of(200);
  last.close = true;
  EXPECT_TRUE(has_line(serialize_head(last, kKept), "Connection: close"));
  EXPECT_FALSE(stays_open(last, kKept));
}

TEST(Response, JoinsUpgradeAndCloseInOneConnectionLine) {
  Response refusal = page_of(426);
  refusal.add("Upgrade", "websocket").add("Connection", "Upgrade");
  refusal.close = true;
  EXPECT_TRUE(has_line(serialize_head(refusal, kKept), "Connection: Upgrade, close"));
  Response upgrade;
  upgrade.status = 101;
  upgrade.add("Connection", "Upgrade");
  EXPECT_TRUE(has_line(serialize_head(upgrade, kKept), "Connection: Upgrade"));
}

TEST(Response, SendsStaticBytesWithoutCopying) {
  static constexpr std::string_view kAsset = "asset";
  Response response;
  response.body = kAsset;
  EXPECT_EQ(body_bytes(response).data(), kAsset.data());
}

TEST(Response, WritesFaultsAsJsonUnderApi) {
  const Response response = error_response(404, "no board \"<x>\"", "/api/v1/boards/x");
  EXPECT_EQ(body_bytes(response),
            "{\"error\":{\"code\":\"http.not_found\",\"n\":404,\"msg\":\"no board "
            "\\\"<x>\\\"\",\"retry\":false}}\n");
  EXPECT_TRUE(has_line(serialize_head(response, kKept), "Content-Type: application/json"));
  EXPECT_NE(body_bytes(error_response(503, "draining", "/api/v1/x")).find("\"retry\":true"),
            std::string_view::npos);
}

TEST(Response, WritesFaultsAsAnEscapedPageElsewhere) {
  const Response response = error_response(404, "there is no <script>'&\"", "/apish");
  const std::string_view body = body_bytes(response);
  EXPECT_NE(body.find("404 Not Found"), std::string_view::npos);
  EXPECT_NE(body.find("&lt;script&gt;&#39;&amp;&quot;"), std::string_view::npos);
  EXPECT_EQ(body.find("<script>"), std::string_view::npos);
  const std::string head = serialize_head(response, kKept);
  EXPECT_NE(head.find("Content-Security-Policy: default-src 'none'; script-src 'self'"),
            std::string::npos);
  EXPECT_TRUE(has_line(head, "X-Content-Type-Options: nosniff"));
  EXPECT_TRUE(has_line(head, "Referrer-Policy: same-origin"));
}

TEST(Response, LetsConfiguredOriginsFrameIt) {
  Response response;
  const std::vector<std::string> origins{"https://a.example", "https://b.example"};
  add_html_headers(response, origins);
  EXPECT_TRUE(response.headers[0].value.ends_with(
      "frame-ancestors 'self' https://a.example https://b.example"));
}

TEST(Response, QuotesAnyBytesAsValidJson) {
  EXPECT_EQ(quote_json("a\"b\\c\n\x01\x7f"), "\"a\\\"b\\\\c\\u000a\\u0001\\u007f\"");
  EXPECT_EQ(quote_json("\xC3\xA9 \xF0\x9F\x98\x80"), "\"\xC3\xA9 \xF0\x9F\x98\x80\"");
  EXPECT_EQ(quote_json("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(quote_json("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(quote_json("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(Response, HasWordsForEachStatusThatAFaultCanGive) {
  for (int kind = 0; kind <= static_cast<int>(FaultKind::UnknownExpectation); ++kind) {
    const Fault fault = describe(static_cast<FaultKind>(kind));
    EXPECT_NE(status_text(fault.status), "Unknown") << fault.status;
    EXPECT_FALSE(fault.sentence.empty());
    EXPECT_FALSE(fault.sentence.ends_with('.'));
  }
}

}  // namespace
}  // namespace gateway::http
