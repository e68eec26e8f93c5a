#include "gateway/ws/mask.h"

#include <cstring>

namespace gateway::ws {
namespace {

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
constexpr std::size_t kBlockWords = 4;
constexpr std::size_t kBlockBytes = kWordBytes * kBlockWords;

}  // namespace

void apply_mask(std::span<std::uint8_t> bytes, const MaskKey& key, std::uint64_t offset) {
  // The key turned so that it begins at this offset, twice in a row: one XOR for each eight bytes.
  std::array<std::uint8_t, kWordBytes> turned{};
  for (std::size_t i = 0; i < turned.size(); ++i)
    turned[i] = key[(offset + i) % key.size()];
  std::uint64_t mask = 0;
  std::memcpy(&mask, turned.data(), sizeof(mask));

  std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= kBlockBytes; left -= kBlockBytes, at += kBlockBytes) {
    std::array<std::uint64_t, kBlockWords> words{};
    std::memcpy(words.data(), at, kBlockBytes);
    for (std::uint64_t& word : words)
      word ^= mask;
    std::memcpy(at, words.data(), kBlockBytes);
  }
  for (; left >= kWordBytes; left -= kWordBytes, at += kWordBytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, kWordBytes);
    word ^= mask;
    std::memcpy(at, &word, kWordBytes);
  }
  for (std::size_t i = 0; i < left; ++i)
    at[i] ^= turned[i];
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
