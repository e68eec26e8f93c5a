#pragma once
// What the fuzz targets of both WebSocket roles check: any bytes, split anywhere, give the same
// events; what goes out is made of whole, legal frames; memory is bounded. With permessage-deflate
// and without.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ws/client_session.h"
#include "gateway/ws/close_code.h"
#include "gateway/ws/extension.h"
#include "gateway/ws/server_session.h"
#include "ingest/base/check.h"

namespace gateway::ws::fuzz {

inline constexpr Session::Options kSmall{.message_bytes_max = 300, .fragments_max = 4};

/// Keys that any output may hold.
class SteadyMasks : public MaskSource {
 public:
  MaskKey next_key() override { return {0x37, 0xFA, 0x21, 0x3D}; }
};

struct Story {
  std::string events;
  std::string output;
};

inline void tell(const Event& event, std::string& story) {
  if (const auto* text = std::get_if<Text>(&event)) {
    CHECK(is_valid_utf8(text->text) && text->text.size() <= kSmall.message_bytes_max);
    story.append("text ").append(text->text);
  } else if (const auto* binary = std::get_if<Binary>(&event)) {
    CHECK(binary->bytes.size() <= kSmall.message_bytes_max);
    story.append("binary ").append(ingest::as_text(binary->bytes));
  } else if (const auto* closed = std::get_if<PeerClosed>(&event)) {
    story.append("closed ").append(std::to_string(closed->code)).append(closed->reason);
  } else if (const auto* failed = std::get_if<Failed>(&event)) {
    story.append("failed ").append(failed->reason);
  } else {
    story.append("pong");
  }
  story.append("\n");
}

struct Subject {
  Session& session;
  const Inflater& inflater;
};

/// Feeds pieces of `first`, then of `then` bytes, each in memory of its own.
inline Story run(const Subject& subject, ingest::ByteView bytes, std::size_t first,
                 std::size_t then) {
  constexpr std::size_t kFirstStep = std::size_t{16} * 1024;
  Session& session = subject.session;
  Story story;
  std::size_t piece = first;
  while (!bytes.empty()) {
    const ingest::ByteView part = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(part.size());
    std::vector<std::uint8_t> owned(part.begin(), part.end());
    session.receive(owned);
    while (const auto event = session.next_event()) {
      // Now: the next call gives back what a large message took.
      CHECK(subject.inflater.held_bytes() <= kSmall.message_bytes_max + kFirstStep);
      tell(*event, story.events);
    }
    constexpr std::size_t kWaiting =
        deflated_bytes_max(kSmall.message_bytes_max) + kControlPayloadBytesMax;
    CHECK(session.stored_bytes() <= 2 * kWaiting + 500);
    while (!session.output().empty()) {
      story.output.append(ingest::as_text(session.output()));
      session.output_sent(session.output().size());
    }
    piece = then;
  }
  return story;
}

/// The frame of the last Pong and of the Close: of several Pongs that wait, only the latest has to
/// go out. Keys do not differ.
inline std::string latest_of(std::string_view output) {
  std::string_view pong;
  std::string_view close;
  while (!output.empty()) {
    const auto parsed = parse_frame_header(ingest::as_bytes(output));
    CHECK(parsed && parsed->has_value());
    const std::size_t bytes = (*parsed)->header_bytes + (*parsed)->header.payload_bytes;
    ((*parsed)->header.opcode == Opcode::Close ? close : pong) = output.substr(0, bytes);
    output.remove_prefix(bytes);
  }
  return std::string{pong}.append(close);
}

/// Pongs, then at most one Close at the very end; masked by a client alone.
inline void check_output(std::string_view output, Role ours) {
  while (!output.empty()) {
    const auto parsed = parse_frame_header(ingest::as_bytes(output));
    CHECK(parsed && parsed->has_value());
    const FrameHeader& header = (*parsed)->header;
    CHECK(header.mask.has_value() == (ours == Role::Client));
    CHECK(header.fin == Fin::Yes && !header.rsv1);
    CHECK(header.opcode == Opcode::Pong || header.opcode == Opcode::Close);
    output.remove_prefix((*parsed)->header_bytes + header.payload_bytes);
    CHECK(header.opcode == Opcode::Pong || output.empty());
  }
}

inline void check_same(const Story& whole, const Story& split) {
  CHECK(split.events == whole.events);
  CHECK(latest_of(split.output) == latest_of(whole.output));
}

/// `make(inflater)` gives a fresh session of the role; the inflater is null without compression.
template <class Make>
void check_any_split(ingest::ByteView bytes, std::size_t split, Role ours, const Make& make) {
  for (const Compression compression : {Compression::None, Compression::Deflate}) {
    Inflater inflater;
    const auto story = [&](std::size_t first, std::size_t then) {
      auto session = make(compression == Compression::None ? nullptr : &inflater);
      return run({session, inflater}, bytes, first, then);
    };
    const Story whole = story(bytes.size(), bytes.size());
    const Story single = story(1, 1);
    check_output(whole.output, ours);
    check_output(single.output, ours);
    check_same(whole, single);
    if (split > 0) check_same(whole, story(split, bytes.size()));
    check_same(whole, story(split % 7 + 1, split % 5 + 1));
  }
}

}  // namespace gateway::ws::fuzz
