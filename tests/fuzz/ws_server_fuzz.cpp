// rooms: gateway/ws
// Any bytes, split anywhere, give the same events; what goes out is made of whole, legal server
// frames.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gateway/ws/close_code.h"
#include "gateway/ws/server_session.h"
#include "ingest/base/check.h"

namespace gateway::ws {
namespace {
// one room

constexpr ServerSession::Options kSmall{.message_bytes_max = 300, .fragments_max = 4};

struct Story {
  std::string events;
  std::string output;
};

void tell(const Event& event, std::string& story) {
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

Story run(ingest::ByteView bytes, std::size_t first, std::size_t then) {
  ServerSession session{kSmall};
  Story story;
  std::size_t piece = first;
  while (!bytes.empty()) {
    const ingest::ByteView part = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(part.size());
    std::vector<std::uint8_t> owned(part.begin(), part.end());
    session.receive(owned);
    while (const auto event = session.next_event())
      tell(*event, story.events);
    CHECK(session.stored_bytes() <= 2 * (kSmall.message_bytes_max + kControlPayloadBytesMax) + 64);
    while (!session.output().empty()) {
      story.output.append(ingest::as_text(session.output()));
      session.output_sent(session.output().size());
    }
    piece = then;
  }
  return story;
}

/// Pongs, then at most one Close at the very end.
void check_output(std::string_view output) {
  while (!output.empty()) {
    const auto parsed = parse_frame_header(ingest::as_bytes(output));
    CHECK(parsed && parsed->has_value());
    const FrameHeader& header = (*parsed)->header;
    CHECK(!header.mask && header.fin == Fin::Yes && !header.rsv1);
    CHECK(header.opcode == Opcode::Pong || header.opcode == Opcode::Close);
    output.remove_prefix((*parsed)->header_bytes + header.payload_bytes);
    CHECK(header.opcode == Opcode::Pong || output.empty());
  }
}

void check_any_split(const std::uint8_t* data, std::size_t size) {
  const ingest::ByteView bytes{data + 1, size - 1};
  const Story whole = run(bytes, size, size);
  const Story single = run(bytes, 1, 1);
  CHECK(single.events == whole.events);
  CHECK(data[0] == 0 || run(bytes, data[0], size).events == whole.events);
  CHECK(run(bytes, data[0] % 7 + 1, data[0] % 5 + 1).events == whole.events);
  check_output(whole.output);
  check_output(single.output);
}

}  // namespace
}  // namespace gateway::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) gateway::ws::check_any_split(data, size);
  return 0;
}
