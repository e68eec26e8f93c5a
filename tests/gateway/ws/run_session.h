#pragma once
// Runs a client's bytes through ServerSession whole, split in two at every byte, and byte by byte,
// and expects the same events and the same answers each time.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "gateway/ws/mask.h"
#include "gateway/ws/server_session.h"

namespace gateway::ws {

inline constexpr MaskKey kTestKey{0x37, 0xFA, 0x21, 0x3D};  // RFC 6455 section 5.7

/// A client's frame.
inline std::string client_frame(Opcode opcode, std::string_view payload, Fin fin = Fin::Yes,
                                MaskKey key = kTestKey) {
  std::string body{payload};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  apply_mask({reinterpret_cast<std::uint8_t*>(body.data()), body.size()}, key, 0);
  FrameHeader header;
  header.opcode = opcode;
  header.fin = fin;
  header.mask = key;
  header.payload_bytes = payload.size();
  return std::string{serialize_frame_header(header).text()} + body;
}
inline std::string text_frame(std::string_view payload, Fin fin = Fin::Yes) {
  return client_frame(Opcode::Text, payload, fin);
}
inline std::string continuation(std::string_view payload, Fin fin = Fin::Yes) {
  return client_frame(Opcode::Continuation, payload, fin);
}
inline std::string close_frame(std::uint16_t code, std::string_view reason = {}) {
  std::string payload;
  payload += static_cast<char>(code >> 8);
  payload += static_cast<char>(code & 0xFF);
  return client_frame(Opcode::Close, payload.append(reason));
}
/// A frame with exactly these bytes in front.
inline std::string raw(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes)
    text += static_cast<char>(byte);
  return text;
}
/// An unmasked frame, as the server sends it.
inline std::string server_frame(Opcode opcode, std::string_view payload) {
  return std::string{frame_header(opcode, Fin::Yes, payload.size()).text()}.append(payload);
}

struct Ran {
  std::vector<std::string> events;  // "text:hello", "failed:1002", "closed:1000:bye", ...
  std::string output;
  bool finished = false;
};

inline std::string told(const Event& event) {
  if (const auto* text = std::get_if<Text>(&event)) return "text:" + std::string{text->text};
  if (const auto* binary = std::get_if<Binary>(&event))
    return "binary:" + std::string{ingest::as_text(binary->bytes)};
  if (const auto* closed = std::get_if<PeerClosed>(&event)) {
    return "closed:" + std::to_string(closed->code) + ":" + std::string{closed->reason};
  }
  if (const auto* failed = std::get_if<Failed>(&event))
    return "failed:" + std::to_string(failed->code);
  return "pong";
}

/// Copies each piece into memory of its own, so that a view that outlives its bytes is a
/// sanitizer's finding.
inline void feed(ServerSession& session, std::string_view piece, Ran& ran) {
  std::vector<std::uint8_t> bytes(piece.begin(), piece.end());
  session.receive(bytes);
  while (const auto event = session.next_event())
    ran.events.push_back(told(*event));
  ran.output += ingest::as_text(session.output());
  session.output_sent(session.output().size());
  // Anything that waited behind the frame just written.
  ran.output += ingest::as_text(session.output());
  session.output_sent(session.output().size());
  ran.finished = session.finished();
}

inline Ran run_pieces(const std::vector<std::string_view>& pieces, ServerSession::Options options) {
  ServerSession session{options};
  Ran ran;
  for (const std::string_view piece : pieces)
    feed(session, piece, ran);
  return ran;
}

inline Ran run(std::string_view stream, ServerSession::Options options = {}) {
  const Ran whole = run_pieces({stream}, options);
  const auto expect_same = [&](const Ran& split, const std::string& how) {
    EXPECT_EQ(whole.events, split.events) << how;
    EXPECT_EQ(whole.finished, split.finished) << how;
  };
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < stream.size(); ++i)
    bytes.push_back(stream.substr(i, 1));
  expect_same(run_pieces(bytes, options), "byte by byte");
  constexpr std::size_t kEveryByte = 400;
  for (std::size_t at = 1;
       at<stream.size(); at += at> kEveryByte && stream.size() - at > kEveryByte ? 997 : 1) {
    expect_same(run_pieces({stream.substr(0, at), stream.substr(at)}, options),
                "split at " + std::to_string(at));
  }
  return whole;
}

/// The stream fails with this code, nothing is delivered, and the Close frame says so.
inline void expect_failure(std::string_view stream, std::uint16_t code,
                           ServerSession::Options options = {}) {
  const Ran ran = run(stream, options);
  ASSERT_EQ(ran.events, std::vector<std::string>{"failed:" + std::to_string(code)});
  ASSERT_GE(ran.output.size(), 4U);
  EXPECT_EQ(ran.output[0], '\x88');
  EXPECT_EQ(
      static_cast<std::uint8_t>(ran.output[2]) << 8 | static_cast<std::uint8_t>(ran.output[3]),
      code);
  EXPECT_TRUE(ran.finished);
}

using Events = std::vector<std::string>;

}  // namespace gateway::ws
