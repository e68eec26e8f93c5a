#pragma once
// Masking (RFC 6455 section 5.3): byte i of a payload is XORed with key[i % 4]. The same call masks
// and unmasks.

#include <cstddef>
#include <cstdint>
#include <span>

#include "gateway/ws/frame.h"

namespace gateway::ws {

/// In place. `offset` is where bytes[0] stands in the frame's payload, so a payload may come in
/// pieces.
void apply_mask(std::span<std::uint8_t> bytes, const MaskKey& key, std::uint64_t offset);

}  // namespace gateway::ws
