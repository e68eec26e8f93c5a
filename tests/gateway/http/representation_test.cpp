// What a request gets of a stored file, from the bytes of the request on: whole and split.
#include "gateway/http/representation.h"

#include <gtest/gtest.h>

#include "tests/gateway/http/parse.h"

namespace gateway::http {
namespace {

constexpr std::string_view kText = "0123456789";

/// "200 0123456789", "206 bytes 0-0/10 0", "304", "416 bytes */10".
std::string get(std::string_view lines, Method method = Method::Get) {
  const Parsed parsed = parse(get_with(lines));
  if (parsed.requests.size() != 1) return "no request";
  Request request = parsed.requests.front();
  request.method = method;
  const Representation form{
      .validators = {.etag = "\"v1\"", .last_modified = ingest::wall_from_ms(784'111'777'900)},
      .content_type = "text/plain",
      .content_encoding = "gzip",
      .size_bytes = kText.size()};
  Response response;
  response.add("Cache-Control", "no-cache").add("Vary", "Accept-Encoding");
  const Slice slice = select(request, form, response);
  std::string story = std::to_string(response.status);
  for (const Header& header : response.headers)
    if (header.name == "Content-Range") story += " " + header.value;
  if (slice.count > 0) story.append(" ").append(kText.substr(slice.first, slice.count));
  return story;
}

TEST(Representation, GivesTheWholeUnlessAPartIsAskedFor) {
  EXPECT_EQ(get(""), "200 0123456789");
  EXPECT_EQ(get("Range: bytes=0-0\r\n"), "206 bytes 0-0/10 0");
  EXPECT_EQ(get("Range: bytes=-1\r\n"), "206 bytes 9-9/10 9");
  EXPECT_EQ(get("Range: bytes=5-\r\n"), "206 bytes 5-9/10 56789");
  EXPECT_EQ(get("Range: bytes=0-0,2-2\r\n"), "200 0123456789");
  EXPECT_EQ(get("Range: bytes=0-0\r\n", Method::Head), "200 0123456789");
}

TEST(Representation, SaysHowLongItIsWhenARangeLiesBeyond) {
  EXPECT_EQ(get("Range: bytes=10-\r\n"), "416 bytes */10");
  EXPECT_EQ(get("Range: bytes=-0\r\n"), "416 bytes */10");
}

TEST(Representation, GivesTheWholeWhenIfRangeDoesNotMatch) {
  EXPECT_EQ(get("Range: bytes=0-0\r\nIf-Range: \"v1\"\r\n"), "206 bytes 0-0/10 0");
  EXPECT_EQ(get("Range: bytes=0-0\r\nIf-Range: \"v0\"\r\n"), "200 0123456789");
  EXPECT_EQ(get("Range: bytes=0-0\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n"),
            "206 bytes 0-0/10 0");
  EXPECT_EQ(get("Range: bytes=99-\r\nIf-Range: \"v0\"\r\n"), "200 0123456789");
}

TEST(Representation, ChecksTheConditionsInTheirOrder) {
  EXPECT_EQ(get("If-Match: \"v0\"\r\nIf-None-Match: \"v1\"\r\n"), "412");
  EXPECT_EQ(get("If-None-Match: \"v1\"\r\nRange: bytes=99-\r\n"), "304");
  EXPECT_EQ(get("If-None-Match: W/\"v1\"\r\n"), "304");
  EXPECT_EQ(get("If-None-Match: \"v0\", \"v1\"\r\n"), "304");
  EXPECT_EQ(get("If-None-Match: *\r\n", Method::Head), "304");
  const std::string_view unchanged = "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
  EXPECT_EQ(get(unchanged), "304");
  EXPECT_EQ(get("If-None-Match: \"v0\"\r\n" + std::string{unchanged}), "200 0123456789");
}

TEST(Representation, TellsA304WhatItsCacheNeeds) {
  Request request;
  request.headers = {{"if-none-match", "*"}};
  Response response;
  response.add("Cache-Control", "no-cache").add("Vary", "Accept-Encoding");
  Representation form;
  form.validators.etag = "\"v1\"";
  EXPECT_EQ(select(request, form, response).count, 0U);
  const std::string head = serialize_head(response, {});
  EXPECT_TRUE(head.starts_with("HTTP/1.1 304 Not Modified\r\nDate: "));
  for (const char* line :
       {"\r\nETag: \"v1\"\r\n", "\r\nCache-Control: no-cache\r\n", "\r\nVary: Accept-Encoding\r\n"})
    EXPECT_NE(head.find(line), std::string::npos) << line;
  EXPECT_EQ(head.find("Content-"), std::string::npos);
}

}  // namespace
}  // namespace gateway::http
