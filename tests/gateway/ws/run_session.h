#pragma once
// Runs a peer's bytes through a session of either role, whole, split in two at every byte, and byte
// by byte, and expects the same events and the same answers each time.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ws/client_session.h"
#include "gateway/ws/close_code.h"
#include "gateway/ws/extension.h"
#include "gateway/ws/server_session.h"

namespace gateway::ws {

inline constexpr MaskKey kTestKey{0x37, 0xFA, 0x21, 0x3D};  // RFC 6455 section 5.7
using Events = std::vector<std::string>;
using Options = Session::Options;

/// Each key another one, the same at each run.
class CountingMasks : public MaskSource {
 public:
  MaskKey next_key() override {
    ++given_;
    return {static_cast<std::uint8_t>(given_ >> 8), static_cast<std::uint8_t>(given_), 0x5A, 0xC3};
  }
  std::size_t given() const { return given_; }

 private:
  std::size_t given_ = 0;
};

/// These bytes.
inline std::string raw(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes)
    text += static_cast<char>(byte);
  return text;
}

/// A frame as the peer of a session in this role sends it: masked when we are the server.
inline std::string peer_frame(Role ours, FrameHeader header, std::string_view payload) {
  if (ours == Role::Server && !header.mask) header.mask = kTestKey;
  return make_frame(header, payload);
}

/// Bytes that no compressor shortens, the same at each run.
inline std::string noise(std::size_t bytes) {
  std::string text;
  std::uint32_t state = 1;
  while (text.size() < bytes) {
    state = state * 1664525 + 1013904223;
    text += static_cast<char>(state >> 24);
  }
  return text;
}

inline std::string deflated(std::string_view message) {
  Deflater deflater;
  std::string payload;
  deflater.compress(message, payload);
  return payload;
}

/// "pong:now", "close:1000:bye": the frames of an output, each whole, legal and masked as our role
/// has to.
inline Events frames_of(std::string_view output, Role ours) {
  Events frames;
  while (!output.empty()) {
    const auto parsed = parse_frame_header(ingest::as_bytes(output));
    if (!parsed || !parsed->has_value()) return {"no frame"};
    const FrameHeader& header = (*parsed)->header;
    EXPECT_EQ(header.mask.has_value(), ours == Role::Client);
    std::string frame{output.substr((*parsed)->header_bytes, header.payload_bytes)};
    output.remove_prefix((*parsed)->header_bytes + header.payload_bytes);
    std::vector<std::uint8_t> bytes(frame.begin(), frame.end());
    if (header.mask) apply_mask(bytes, *header.mask, 0);
    const std::string payload{ingest::as_text(bytes)};
    if (header.opcode == Opcode::Ping) frames.push_back("ping:" + payload);
    if (header.opcode == Opcode::Pong) frames.push_back("pong:" + payload);
    if (header.opcode != Opcode::Close) continue;
    frames.emplace_back("close:");
    if (bytes.size() >= 2)
      frames.back() += std::to_string(bytes[0] << 8 | bytes[1]) + ":" + payload.substr(2);
  }
  return frames;
}

/// What a session of either role is made with.
struct Given {
  Role role = Role::Server;
  Options options;
  Compression compression = Compression::None;
};

/// A session with its neighbours.
class Bench {
 public:
  explicit Bench(const Given& given) : role_(given.role) {
    Inflater* inflater = given.compression == Compression::None ? nullptr : &inflater_;
    if (role_ == Role::Server) {
      server_ = std::make_unique<ServerSession>(given.options, inflater);
    } else {
      client_ = std::make_unique<ClientSession>(masks_, given.options, inflater);
    }
  }
  Session& session() { return server_ ? static_cast<Session&>(*server_) : *client_; }
  Role role() const { return role_; }
  Inflater& inflater() { return inflater_; }

 private:
  Role role_;
  CountingMasks masks_;
  Inflater inflater_;
  std::unique_ptr<ServerSession> server_;
  std::unique_ptr<ClientSession> client_;
};

struct Ran {
  Events events;       // "text:hello", "failed:1002", "closed:1000:bye", ...
  std::string output;  // as it goes over the wire
  Events said;         // the frames of it
  bool finished = false;
};

inline std::string told(const Event& event) {
  if (const auto* text = std::get_if<Text>(&event)) return "text:" + std::string{text->text};
  if (const auto* binary = std::get_if<Binary>(&event))
    return "binary:" + std::string{ingest::as_text(binary->bytes)};
  if (const auto* closed = std::get_if<PeerClosed>(&event))
    return "closed:" + std::to_string(closed->code) + ":" + std::string{closed->reason};
  if (const auto* failed = std::get_if<Failed>(&event))
    return "failed:" + std::to_string(failed->code);
  return "pong";
}

/// Copies each piece into memory of its own, so that a view that outlives its bytes is a
/// sanitizer's finding.
inline void feed(Bench& bench, std::string_view piece, Ran& ran) {
  Session& session = bench.session();
  std::vector<std::uint8_t> bytes(piece.begin(), piece.end());
  session.receive(bytes);
  while (const auto event = session.next_event())
    ran.events.push_back(told(*event));
  while (!session.output().empty()) {
    ran.output += ingest::as_text(session.output());
    session.output_sent(session.output().size());
  }
  ran.said = frames_of(ran.output, bench.role());
  ran.finished = session.finished();
}

