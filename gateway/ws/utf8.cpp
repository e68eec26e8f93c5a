#include "gateway/ws/utf8.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace gateway::ws {
namespace {

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
constexpr std::size_t kBlockWords = 4;
constexpr std::size_t kBlockBytes = kWordBytes * kBlockWords;
constexpr std::uint64_t kHighBits = 0x8080808080808080;

/// How many bytes at the front are ASCII, found in steps of a block and then of a word.
std::size_t ascii_words(ingest::ByteView bytes) {
  std::size_t count = 0;
  for (; bytes.size() - count >= kBlockBytes; count += kBlockBytes) {
    std::array<std::uint64_t, kBlockWords> words{};
    std::memcpy(words.data(), bytes.data() + count, kBlockBytes);
    if (((words[0] | words[1] | words[2] | words[3]) & kHighBits) != 0) break;
  }
  for (; bytes.size() - count >= kWordBytes; count += kWordBytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + count, kWordBytes);
    if ((word & kHighBits) != 0) break;
  }
  return count;
}

}  // namespace

/// RFC 3629 section 4. The second byte's range keeps out overlong forms (E0, F0), surrogates (ED)
/// and what is above U+10FFFF (F4); C0, C1 and F5 to FF begin nothing.
bool Utf8Validator::accept_byte(std::uint8_t byte) {
  if (missing_ > 0) {
    if (byte < low_ || byte > high_) return false;
    --missing_;
    low_ = 0x80;
    high_ = 0xBF;
    return true;
  }
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  missing_ = 1;
  if (byte >= 0xE0) missing_ = 2;
  if (byte >= 0xF0) missing_ = 3;
  if (byte == 0xE0) low_ = 0xA0;
  if (byte == 0xED) high_ = 0x9F;
  if (byte == 0xF0) low_ = 0x90;
  if (byte == 0xF4) high_ = 0x8F;
  return true;
}

bool Utf8Validator::accept(ingest::ByteView bytes) {
  while (!bytes.empty()) {
    if (missing_ == 0) bytes = bytes.subspan(ascii_words(bytes));
    // Byte by byte to the end of a block's worth, then ASCII is looked for again.
    const std::size_t count = std::min(kBlockBytes, bytes.size());
    for (const std::uint8_t byte : bytes.first(count)) {
      if (!accept_byte(byte)) return false;
    }
    bytes = bytes.subspan(count);
  }
  return true;
}

bool is_valid_utf8(std::string_view text) {
  Utf8Validator validator;
  return validator.accept(ingest::as_bytes(text)) && validator.complete();
}

std::string_view valid_utf8_prefix(std::string_view text, std::size_t bytes_max) {
  text = text.substr(0, bytes_max);
  Utf8Validator validator;
  std::size_t whole = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!validator.accept(ingest::as_bytes(text.substr(i, 1)))) break;
    if (validator.complete()) whole = i + 1;
  }
  return text.substr(0, whole);
}

}  // namespace gateway::ws
