#include "gateway/http/response_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gateway::http {
namespace {

using State = ResponseParser::State;
using Pieces = std::vector<std::string_view>;

/// What came of the bytes, and how many were left to whoever follows.
struct Answered {
  State state = State::Head;
  ResponseHead head;
  std::string excerpt;
  std::size_t left = 0;
  ResponseFault fault{};

  std::string story() const {
    std::string text = std::to_string(static_cast<int>(state)) + " " + std::to_string(head.status) +
                       " " + head.reason + "|" + excerpt + "|";
    for (const Header& header : head.headers)
      text += header.name + ":" + header.value + ";";
    if (state == State::Failed) text = "failed " + std::string{sentence_of(fault)};
    return text;
  }
};

enum class End : std::uint8_t { Open, Closed };

Answered read_pieces(const Pieces& pieces, End end, ResponseLimits limits) {
  ResponseParser parser{limits};
  Answered answered;
  for (std::string_view piece : pieces) {
    piece.remove_prefix(parser.receive(ingest::as_bytes(piece)));
    answered.left += piece.size();
  }
  if (end == End::Closed) parser.end();
  answered.state = parser.state();
  answered.head = parser.head();
  answered.excerpt = parser.excerpt();
  if (answered.state == State::Failed) answered.fault = parser.fault();
  return answered;
}

/// Whole, split in two at every byte, and byte by byte: the same each time.
Answered read(std::string_view text, End end = End::Open, ResponseLimits limits = {}) {
  const Answered whole = read_pieces({text}, end, limits);
  Pieces bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    bytes.push_back(text.substr(at, 1));
    const Answered split = read_pieces({text.substr(0, at), text.substr(at)}, end, limits);
    EXPECT_EQ(split.story(), whole.story()) << "split at " << at;
  }
  EXPECT_EQ(read_pieces(bytes, end, limits).story(), whole.story()) << "byte by byte";
  return whole;
}

TEST(ResponseParser, LeavesWhatFollowsA101ToTheNewProtocol) {
  const Answered answered =
      read("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX-A:  b \r\n\r\n\x81\x02hi");
  EXPECT_EQ(answered.state, State::Done);
  EXPECT_EQ(answered.head.status, 101);
  EXPECT_EQ(answered.head.reason, "Switching Protocols");
  EXPECT_EQ(answered.head.header("upgrade"), "websocket");
  EXPECT_EQ(answered.head.header("x-a"), "b");
  EXPECT_EQ(answered.left, 4U);
}

TEST(ResponseParser, SkipsInterimAnswers) {
  const Answered answered =
      read("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 101 \r\nUpgrade: w\r\n\r\n");
  EXPECT_EQ(answered.head.status, 101);
  EXPECT_FALSE(answered.head.header("link"));
}

TEST(ResponseParser, KeepsAnExcerptOfACountedBody) {
  const Answered answered =
      read("HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nno entry!and more");
  EXPECT_EQ(answered.state, State::Done);
  EXPECT_EQ(answered.excerpt, "no entry!");
}

TEST(ResponseParser, JoinsTheChunksOfABody) {
  const Answered answered = read(
      "HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\nno \r\nA\r\nway "
      "today!\r\n0\r\n\r\n");
  EXPECT_EQ(answered.state, State::Done);
  EXPECT_EQ(answered.excerpt, "no way today!");
}

TEST(ResponseParser, EndsABodyWithoutLengthWithTheConnection) {
  const std::string_view text = "HTTP/1.0 400 Bad Request\r\n\r\nwhy";
  EXPECT_EQ(read(text).state, State::Body);
  EXPECT_EQ(read(text, End::Closed).state, State::Done);
  EXPECT_EQ(read(text, End::Closed).excerpt, "why");
}

