#include "gateway/ws/accept_key.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "ingest/base/bytes.h"
#include "ingest/base/check.h"

namespace gateway::ws {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::string_view kPadding = "==";
constexpr std::size_t kKeyBytes = 24;  // base64 of 16

constexpr bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

}  // namespace

bool is_valid_key(std::string_view key) {
  if (key.size() != kKeyBytes || !key.ends_with(kPadding)) return false;
  const std::string_view digits = key.substr(0, kKeyBytes - kPadding.size());
  return std::all_of(digits.begin(), digits.end(), is_base64);
}

std::string accept_key(std::string_view key) {
  std::string joined{key};
  joined += kGuid;
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  const auto bytes = ingest::as_bytes(joined);
  CHECK(SHA1(bytes.data(), bytes.size(), digest.data()) != nullptr);
  constexpr std::size_t kAcceptBytes = 28;  // base64 of 20
  std::array<unsigned char, kAcceptBytes + 1> text{};
  CHECK(EVP_EncodeBlock(text.data(), digest.data(), SHA_DIGEST_LENGTH) ==
        static_cast<int>(kAcceptBytes));
  return std::string{ingest::as_text({text.data(), kAcceptBytes})};
}

}  // namespace gateway::ws
