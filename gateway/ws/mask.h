#pragma once
// Masking (RFC 6455 section 5.3): byte i of a payload is XORed with key[i % 4]. The same call masks
// and unmasks.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gateway/ws/frame.h"

namespace gateway::ws {

/// Where a client's mask keys come from. Each must be fresh and unpredictable (RFC 6455 section
/// 10.3): the caller brings a cryptographic source, so that this room stays pure.
class MaskSource {
 public:
  MaskSource() = default;
  virtual ~MaskSource() = default;
  MaskSource(const MaskSource&) = delete;
  MaskSource& operator=(const MaskSource&) = delete;
  virtual MaskKey next_key() = 0;
};

/// In place. `offset` is where bytes[0] stands in the frame's payload, so a payload may come in
/// pieces.
void apply_mask(std::span<std::uint8_t> bytes, const MaskKey& key, std::uint64_t offset);

/// A whole frame of this payload, masked where the header has a key. The header's payload_bytes is
/// not read.
std::string make_frame(FrameHeader header, std::string_view payload);

}  // namespace gateway::ws
