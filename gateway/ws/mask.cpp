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

}  // namespace gateway::ws
