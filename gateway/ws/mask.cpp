#include "gateway/ws/mask.h"

#include <bit>
#include <cstring>

namespace gateway::ws {
namespace {

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
constexpr std::size_t kBlockBytes = 32;

/// The key from this offset on, twice in a row: one XOR for each eight bytes. Turned in a register:
/// bytes that are stored one by one and loaded as a word would wait for each other.
std::uint64_t turned(const MaskKey& key, std::uint64_t offset) {
  std::uint32_t word = 0;
  std::memcpy(&word, key.data(), sizeof(word));
  const int bits = 8 * static_cast<int>(offset % key.size());
  word = std::endian::native == std::endian::little ? std::rotr(word, bits) : std::rotl(word, bits);
  return static_cast<std::uint64_t>(word) << 32 | word;
}

}  // namespace

void apply_mask(std::span<std::uint8_t> bytes, const MaskKey& key, std::uint64_t offset) {
  const std::uint64_t mask = turned(key, offset);
  std::array<std::uint8_t, kBlockBytes> pattern{};  // bytes, which the compiler makes vectors of
  for (std::size_t i = 0; i < kBlockBytes; i += kWordBytes)
    std::memcpy(pattern.data() + i, &mask, kWordBytes);
  std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= kBlockBytes; left -= kBlockBytes, at += kBlockBytes) {
    std::array<std::uint8_t, kBlockBytes> block{};
    std::memcpy(block.data(), at, kBlockBytes);
    for (std::size_t i = 0; i < kBlockBytes; ++i)
      block[i] ^= pattern[i];
    std::memcpy(at, block.data(), kBlockBytes);
  }
  for (; left >= kWordBytes; left -= kWordBytes, at += kWordBytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, kWordBytes);
    word ^= mask;
    std::memcpy(at, &word, kWordBytes);
  }
  for (std::size_t i = 0; i < left; ++i)
    at[i] ^= pattern[i];
}

std::string make_frame(FrameHeader header, std::string_view payload) {
  header.payload_bytes = payload.size();
  const HeaderBytes head = serialize_frame_header(header);
  std::string frame;
  frame.reserve(head.size() + payload.size());
  frame.append(head.text()).append(payload);
  if (header.mask) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    auto* bytes = reinterpret_cast<std::uint8_t*>(frame.data());
    apply_mask({bytes + head.size(), payload.size()}, *header.mask, 0);
  }
  return frame;
}

}  // namespace gateway::ws
