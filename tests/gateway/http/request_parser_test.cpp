#include "gateway/http/request_parser.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/gateway/http/parse.h"

namespace gateway::http {
namespace {

using std::string_view_literals::operator""sv;

TEST(RequestParser, ReadsAPlainGet) {
  const Parsed parsed =
      parse("GET /a/b?x=1&y HTTP/1.1\r\nHost: Example.org:8080\r\nX-Thing:  v w \t\r\n\r\n");
  ASSERT_EQ(parsed.requests.size(), 1U);
  const Request& request = parsed.requests[0];
  EXPECT_EQ(request.method, Method::Get);
  EXPECT_EQ(request.minor_version, 1);
  EXPECT_EQ(request.target, "/a/b?x=1&y");
  EXPECT_EQ(request.path, "/a/b");
  EXPECT_EQ(request.query, "x=1&y");
  EXPECT_EQ(request.host, "example.org:8080");
  EXPECT_EQ(request.header("x-thing"), "v w");
  EXPECT_FALSE(request.has_body);
  EXPECT_TRUE(request.keep_alive);
  EXPECT_EQ(parsed.left, 0U);
}

TEST(RequestParser, LeavesWhatFollowsARequestWithTheCaller) {
  const std::string upgrade = get_with("Upgrade: websocket\r\n");
  const Parsed parsed = parse(upgrade + "\x81\x80\x01\x02\x03\x04", {}, 1);
  ASSERT_EQ(parsed.requests.size(), 1U);
  EXPECT_EQ(parsed.left, 6U);
}

TEST(RequestParser, TakesNothingWhileARequestWaits) {
  RequestParser parser;
  const std::string one = get_with("");
  EXPECT_EQ(parser.receive(ingest::as_bytes(one + one)), one.size());
  EXPECT_EQ(parser.receive(ingest::as_bytes(one)), 0U);
  EXPECT_EQ(parser.state(), RequestParser::State::Ready);
}

TEST(RequestParser, KeepsTheOrderOfAHundredPipelinedGets) {
  std::string stream;
  for (int i = 0; i < 100; ++i)
    stream += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  const Parsed parsed = parse_pieces({stream}, {}, SIZE_MAX);
  ASSERT_EQ(parsed.requests.size(), 100U);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(parsed.requests[static_cast<std::size_t>(i)].path, "/" + std::to_string(i));
  }
}

TEST(RequestParser, ForgivesOneLeadingEmptyLineAndNoMore) {
  EXPECT_EQ(parse("\r\n" + get_with("")).requests.size(), 1U);
  EXPECT_EQ(status_of("\r\n\r\n" + get_with("")), 400);
  EXPECT_EQ(status_of("\n" + get_with("")), 400);
}

TEST(RequestParser, RefusesRequestLinesThatCouldBeReadInTwoWays) {
  const auto with_line = [](std::string_view line) {
    return std::string{line} + "\r\nHost: h\r\n\r\n";
  };
  for (const std::string_view line : {"GET  / HTTP/1.1"sv,
                                      "GET /  HTTP/1.1"sv,
                                      "GET\t/ HTTP/1.1"sv,
                                      "GET /\t HTTP/1.1"sv,
                                      "GET /\x01 HTTP/1.1"sv,
                                      "GET /\xC3\xA9 HTTP/1.1"sv,
                                      "GET /"sv,
                                      "GET / "sv,
                                      "GET"sv,
                                      "GET / HTTP/1.1 "sv,
                                      " GET / HTTP/1.1"sv,
                                      "GET / HTTP/1"sv,
                                      "GET / HTTP/1.1.1"sv,
                                      "GET / HTTP/11"sv,
                                      "GET / http/1.1"sv,
                                      "GET / HTTP/1,1"sv,
                                      "G@T / HTTP/1.1"sv,
                                      "GET / HTTP/1.\0"sv,
                                      "GET a HTTP/1.1"sv,
                                      "GET http HTTP/1.1"sv,
                                      "GET https HTTP/1.1"sv,
                                      "GET http: HTTP/1.1"sv,
                                      "GET http:/ HTTP/1.1"sv,
                                      "GET http:// HTTP/1.1"sv,
                                      "GET * HTTP/1.1"sv,
                                      "GET /#f HTTP/1.1"sv,
                                      "GET ftp://h/ HTTP/1.1"sv,
                                      "GET http:///a HTTP/1.1"sv,
                                      "GET http://u@h/ HTTP/1.1"sv}) {
    EXPECT_EQ(status_of(with_line(line)), 400) << line;
  }
}

TEST(RequestParser, TellsVersionsThatItDoesNotSpeak) {
  EXPECT_EQ(status_of("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505);
  EXPECT_EQ(status_of("GET / HTTP/0.9\r\n\r\n"), 505);
  EXPECT_EQ(status_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
  const Parsed later = parse("GET / HTTP/1.2\r\nHost: h\r\n\r\n");
  ASSERT_EQ(later.requests.size(), 1U);
  EXPECT_EQ(later.requests[0].minor_version, 1);
}

TEST(RequestParser, AnswersUnknownMethodsWith501) {
  for (const std::string method : {"get", "BREW", "CONNECT", "TRACE", "GETT"}) {
    EXPECT_EQ(status_of(method + " / HTTP/1.1\r\nHost: h\r\n\r\n"), 501) << method;
  }
}

TEST(RequestParser, KnowsATlsHelloByItsFirstByte) {
  EXPECT_EQ(parse("\x16\x03\x01"sv).fault, FaultKind::TlsOnPlainPort);
  EXPECT_EQ(parse("\x80\x2e"sv).fault, FaultKind::BadStart);
  EXPECT_EQ(parse("\0"sv).fault, FaultKind::BadStart);
}

TEST(RequestParser, RefusesHeaderLinesThatCouldBeReadInTwoWays) {
  for (const std::string_view lines :
       {"Host : x\r\n"sv, " x: y\r\n"sv, "a: b\r\n c\r\n"sv, "a: b\r\n\tc\r\n"sv, ": x\r\n"sv,
        "x\r\n"sv, "a: b\0c\r\n"sv, "a: b\rc\r\n"sv, "a: b\r\r\n"sv, "a: b\n"sv, "a: b\x7f\r\n"sv,
        "a: \x1b\r\n"sv, "a b: c\r\n"sv, "a\xff: c\r\n"sv, "(a): c\r\n"sv}) {
    EXPECT_EQ(status_of(get_with(lines)), 400) << lines;
  }
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n \r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\nHost: h\n\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\n\n"), 400);
}

TEST(RequestParser, TakesEveryByteThatAHeaderMayHold) {
  const Parsed parsed = parse(get_with("x-a: \xC3\xA9\t~!\"#\r\nx-b:\r\nX-A:2\r\n"));
  ASSERT_EQ(parsed.requests.size(), 1U);
  EXPECT_EQ(parsed.requests[0].header("x-a"), "\xC3\xA9\t~!\"#");
  EXPECT_EQ(parsed.requests[0].header("x-b"), "");
  EXPECT_EQ(parsed.requests[0].header_values("x-a").size(), 2U);
}

TEST(RequestParser, WantsExactlyOneValidHost) {
  EXPECT_EQ(parse("GET / HTTP/1.1\r\n\r\n").fault, FaultKind::HostMissing);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n").fault, FaultKind::HostRepeated);
  for (const std::string host : {"a b",         "",
                                 "a:b",         "a:123456",
                                 "a:65536",     "a:080",
                                 "a/b",         "u@h",
                                 "[::1",        "[::g]",
                                 "[]",          "a,b",
                                 "a?",          "::1",
                                 "[1]",         "[.]",
                                 "[...]",       "[::::::::::::]",
                                 "[::1]:99999", "[::1]a",
                                 "[::1]:-1",    "[1:2]",
                                 "[::1%lo]",    "[v1.a]",
                                 "[127.0.0.1]", "[1:2:3:4:5:6:7:8:9]",
                                 ":80",         "[::1]]"}) {
    const Parsed parsed = parse("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    // A comma may stand in a registered name (RFC 3986 section 3.2.2).
    EXPECT_EQ(parsed.status, host == "a,b" ? 0 : 400) << host;
  }
  for (const std::string host : {"localhost", "127.0.0.1:8080", "[::1]:80", "[::ffff:1.2.3.4]",
                                 "a-b.c_d:", "[::]:", "a:0", "[2001:DB8::1]:65535"}) {
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"), 0) << host;
  }
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 0);
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
}

TEST(RequestParser, LetsTheAuthorityOfAnAbsoluteTargetOverrideHost) {
  const Parsed parsed =
      parse("GET HTTP://Real.example:81/v1/ws?a=b HTTP/1.1\r\nHost: other\r\n\r\n");
  ASSERT_EQ(parsed.requests.size(), 1U);
  EXPECT_EQ(parsed.requests[0].host, "real.example:81");
  EXPECT_EQ(parsed.requests[0].path, "/v1/ws");
  EXPECT_EQ(parsed.requests[0].query, "a=b");
  EXPECT_EQ(parse("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n").requests.at(0).path, "/");
  EXPECT_EQ(parse("GET http://h?q HTTP/1.1\r\nHost: h\r\n\r\n").requests.at(0).query, "q");
  EXPECT_EQ(status_of("GET http://h/ HTTP/1.1\r\n\r\n"), 400);
}

TEST(RequestParser, TakesTheAsteriskForOptionsOnly) {
  const Parsed parsed = parse("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_EQ(parsed.requests.size(), 1U);
  EXPECT_EQ(parsed.requests[0].path, "*");
  EXPECT_EQ(status_of("POST * HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

TEST(RequestParser, DecodesThePathAndRefusesWhatAFileSystemCouldMisread) {
  const auto path_of = [](const std::string& target) {
    const Parsed parsed = parse("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
    return parsed.fault ? std::to_string(parsed.status) : parsed.requests.at(0).path;
  };
  EXPECT_EQ(path_of("/a%20b/%41.js"), "/a b/A.js");
  EXPECT_EQ(path_of("/a/"), "/a/");
  EXPECT_EQ(path_of("/a..b/..c/d..?..//%2f"), "/a..b/..c/d..");
  for (const std::string target :
       {"/..",    "/../a",  "/a/..",    "/a/../b",  "/%2e%2e/a", "/.%2E", "/.",
        "/a/./b", "/%00",   "/a%00.js", "//",       "//a",       "/a//b", "/a//",
        "/\\a",   "/a%5cb", "/a%2fb",   "/a%2Fb",   "/%",        "/%4",   "/%4g",
        "/%g4",   "/a%0ab", "/a?%",     "/a?b=%zz", "/a?%00"}) {
    EXPECT_EQ(path_of(target), "400") << target;
  }
}

TEST(RequestParser, DecidesKeepAliveByVersionAndConnection) {
  const auto keeps = [](const std::string& version, const std::string& lines) {
    return parse("GET / HTTP/" + version + "\r\nHost: h\r\n" + lines + "\r\n")
        .requests.at(0)
        .keep_alive;
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "Connection: Close\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: keep-alive\r\nConnection: upgrade, close\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST(RequestParser, AnswersEachLimitWithItsOwnStatus) {
  const std::string at_limit = "/" + std::string(8 * 1024 - 1, 'a');
  EXPECT_EQ(status_of("GET " + at_limit + " HTTP/1.1\r\nHost: h\r\n\r\n"), 0);
  EXPECT_EQ(status_of("GET " + at_limit + "a HTTP/1.1\r\nHost: h\r\n\r\n"), 414);
  EXPECT_EQ(status_of("GET /" + std::string(20'000, 'a')), 414);  // no line end ever
  EXPECT_EQ(status_of(get_with("a: " + std::string(16 * 1024, 'x') + "\r\n")), 431);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\na: " + std::string(17'000, 'x')), 431);
  std::string lines;
  for (int i = 0; i < 99; ++i)
    lines += "a: b\r\n";
  EXPECT_EQ(status_of(get_with(lines)), 0);
  EXPECT_EQ(status_of(get_with(lines + "a: b\r\n")), 431);
}

TEST(RequestParser, TakesHeaderLinesOfExactlyTheirLimitAndNoByteMore) {
  constexpr std::size_t kLimit = std::size_t{16} * 1024;
  constexpr std::string_view kFirst = "GET / HTTP/1.1\r\n";
  const auto request = [&](std::size_t bytes) {
    const std::string host = "Host: h\r\n";
    return std::string{kFirst} + host + "a: " + std::string(bytes - host.size() - 5, 'x') +
           "\r\n\r\n";
  };
  ASSERT_EQ(request(kLimit).size(), kFirst.size() + kLimit + 2);
  EXPECT_EQ(status_of(request(kLimit)), 0);
  EXPECT_EQ(status_of(request(kLimit + 1)), 431);
  EXPECT_EQ(status_of(request(kLimit + 2)), 431);
  EXPECT_EQ(status_of(request(kLimit + 3)), 431);
  const Limits one_line{.headers_bytes_max = 9};
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\n\r\n", one_line), 0);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: hh\r\n\r\n", one_line), 431);
}

TEST(RequestParser, HoldsNoMemoryBetweenRequests) {
  RequestParser parser;
  receive_accepting(parser, post_with("Content-Length: 3\r\n", "abc"));
  EXPECT_FALSE(parser.began());
  (void)parser.take_request();
  EXPECT_EQ(parser.request().headers.capacity(), 0U);
  EXPECT_FALSE(parser.began());
  (void)parser.receive(ingest::as_bytes("G"));
  EXPECT_TRUE(parser.began());
}

TEST(RequestParser, RemembersWhatItUnderstoodOfAFailedRequest) {
  RequestParser parser;
  (void)parser.receive(ingest::as_bytes("HEAD /api/v1/x HTTP/1.1\r\nbad line\r\n"));
  ASSERT_EQ(parser.state(), RequestParser::State::Failed);
  EXPECT_EQ(parser.request().method, Method::Head);
  EXPECT_EQ(parser.request().path, "/api/v1/x");
  EXPECT_EQ(parser.receive(ingest::as_bytes("more")), 4U);
}

TEST(RequestParser, KnowsThePathOfARequestLineThatIsAtFault) {
  const auto known_path = [](std::string_view text, std::size_t piece) {
    RequestParser parser;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
      (void)parser.receive(ingest::as_bytes(text.substr(0, piece)));
    return std::string{parser.known_path()};
  };
  const std::string query = "?q=" + std::string(9'000, 'q');
  for (const std::string& text :
       {"GET /api/v1/x" + query + " HTTP/1.1\r\n", "GET /api/v1/x" + query,
        "GET http://h/api/v1/x" + query, std::string{"GET /api/v1/x?q=%zz HTTP/1.1\r\n"},
        std::string{"GET https://h:1/api/v1/x?%00 HTTP/1.1\r\n"},
        std::string{"BREW /api/v1/x HTTP/1.1\r\n"}, std::string{"GET /api/v1/x HTTP/2.0\r\n"},
        std::string{"GET /api/v1/x HTTP/1.1\n"}, std::string{"GET /api/v1/x\r\n"},
        std::string{"GET /api/v1/x?\rHTTP/1.1\r\n"},
        std::string{"GET /api/v1/x HTTP/1.1\r\nbad\r\n"}, std::string{"GET /api/v1/x HT"}}) {
    for (const std::size_t piece : {text.size(), std::size_t{1}, std::size_t{1000}})
      EXPECT_EQ(known_path(text, piece), "/api/v1/x") << text.substr(0, 60) << " by " << piece;
  }
  EXPECT_EQ(known_path("GET /api//v1 HTTP/1.1\r\n", 1), "/api//v1");
  for (const std::string text : {"GET http HTTP/1.1\r\n", "GET http://h HTTP/2.0\r\n", "GET\r\n",
                                 "GET", "\r\n\r\n", "GET *api HTTP/1.1\r\n"})
    EXPECT_EQ(known_path(text, text.size()), "") << text;
}

TEST(RequestParser, KnowsTheMethodOfATargetThatIsTooLong) {
  RequestParser parser;
  (void)parser.receive(ingest::as_bytes("HEAD /" + std::string(9'000, 'a')));
  ASSERT_EQ(parser.state(), RequestParser::State::Failed);
  EXPECT_EQ(parser.request().method, Method::Head);
}

}  // namespace
}  // namespace gateway::http
