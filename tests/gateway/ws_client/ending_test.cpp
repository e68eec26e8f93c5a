#include "gateway/ws_client/ending.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway::ws_client {
namespace {

using ingest::Millis;

http::ResponseHead head_of(int status, std::vector<http::Header> headers = {}) {
  return {.status = status, .minor_version = 1, .reason = "", .headers = std::move(headers)};
}

TEST(Ending, SaysTheServersCodeAndReason) {
  EXPECT_EQ(closed_by_server(1001, "").sentence, "the server closed with 1001 (going away)");
  EXPECT_EQ(closed_by_server(4101, "over\nloaded").sentence,
            "the server closed with 4101: over loaded");
  EXPECT_EQ(closed_by_server(1005, "").sentence, "the server closed (no reason)");
}

TEST(Ending, EndsForGoodAtCodes4000To4099Only) {
  for (const int code : {4000, 4001, 4008, 4099})
    EXPECT_EQ(closed_by_server(static_cast<std::uint16_t>(code), "").again, Again::Useless) << code;
  for (const int code : {1000, 1001, 1002, 1005, 1011, 3999, 4100, 4104, 4105, 4999})
    EXPECT_EQ(closed_by_server(static_cast<std::uint16_t>(code), "").again, Again::MayHelp) << code;
}

TEST(Ending, TellsWhatARefusalSaidInPlainText) {
  const Ending ending = refused(head_of(403),
                                "<!doctype html>\n<html lang=\"en\"><title>403 Forbidden</title>"
                                "<style>p {}</style>\n<h1>403 Forbidden</h1>\n<p>Add &quot;http://a"
                                "&quot; to http.origins &amp; restart.</p></html>\n");
  EXPECT_EQ(ending.sentence,
            "the server answered 403 Forbidden instead of opening a WebSocket: Add \"http://a\" to "
            "http.origins & restart");
  EXPECT_EQ(ending.http_status, 403);
}

TEST(Ending, NamesWhereARedirectPoints) {
  const Ending ending = refused(head_of(301, {{"location", "https://b/"}}), "moved");
  EXPECT_NE(ending.sentence.find("it points to https://b/"), std::string::npos);
  EXPECT_EQ(ending.again, Again::Useless);
}

TEST(Ending, TriesAgainOnlyAfterStatusesThatPass) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504})
    EXPECT_EQ(refused(head_of(status), "").again, Again::MayHelp) << status;
  for (const int status : {200, 204, 301, 400, 401, 403, 404, 405, 421, 426})
    EXPECT_EQ(refused(head_of(status), "").again, Again::Useless) << status;
}

TEST(Ending, HeedsRetryAfterInSeconds) {
  EXPECT_EQ(refused(head_of(503, {{"retry-after", "7"}}), "").not_before, Millis{7'000});
  EXPECT_EQ(refused(head_of(503, {{"retry-after", "99999999"}}), "").not_before, Millis{3'600'000});
  for (const char* bad : {"-1", "soon", "", "7s", "99999999999999999999"})
    EXPECT_FALSE(refused(head_of(503, {{"retry-after", bad}}), "").not_before) << bad;
}

TEST(Ending, KeepsAPageShortAndOnOneLine) {
  EXPECT_EQ(plain_text(""), "");
  EXPECT_EQ(plain_text("a\r\n\tb\x01  c"), "a b c");
  EXPECT_EQ(plain_text("a<b"), "a");
  EXPECT_EQ(plain_text("<script>x<b>y</script>z"), "z");
  EXPECT_EQ(plain_text("<"), "");
  EXPECT_EQ(plain_text("1 &lt; 2"), "1 < 2");
  EXPECT_LE(plain_text(std::string(5'000, 'x')).size(), 300U);
  EXPECT_EQ(plain_text("good\xff evil"), "good");
}

}  // namespace
}  // namespace gateway::ws_client
