// How a body is framed: RFC 9112 section 6, and what smugglers try.
#include <gtest/gtest.h>

#include "gateway/http/request_parser.h"
#include "tests/gateway/http/parse.h"

namespace gateway::http {
namespace {

std::string chunked(std::string_view body) {
  return post_with("Transfer-Encoding: chunked\r\n", body);
}

TEST(RequestBody, ReadsContentLengthAndStopsThere) {
  const Parsed parsed = parse(post_with("Content-Length: 5\r\n", "helloGET"), {}, 1);
  ASSERT_EQ(parsed.requests.size(), 1U);
  EXPECT_EQ(parsed.requests[0].body, "hello");
  EXPECT_TRUE(parsed.requests[0].has_body);
  EXPECT_EQ(parsed.left, 3U);
}

TEST(RequestBody, TakesAZeroLengthAsNoBody) {
  const Parsed parsed = parse(post_with("Content-Length: 0\r\n"));
  ASSERT_EQ(parsed.requests.size(), 1U);
  EXPECT_FALSE(parsed.requests[0].has_body);
}

TEST(RequestBody, RefusesContentLengthsThatAreNotOneNumber) {
  for (const std::string value :
       {"+3", "-3", "3,4", "3, 3", "", "3 3", "0x3", "3.0", "three", "3;", "\"3\""}) {
    EXPECT_EQ(status_of(post_with("Content-Length: " + value + "\r\n", "abc")), 400) << value;
  }
  EXPECT_EQ(status_of(post_with("Content-Length: 3\r\nContent-Length: 4\r\n", "abc")), 400);
  EXPECT_EQ(status_of(post_with("Content-Length: 3\r\nContent-Length: 3\r\n", "abc")), 400);
}

TEST(RequestBody, RefusesContentLengthWithTransferEncoding) {
  EXPECT_EQ(
      status_of(post_with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
      400);
  EXPECT_EQ(
      status_of(post_with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n")),
      400);
}

TEST(RequestBody, RefusesTransferEncodingsThatAreNotChunked) {
  for (const std::string value :
       {"xchunked", "chunked, identity", "gzip, chunked", "chunked, chunked", "identity", "",
        "chunked,", ",chunked", "chunked;q=1", "\"chunked\"",
        "\x0b"
        "chunked"}) {
    const int status = status_of(post_with("Transfer-Encoding: " + value + "\r\n", "0\r\n\r\n"));
    EXPECT_TRUE(status == 400 || status == 501) << value << " gave " << status;
  }
  const std::string twice = "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n";
  EXPECT_EQ(status_of(post_with(twice, "0\r\n\r\n")), 400);
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
}

TEST(RequestBody, JoinsChunksAndDropsExtensionsAndTrailers) {
  const Parsed parsed =
      parse(chunked("5\r\nhello\r\n00A ;x=\"y\"\r\n, chunked \r\n1;a\r\n!\r\n000\r\nTrailer: "
                    "x\r\nContent-Length: 9\r\n\r\nGET"),
            {}, 1);
  ASSERT_EQ(parsed.requests.size(), 1U) << parsed.status;
  EXPECT_EQ(parsed.requests[0].body, "hello, chunked !");
  EXPECT_TRUE(parsed.requests[0].has_body);
  EXPECT_FALSE(parsed.requests[0].header("trailer"));
  EXPECT_EQ(parsed.left, 3U);
}

TEST(RequestBody, TakesTheCodingInAnyLetterCase) {
  EXPECT_EQ(parse(post_with("transfer-encoding:  CHUNKED \r\n", "1\r\na\r\n0\r\n\r\n"))
                .requests.at(0)
                .body,
            "a");
}

TEST(RequestBody, RefusesMalformedChunks) {
  for (const std::string_view body : {"-1\r\n",
                                      "+1\r\na\r\n",
                                      "0x3\r\nabc\r\n",
                                      "\r\n",
                                      "g\r\n",
                                      "1 \r\na\r\n0\r\n\r\n",
                                      " 1\r\na\r\n",
                                      "3\r\nabcd\r\n",
                                      "3\r\nabc\n0\r\n\r\n",
                                      "3\r\nabc0\r\n\r\n",
                                      "3\nabc\r\n0\r\n\r\n",
                                      "3\r\nabc\r0\r\n\r\n",
                                      "10000000000000000\r\n",
                                      "fffffffffffffffff\r\n",
                                      "1\r\na\r\n;x\r\n",
                                      "1;\x01\r\na\r\n0\r\n\r\n",
                                      "1\t1;a\r\n",
                                      "0\r\nbad trailer\r\n\r\n",
                                      "0\r\n folded: x\r\n\r\n",
                                      "0\r\n\n"}) {
    EXPECT_EQ(status_of(chunked(body)), 400) << body;
  }
}

TEST(RequestBody, BoundsChunkExtensionsAndTrailers) {
  EXPECT_EQ(status_of(chunked("1;" + std::string(16 * 1024, 'x') + "\r\na\r\n0\r\n\r\n")), 400);
  EXPECT_EQ(status_of(chunked("1;" + std::string(16 * 1024, 'x'))), 400);
  EXPECT_EQ(status_of(chunked("0\r\na: " + std::string(17'000, 'x'))), 431);
  std::string trailers;
  for (int i = 0; i < 101; ++i)
    trailers += "a: b\r\n";
  EXPECT_EQ(status_of(chunked("0\r\n" + trailers + "\r\n")), 431);
}

TEST(RequestBody, BoundsTheExtensionsOfAllChunksTogether) {
  const auto chunks = [](int count) {
    std::string body;
    for (int i = 0; i < count; ++i)
      body += "1;" + std::string(511, 'x') + "\r\na\r\n";
    return chunked(body + "0\r\na: b\r\n\r\n");
  };
  EXPECT_EQ(status_of(chunks(32)), 0);
  EXPECT_EQ(status_of(chunks(33)), 400);
}

TEST(RequestBody, BoundsWhatStandsBeforeAChunksExtensionToo) {
  EXPECT_EQ(status_of(chunked("0000000000000001\r\na\r\n0000000000000000\r\n\r\n")), 0);
  EXPECT_EQ(status_of(chunked("00000000000000001\r\na\r\n0\r\n\r\n")), 400);
  EXPECT_EQ(status_of(chunked("1\r\na\r\n00000000000000000\r\n\r\n")), 400);
  const auto padded = [](int count) {
    std::string body;
    for (int i = 0; i < count; ++i)
      body += "1" + std::string(511, ' ') + ";\r\na\r\n";
    return chunked(body + "0\r\n\r\n");
  };
  EXPECT_EQ(status_of(padded(32)), 0);
  EXPECT_EQ(status_of(padded(33)), 400);
}

TEST(RequestBody, TakesTrailersOfExactlyTheirLimitAndNoByteMore) {
  const Limits limits{.headers_bytes_max = 64};
  const auto trailers = [](std::size_t bytes) {
    return chunked("0\r\na: b\r\nc: " + std::string(bytes - 11, 'x') + "\r\n\r\n");
  };
  EXPECT_EQ(status_of(trailers(64), limits), 0);
  for (const std::size_t bytes : {65U, 66U, 67U})
    EXPECT_EQ(status_of(trailers(bytes), limits), 431) << bytes;
}

TEST(RequestBody, RefusesABodyAboveItsLimitBeforeReadingIt) {
  Limits limits;
  limits.body_bytes_max = 10;
  EXPECT_EQ(status_of(post_with("Content-Length: 11\r\n"), limits), 413);
  EXPECT_EQ(status_of(post_with("Content-Length: 10\r\n", "0123456789"), limits), 0);
  EXPECT_EQ(status_of(post_with("Content-Length: 99999999999999999999999\r\n"), limits), 413);
  EXPECT_EQ(status_of(chunked("b\r\n"), limits), 413);
  EXPECT_EQ(status_of(chunked("a\r\n0123456789\r\n1\r\n"), limits), 413);
  EXPECT_EQ(status_of(chunked("ffffffffffffffff\r\n"), limits), 413);
  EXPECT_EQ(status_of(chunked("a\r\n0123456789\r\n0\r\n\r\n"), limits), 0);
}

TEST(RequestBody, ReservesNothingForAnAnnouncedLength) {
  RequestParser parser;
  receive_accepting(parser, post_with("Content-Length: 8000000\r\n", "a"));
  EXPECT_TRUE(parser.reading_body());
  EXPECT_LT(parser.request().body.capacity(), 100U);
}

TEST(RequestBody, TakesNoMoreMemoryThanItsOwnBytes) {
  constexpr std::size_t kBody = 1'000;
  for (const std::size_t piece : {std::size_t{70}, std::size_t{300}, std::size_t{999}}) {
    RequestParser parser{{.body_bytes_max = kBody}};
    receive_accepting(parser, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    for (std::size_t sent = 0; sent < kBody; sent += piece) {
      receive_accepting(parser, std::string(std::min(piece, kBody - sent), 'x'));
      ASSERT_LE(parser.request().body.capacity(), kBody) << piece << " " << sent;
    }
    EXPECT_EQ(parser.request().body.size(), kBody);
  }
}

TEST(RequestBody, AsksForContinueOnlyBeforeTheBodyIsRead) {
  RequestParser parser;
  const std::string head = post_with("Content-Length: 2\r\nExpect: 100-Continue\r\n");
  receive_accepting(parser, head);
  EXPECT_TRUE(parser.wants_continue());
  parser.continue_sent();
  EXPECT_FALSE(parser.wants_continue());
  (void)parser.receive(ingest::as_bytes("ab"));
  EXPECT_EQ(parser.take_request().body, "ab");

  receive_accepting(parser, head + "a");
  EXPECT_FALSE(parser.wants_continue());
  EXPECT_EQ(parser.state(), RequestParser::State::NeedMore);
}

TEST(RequestBody, AsksForContinueOfAChunkedBodyUntilItsFirstByte) {
  RequestParser parser;
  receive_accepting(parser, post_with("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n"));
  EXPECT_TRUE(parser.wants_continue());
  (void)parser.receive(ingest::as_bytes("1"));
  EXPECT_FALSE(parser.wants_continue());
}

TEST(RequestBody, AsksForContinueOfAnUpgradeBeforeItsAnswer) {
  RequestParser parser;
  (void)parser.receive(
      ingest::as_bytes(get_with("Expect: 100-continue\r\nUpgrade: websocket\r\n")));
  EXPECT_EQ(parser.state(), RequestParser::State::Ready);
  EXPECT_TRUE(parser.wants_continue());
  (void)parser.take_request();
  EXPECT_FALSE(parser.wants_continue());
}

TEST(RequestBody, RefusesUnknownExpectations) {
  EXPECT_EQ(status_of(get_with("Expect: 200-ok\r\n")), 417);
  EXPECT_EQ(status_of(get_with("Expect: 100-continue, x\r\n")), 417);
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nExpect: x\r\nContent-Length: 0\r\n\r\n"), 0);
}

TEST(RequestBody, LetsTheCallerDecideBeforeAByteOfItIsRead) {
  for (const char* framing : {"Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n"}) {
    RequestParser parser;
    const std::string head = post_with(std::string{framing} + "Expect: 100-continue\r\n");
    EXPECT_EQ(parser.receive(ingest::as_bytes(head + "abc")), head.size());
    ASSERT_EQ(parser.state(), RequestParser::State::BodyAnnounced);
    EXPECT_EQ(parser.request().path, "/w");
    EXPECT_EQ(parser.request().host, "h");
    EXPECT_FALSE(parser.wants_continue());
    EXPECT_EQ(parser.receive(ingest::as_bytes("abc")), 0U);
    parser.accept_body(SIZE_MAX);
    EXPECT_TRUE(parser.wants_continue());
  }
}

TEST(RequestBody, KeepsToTheLimitThatItWasAcceptedWith) {
  const auto status = [](std::string_view framing, std::string_view body, std::size_t bytes_max) {
    RequestParser parser;
    std::string text = post_with(framing, body);
    text.erase(0, parser.receive(ingest::as_bytes(text)));
    parser.accept_body(bytes_max);
    (void)parser.receive(ingest::as_bytes(text));
    return parser.state() == RequestParser::State::Failed ? parser.fault().status : 0;
  };
  EXPECT_EQ(status("Content-Length: 4\r\n", "abcd", 4), 0);
  EXPECT_EQ(status("Content-Length: 4\r\n", "", 3), 413);  // before any of it came
  EXPECT_EQ(status("Transfer-Encoding: chunked\r\n", "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n", 4), 0);
  EXPECT_EQ(status("Transfer-Encoding: chunked\r\n", "2\r\nab\r\n2\r\n", 3), 413);
  EXPECT_EQ(status("Transfer-Encoding: chunked\r\n", "0\r\n\r\n", 0), 0);
}

TEST(RequestBody, NeverAsksForContinueOfARefusedBody) {
  Limits limits;
  limits.body_bytes_max = 1;
  RequestParser parser{limits};
  (void)parser.receive(
      ingest::as_bytes(post_with("Content-Length: 2\r\nExpect: 100-continue\r\n")));
  EXPECT_EQ(parser.fault().status, 413);
  EXPECT_FALSE(parser.wants_continue());
}

}  // namespace
}  // namespace gateway::http
