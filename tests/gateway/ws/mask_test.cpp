#include "gateway/ws/mask.h"

#include <gtest/gtest.h>

#include <vector>

namespace gateway::ws {
namespace {

void plain_mask(std::span<std::uint8_t> bytes, const MaskKey& key, std::uint64_t offset) {
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] ^= key[(offset + i) % 4];
}

TEST(WsMask, EqualsThePlainOneAtEverySizePhaseAndAlignment) {
  constexpr MaskKey kKey{0x12, 0xAB, 0x00, 0xFF};
  for (std::size_t size = 0; size <= 200; ++size) {
    for (std::size_t shift = 0; shift < 8; ++shift) {
      std::vector<std::uint8_t> fast(size + shift);
      for (std::size_t i = 0; i < fast.size(); ++i)
        fast[i] = static_cast<std::uint8_t>(i * 7);
      std::vector<std::uint8_t> plain = fast;
      apply_mask(std::span{fast}.subspan(shift), kKey, shift + 5);
      plain_mask(std::span{plain}.subspan(shift), kKey, shift + 5);
      ASSERT_EQ(fast, plain) << size << " bytes at phase " << shift;
    }
  }
}

TEST(WsMask, UndoesItselfInPieces) {
  constexpr MaskKey kKey{9, 8, 7, 6};
  std::vector<std::uint8_t> bytes(100, 0x55);
  apply_mask(bytes, kKey, 0);
  for (std::size_t at = 0; at < bytes.size(); ++at)
    apply_mask(std::span{bytes}.subspan(at, 1), kKey, at);
  EXPECT_EQ(bytes, std::vector<std::uint8_t>(100, 0x55));
}

TEST(WsMask, KeepsThePhaseFarIntoAPayload) {
  std::vector<std::uint8_t> bytes(1, 0);
  apply_mask(bytes, {1, 2, 3, 4}, (1ULL << 40) + 3);
  EXPECT_EQ(bytes[0], 4);
}

}  // namespace
}  // namespace gateway::ws