inline Ran run_pieces(const std::vector<std::string_view>& pieces, const Given& given) {
  Bench bench{given};
  Ran ran;
  for (const std::string_view piece : pieces)
    feed(bench, piece, ran);
  return ran;
}

/// The Pings at the front of a peer's bytes, as far as they are frames.
inline std::size_t pings_in(std::string_view stream) {
  std::size_t pings = 0;
  while (const auto parsed = parse_frame_header(ingest::as_bytes(stream))) {
    if (!parsed->has_value()) break;
    const auto& [header, header_bytes] = **parsed;
    if (header.opcode == Opcode::Ping) ++pings;
    stream.remove_prefix(header_bytes);
    stream.remove_prefix(std::min<std::uint64_t>(header.payload_bytes, stream.size()));
  }
  return pings;
}

/// The last Pong and the Close: of several Pongs that wait, only the latest has to go out.
inline Events latest_of(const Events& said) {
  Events latest{"", ""};
  for (const std::string& frame : said)
    latest[frame.starts_with("close:") ? 1 : 0] = frame;
  return latest;
}

enum class Answers : std::uint8_t { All, Latest };

inline void expect_same(const Ran& whole, const Ran& split, Answers answers,
                        const std::string& how) {
  EXPECT_EQ(whole.events, split.events) << how;
  EXPECT_EQ(whole.finished, split.finished) << how;
  const bool all = answers == Answers::All;
  EXPECT_EQ(all ? whole.said : latest_of(whole.said), all ? split.said : latest_of(split.said))
      << how;
}

/// Long streams are split at their first and last bytes, and at steps between.
inline Ran run(std::string_view stream, const Given& given = {}) {
  constexpr std::size_t kEveryByte = 400;
  constexpr std::size_t kStep = 997;
  const Ran whole = run_pieces({stream}, given);
  const Answers answers = pings_in(stream) <= 1 ? Answers::All : Answers::Latest;
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < stream.size(); ++i)
    bytes.push_back(stream.substr(i, 1));
  expect_same(whole, run_pieces(bytes, given), answers, "byte by byte");
  std::size_t at = 1;
  while (at < stream.size()) {
    const Ran split = run_pieces({stream.substr(0, at), stream.substr(at)}, given);
    expect_same(whole, split, answers, "split at " + std::to_string(at));
    const bool between = at > kEveryByte && stream.size() - at > kEveryByte;
    at += between ? std::min(kStep, stream.size() - at - kEveryByte) : 1;
  }
  return whole;
}

/// The stream fails with this code, nothing is delivered, and the one frame that goes out says so.
inline void expect_failure(std::string_view stream, std::uint16_t code, const Given& given) {
  const Ran ran = run(stream, given);
  ASSERT_EQ(ran.events, Events{"failed:" + std::to_string(code)});
  ASSERT_EQ(ran.said.size(), 1U);
  EXPECT_TRUE(ran.said[0].starts_with("close:" + std::to_string(code) + ":")) << ran.said[0];
  EXPECT_TRUE(ran.finished);
}

/// Tests that hold for both roles. Frames come from the peer of GetParam().
class BothRoles : public testing::TestWithParam<Role> {
 protected:
  static Given given(Options options = {}) {
    return {.role = GetParam(), .options = options, .compression = Compression::None};
  }
  static std::string frame(Opcode opcode, std::string_view payload, Fin fin = Fin::Yes) {
    FrameHeader header;
    header.opcode = opcode;
    header.fin = fin;
    return peer_frame(GetParam(), header, payload);
  }
  static std::string text(std::string_view payload, Fin fin = Fin::Yes) {
    return frame(Opcode::Text, payload, fin);
  }
  static std::string continuation(std::string_view payload, Fin fin = Fin::Yes) {
    return frame(Opcode::Continuation, payload, fin);
  }
  static std::string close(std::uint16_t code, std::string_view reason = {}) {
    return frame(Opcode::Close, raw({code >> 8, code & 0xFF}).append(reason));
  }
  /// A header with these bytes: the mask bit and a key are added where the peer has to.
  static std::string header(std::initializer_list<int> bytes) {
    std::string head = raw(bytes);
    if (GetParam() == Role::Client) return head;
    head[1] = static_cast<char>(static_cast<std::uint8_t>(head[1]) | 0x80);
    return head.append(ingest::as_text(kTestKey));
  }
  static Ran run(std::string_view stream, Options options = {}) {
    return ws::run(stream, given(options));
  }
  static void expect_failure(std::string_view stream, std::uint16_t code, Options options = {}) {
    ws::expect_failure(stream, code, given(options));
  }
};

inline std::string role_name(const testing::TestParamInfo<Role>& info) {
  return info.param == Role::Server ? "Server" : "Client";
}
inline auto both_roles() {
  return testing::Values(Role::Server, Role::Client);
}

}  // namespace gateway::ws
