#pragma once
// The frame header of RFC 6455 section 5.2, read and written. Stateless: shared by both roles and
// by gateway/publish.
//
//   byte 0: FIN RSV1 RSV2 RSV3 opcode(4)     byte 1: MASK length(7)
//   length 126: 2 more bytes; 127: 8 more; then 4 bytes of mask key where MASK is set

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/base/bytes.h"
#include "ingest/base/result.h"

namespace gateway::ws {

enum class Opcode : std::uint8_t {
  Continuation = 0,
  Text = 1,
  Binary = 2,
  Close = 8,
  Ping = 9,
  Pong = 10
};
constexpr bool is_control(Opcode opcode) {
  return static_cast<std::uint8_t>(opcode) >= 8;
}

enum class Fin : std::uint8_t { No, Yes };

inline constexpr std::size_t kFrameHeaderBytesMax = 14;
inline constexpr std::size_t kControlPayloadBytesMax = 125;

using MaskKey = std::array<std::uint8_t, 4>;

struct FrameHeader {
  Opcode opcode = Opcode::Text;
  Fin fin = Fin::Yes;
  bool rsv1 = false;                // compressed, where the extension was agreed
  std::optional<MaskKey> mask;      // present in every frame of a client, in none of a server
  std::uint64_t payload_bytes = 0;  // below 2^63
};

/// What a header can be wrong in by itself (all are 1002).
enum class FrameFault : std::uint8_t {
  ReservedBit,  // RSV2 or RSV3
  UnknownOpcode,
  FragmentedControl,
  LongControl,
  CompressedControl,  // RSV1 on a control or continuation frame
  LengthNotMinimal,
  LengthTopBit,
};

struct ParsedHeader {
  FrameHeader header;
  std::size_t header_bytes = 0;  // 2 to 14
};

/// Reads a header from the front of `bytes`; nullopt while it is incomplete. Rules are applied in
/// the order of the bytes, so a fault shows as soon as its byte is there and is the same for every
/// split.
ingest::Result<std::optional<ParsedHeader>, FrameFault> parse_frame_header(ingest::ByteView bytes);

/// A header as it goes out: 2 to 14 bytes without an allocation.
class HeaderBytes {
 public:
  std::string_view text() const { return ingest::as_text(view()); }
  ingest::ByteView view() const { return ingest::ByteView{bytes_}.first(size_); }
  std::size_t size() const { return size_; }
  void push(std::uint8_t byte) { bytes_[size_++] = byte; }

 private:
  std::array<std::uint8_t, kFrameHeaderBytesMax> bytes_{};
  std::size_t size_ = 0;
};

HeaderBytes serialize_frame_header(const FrameHeader& header);
/// The header of an unmasked (server's) frame, RSV1 clear.
HeaderBytes frame_header(Opcode opcode, Fin fin, std::uint64_t payload_bytes);

}  // namespace gateway::ws