TEST(ResponseParser, StopsAtTheEndOfTheExcerpt) {
  const std::string body(5'000, 'x');
  const Answered answered = read("HTTP/1.1 500 \r\nContent-Length: 999999999999\r\n\r\n" + body,
                                 End::Open, {.excerpt_bytes_max = 100});
  EXPECT_EQ(answered.state, State::Done);
  EXPECT_EQ(answered.excerpt.size(), 100U);
}

TEST(ResponseParser, HasNoBodyWhereTheStatusAllowsNone) {
  EXPECT_EQ(read("HTTP/1.1 204 No Content\r\n\r\n").state, State::Done);
  EXPECT_EQ(read("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n").state, State::Done);
  EXPECT_EQ(read("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").state, State::Done);
}

struct Bad {
  std::string text;
  ResponseFault fault;
};

TEST(ResponseParser, RefusesWhatIsNoAnswer) {
  const std::vector<Bad> cases{
      {"SSH-2.0-OpenSSH_9.2\r\n", ResponseFault::NotHttp},
      {"\r\nHTTP/1.1 101 x\r\n\r\n", ResponseFault::NotHttp},
      {"http/1.1 200 OK\r\n\r\n", ResponseFault::NotHttp},
      {"\x15\x03\x01", ResponseFault::NotHttp},
      {"HTTP/2.0 200 OK\r\n\r\n", ResponseFault::BadVersion},
      {"HTTP/1.0 101 Switching\r\n\r\n", ResponseFault::BadVersion},
      {"HTTP/1.1\r\n\r\n", ResponseFault::BadStatusLine},
      {"HTTP/1.1 99 x\r\n\r\n", ResponseFault::BadStatusLine},
      {"HTTP/1.1 600 x\r\n\r\n", ResponseFault::BadStatusLine},
      {"HTTP/1.1 1O1 x\r\n\r\n", ResponseFault::BadStatusLine},
      {"HTTP/1.1  101 x\r\n\r\n", ResponseFault::BadStatusLine},
      {"HTTP/1.1 101 \x01\r\n\r\n", ResponseFault::BadStatusLine},
      {"HTTP/11 101 x\r\n\r\n", ResponseFault::BadStatusLine},
      {"HTTP/1.1 101 x\n\r\n", ResponseFault::BadLineEnd},
      {"HTTP/1.1 101 x\r\nA: b\n\r\n", ResponseFault::BadLineEnd},
      {"HTTP/1.1 101 x\r\nA: b\rc\r\n\r\n", ResponseFault::BadLineEnd},
      {"HTTP/1.1 101 x\r\nA\r\n\r\n", ResponseFault::BadHeader},
      {"HTTP/1.1 101 x\r\nA : b\r\n\r\n", ResponseFault::BadHeader},
      {"HTTP/1.1 101 x\r\n folded\r\n\r\n", ResponseFault::BadHeader},
      {"HTTP/1.1 101 x\r\nA: \x02\r\n\r\n", ResponseFault::BadHeader},
      {"HTTP/1.1 200 x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
       ResponseFault::BadFraming},
      {"HTTP/1.1 200 x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       ResponseFault::BadFraming},
      {"HTTP/1.1 200 x\r\nContent-Length: -1\r\n\r\n", ResponseFault::BadFraming},
      {"HTTP/1.1 200 x\r\nContent-Length: 99999999999999999999\r\n\r\n", ResponseFault::BadFraming},
      {"HTTP/1.1 200 x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", ResponseFault::BadFraming},
  };
  for (const Bad& bad : cases) {
    const Answered answered = read(bad.text);
    EXPECT_EQ(answered.state, State::Failed) << bad.text;
    EXPECT_EQ(answered.fault, bad.fault) << bad.text << sentence_of(answered.fault);
    EXPECT_FALSE(sentence_of(bad.fault).empty());
  }
}

TEST(ResponseParser, BoundsEverythingThatCanGrow) {
  const ResponseLimits small{
      .status_line_bytes_max = 32, .headers_bytes_max = 64, .headers_max = 3, .interim_max = 2};
  const std::string line = "HTTP/1.1 200 ";
  EXPECT_EQ(read(line + std::string(32, 'x'), End::Open, small).fault, ResponseFault::TooLarge);
  EXPECT_EQ(read(line + "\r\nA: " + std::string(64, 'x'), End::Open, small).fault,
            ResponseFault::TooLarge);
  EXPECT_EQ(read(line + "\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n", End::Open, small).fault,
            ResponseFault::TooManyHeaders);
  std::string interim;
  for (int i = 0; i < 3; ++i)
    interim += "HTTP/1.1 100 \r\n\r\n";
  EXPECT_EQ(read(interim, End::Open, small).fault, ResponseFault::TooManyInterim);
}

TEST(ResponseParser, TakesHeaderLinesOfExactlyTheirLimitAndNoByteMore) {
  const ResponseLimits small{.headers_bytes_max = 64};
  const auto answer = [](std::size_t bytes) {
    const std::string lines = "A: b\r\nC: " + std::string(bytes - 11, 'x') + "\r\n\r\n";
    return "HTTP/1.1 103 \r\n" + lines + "HTTP/1.1 101 \r\n" + lines;
  };
  EXPECT_EQ(read(answer(64), End::Open, small).state, State::Done);
  for (const std::size_t bytes : {65U, 66U, 67U}) {
    EXPECT_EQ(read(answer(bytes), End::Open, small).state, State::Failed) << bytes;
    EXPECT_EQ(read(answer(bytes), End::Open, small).fault, ResponseFault::TooLarge) << bytes;
  }
}

TEST(ResponseParser, CallsAnAnswerThatNeverCameCutShort) {
  EXPECT_EQ(read("", End::Closed).fault, ResponseFault::CutShort);
  EXPECT_EQ(read("HTTP/1.1 101 Swi", End::Closed).fault, ResponseFault::CutShort);
  EXPECT_EQ(read("HTTP/1.1 101 x\r\nUpgrade: websocket\r\n", End::Closed).fault,
            ResponseFault::CutShort);
}

}  // namespace
}  // namespace gateway::http
