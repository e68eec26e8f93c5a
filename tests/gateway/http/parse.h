#pragma once
// Runs a byte stream through RequestParser whole, split in two at every byte, and byte by byte, and
// expects the same requests or the same fault each time.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/request_parser.h"

namespace gateway::http {

struct Parsed {
  std::vector<Request> requests;
  std::optional<FaultKind> fault;
  int status = 0;        // of the fault
  std::size_t left = 0;  // bytes that were not taken
};

/// Gives the parser all these bytes; where a body is announced it is accepted.
inline void receive_accepting(RequestParser& parser, std::string_view text) {
  text.remove_prefix(parser.receive(ingest::as_bytes(text)));
  if (parser.state() != RequestParser::State::BodyAnnounced) return;
  parser.accept_body(SIZE_MAX);
  (void)parser.receive(ingest::as_bytes(text));
}

/// `stop_after` requests the rest stays unread, as it does behind an upgrade.
inline Parsed parse_pieces(const std::vector<std::string_view>& pieces, Limits limits,
                           std::size_t stop_after) {
  Parsed parsed;
  RequestParser parser{limits};
  for (std::string_view piece : pieces) {
    while (!piece.empty() && parsed.requests.size() < stop_after) {
      piece.remove_prefix(parser.receive(ingest::as_bytes(piece)));
      if (parser.state() == RequestParser::State::BodyAnnounced) {
        parser.accept_body(SIZE_MAX);
        continue;
      }
      if (parser.state() != RequestParser::State::Ready) break;
      parsed.requests.push_back(parser.take_request());
    }
    parsed.left += piece.size();
  }
  if (parser.state() == RequestParser::State::Failed) {
    parsed.fault = parser.fault().kind;
    parsed.status = parser.fault().status;
  }
  return parsed;
}

inline void expect_same(const Parsed& whole, const Parsed& split, const std::string& how) {
  ASSERT_EQ(whole.requests.size(), split.requests.size()) << how;
  EXPECT_EQ(whole.fault, split.fault) << how;
  EXPECT_TRUE(whole.fault || whole.left == split.left) << how;
  for (std::size_t i = 0; i < whole.requests.size(); ++i) {
    const Request& a = whole.requests[i];
    const Request& b = split.requests[i];
    EXPECT_EQ(a.method, b.method) << how;
    EXPECT_EQ(a.target, b.target) << how;
    EXPECT_EQ(a.path, b.path) << how;
    EXPECT_EQ(a.host, b.host) << how;
    EXPECT_EQ(a.body, b.body) << how;
    EXPECT_EQ(a.keep_alive, b.keep_alive) << how;
    ASSERT_EQ(a.headers.size(), b.headers.size()) << how;
    for (std::size_t k = 0; k < a.headers.size(); ++k) {
      EXPECT_EQ(a.headers[k].name, b.headers[k].name) << how;
      EXPECT_EQ(a.headers[k].value, b.headers[k].value) << how;
    }
  }
}

inline Parsed parse(std::string_view text, Limits limits = {}, std::size_t stop_after = SIZE_MAX) {
  Parsed whole = parse_pieces({text}, limits, stop_after);
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < text.size(); ++i)
    bytes.push_back(text.substr(i, 1));
  expect_same(whole, parse_pieces(bytes, limits, stop_after), "byte by byte");
  // Long inputs are split at every byte near their ends, where their structure is, and sparsely
  // between.
  constexpr std::size_t kEveryByte = 600;
  for (std::size_t at = 1;
       at<text.size(); at += at> kEveryByte && text.size() - at > kEveryByte ? 97 : 1) {
    expect_same(whole, parse_pieces({text.substr(0, at), text.substr(at)}, limits, stop_after),
                "split at " + std::to_string(at));
  }
  return whole;
}

/// The status with which the stream is refused; 0 when it is not.
inline int status_of(std::string_view text, Limits limits = {}) {
  return parse(text, limits).status;
}

/// A GET with these header lines besides Host.
inline std::string get_with(std::string_view lines) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + std::string{lines} + "\r\n";
}
inline std::string post_with(std::string_view lines, std::string_view body = {}) {
  return "POST /w HTTP/1.1\r\nHost: h\r\n" + std::string{lines} + "\r\n" + std::string{body};
}

}  // namespace gateway::http
