#include "gateway/ws_client/secrets.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

#include "ingest/base/check.h"

namespace gateway::ws_client {

Secrets::~Secrets() {
  OPENSSL_cleanse(block_.data(), block_.size());
}

/// Without random numbers no frame may be sent: OpenSSL fails only where the kernel has none.
void Secrets::fill(std::span<std::uint8_t> bytes) {
  CHECK(bytes.size() <= block_.size());
  if (left_ < bytes.size()) {
    CHECK(RAND_bytes(block_.data(), static_cast<int>(block_.size())) == 1);
    left_ = block_.size();
  }
  const auto fresh = std::span{block_}.last(left_).first(bytes.size());
  std::copy(fresh.begin(), fresh.end(), bytes.begin());
  std::fill(fresh.begin(), fresh.end(), std::uint8_t{0});
  left_ -= bytes.size();
}

ws::MaskKey Secrets::next_key() {
  ws::MaskKey key{};
  fill(key);
  return key;
}

ws::HandshakeNonce Secrets::nonce() {
  ws::HandshakeNonce bytes{};
  fill(bytes);
  return bytes;
}

std::uint64_t Secrets::number_up_to(std::uint64_t max) {
  std::array<std::uint8_t, 8> bytes{};
  fill(bytes);
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes)
    number = number << 8U | byte;
  // The top of 2^64 is favoured by less than max / 2^64: waits are milliseconds.
  return max == UINT64_MAX ? number : number % (max + 1);
}

}  // namespace gateway::ws_client
