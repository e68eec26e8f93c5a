#include "gateway/server/hidden_ids.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstring>
#include <memory>

#include "ingest/base/check.h"

namespace gateway::server {
HiddenIds::HiddenIds(unsigned half_bits)
    : half_bits_(half_bits), half_((std::uint64_t{1} << half_bits) - 1) {
  CHECK(RAND_bytes(key_.data(), static_cast<int>(key_.size())) == 1);
}

std::uint64_t HiddenIds::round(int number, std::uint64_t half) const {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  std::array<std::uint8_t, 16> block{};
  block[15] = static_cast<std::uint8_t>(number);
  std::memcpy(block.data(), &half, sizeof(half));
  std::array<std::uint8_t, 32> out{};
  int written = 0;
  CHECK(EVP_EncryptInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, key_.data(), nullptr) == 1);
  CHECK(EVP_EncryptUpdate(context.get(), out.data(), &written, block.data(),
                          static_cast<int>(block.size())) == 1);
  std::uint64_t made = 0;
  std::memcpy(&made, out.data(), sizeof(made));
  return made & half_;
}

std::uint64_t HiddenIds::hide(std::uint64_t id) const {
  if (id == 0) return 0;
  std::uint64_t left = (id >> half_bits_) & half_;
  std::uint64_t right = id & half_;
  for (int i = 0; i < kRounds; ++i) {
    const std::uint64_t next = left ^ round(i, right);
    left = right;
    right = next;
  }
  return (left << half_bits_ | right) + 1;
}

std::uint64_t HiddenIds::show(std::uint64_t hidden) const {
  if (hidden == 0) return 0;
  const std::uint64_t number = hidden - 1;
  std::uint64_t left = (number >> half_bits_) & half_;
  std::uint64_t right = number & half_;
  for (int i = kRounds; i-- > 0;) {
    const std::uint64_t before = right ^ round(i, left);
    right = left;
    left = before;
  }
  return left << half_bits_ | right;
}

}  // namespace gateway::server
