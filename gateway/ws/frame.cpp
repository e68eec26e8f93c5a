#include "gateway/ws/frame.h"

#include <algorithm>

namespace gateway::ws {
namespace {

constexpr std::uint8_t kFinBit = 0x80;
constexpr std::uint8_t kRsv1Bit = 0x40;
constexpr std::uint8_t kRsv23Bits = 0x30;
constexpr std::uint8_t kOpcodeBits = 0x0F;
constexpr std::uint8_t kMaskBit = 0x80;
constexpr std::uint8_t kLengthBits = 0x7F;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

constexpr bool is_known(std::uint8_t opcode) {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

std::uint64_t big_endian(ingest::ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes)
    value = value << 8 | byte;
  return value;
}

std::size_t length_bytes(std::uint8_t length7) {
  if (length7 == kLength64) return 8;
  return length7 == kLength16 ? 2 : 0;
}

std::optional<FrameFault> check_first(std::uint8_t byte) {
  const std::uint8_t opcode = byte & kOpcodeBits;
  if ((byte & kRsv23Bits) != 0) return FrameFault::ReservedBit;
  if (!is_known(opcode)) return FrameFault::UnknownOpcode;
  const bool control = opcode >= 8;
  if ((byte & kRsv1Bit) != 0 && (control || opcode == 0)) return FrameFault::CompressedControl;
  if (control && (byte & kFinBit) == 0) return FrameFault::FragmentedControl;
  return std::nullopt;
}

/// RFC 6455 section 5.2: the shortest form only, and the top bit of 64 is clear.
std::optional<FrameFault> check_length(std::uint8_t length7, std::uint64_t length) {
  if (length7 == kLength16 && length < kLength16) return FrameFault::LengthNotMinimal;
  if (length7 == kLength64 && length <= 0xFFFF) return FrameFault::LengthNotMinimal;
  if (length7 == kLength64 && (length >> 63) != 0) return FrameFault::LengthTopBit;
  return std::nullopt;
}

}  // namespace

ingest::Result<std::optional<ParsedHeader>, FrameFault> parse_frame_header(ingest::ByteView bytes) {
  const std::optional<ParsedHeader> incomplete;
  if (bytes.empty()) return incomplete;
  if (const auto fault = check_first(bytes[0])) return ingest::Failure{*fault};
  if (bytes.size() < 2) return incomplete;
  const std::uint8_t length7 = bytes[1] & kLengthBits;
  if (bytes[0] % 16 >= 8 && length7 > kControlPayloadBytesMax)
    return ingest::Failure{FrameFault::LongControl};
  const std::size_t extra = length_bytes(length7);
  if (bytes.size() < 2 + extra) return incomplete;
  const std::uint64_t length = extra == 0 ? length7 : big_endian(bytes.subspan(2, extra));
  if (const auto fault = check_length(length7, length)) return ingest::Failure{*fault};

  ParsedHeader parsed;
  parsed.header.opcode = static_cast<Opcode>(bytes[0] & kOpcodeBits);
  parsed.header.fin = (bytes[0] & kFinBit) != 0 ? Fin::Yes : Fin::No;
  parsed.header.rsv1 = (bytes[0] & kRsv1Bit) != 0;
  parsed.header.payload_bytes = length;
  parsed.header_bytes = 2 + extra;
  if ((bytes[1] & kMaskBit) != 0) {
    MaskKey key{};
    if (bytes.size() < parsed.header_bytes + key.size()) return incomplete;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(parsed.header_bytes), key.size(),
                key.begin());
    parsed.header.mask = key;
    parsed.header_bytes += key.size();
  }
  return std::optional{parsed};
}

HeaderBytes serialize_frame_header(const FrameHeader& header) {
  HeaderBytes out;
  const std::uint8_t fin = header.fin == Fin::Yes ? kFinBit : 0;
  const std::uint8_t rsv1 = header.rsv1 ? kRsv1Bit : 0;
  out.push(static_cast<std::uint8_t>(fin | rsv1 | static_cast<std::uint8_t>(header.opcode)));
  std::uint8_t length7 = kLength64;
  if (header.payload_bytes <= 0xFFFF) length7 = kLength16;
  if (header.payload_bytes < kLength16) length7 = static_cast<std::uint8_t>(header.payload_bytes);
  out.push(static_cast<std::uint8_t>((header.mask ? kMaskBit : 0) | length7));
  for (std::size_t i = length_bytes(length7); i > 0; --i) {
    out.push(static_cast<std::uint8_t>(header.payload_bytes >> (8 * (i - 1))));
  }
  if (header.mask) {
    for (const std::uint8_t byte : *header.mask)
      out.push(byte);
  }
  return out;
}

HeaderBytes frame_header(Opcode opcode, Fin fin, std::uint64_t payload_bytes) {
  return serialize_frame_header({.opcode = opcode,
                                 .fin = fin,
                                 .rsv1 = false,
                                 .mask = std::nullopt,
                                 .payload_bytes = payload_bytes});
}

}  // namespace gateway::ws
