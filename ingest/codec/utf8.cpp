#include "ingest/codec/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ingest::codec {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

bool is_in(std::uint8_t byte, std::uint8_t least, std::uint8_t most) {
  return byte >= least && byte <= most;
}

/// The length of the sequence at `at`, 0 when it is malformed (RFC 3629 section 4).
std::size_t sequence_bytes(std::string_view text, std::size_t at) {
  const std::uint8_t lead = byte_at(text, at);
  if (is_in(lead, 0x01, 0x7f)) return 1;
  std::size_t bytes = 0;
  std::uint8_t second_least = 0x80;
  std::uint8_t second_most = 0xbf;
  if (is_in(lead, 0xc2, 0xdf)) {
    bytes = 2;
  } else if (is_in(lead, 0xe0, 0xef)) {
    bytes = 3;
    if (lead == 0xe0) second_least = 0xa0;  // overlong below
    if (lead == 0xed) second_most = 0x9f;   // surrogates above
  } else if (is_in(lead, 0xf0, 0xf4)) {
    bytes = 4;
    if (lead == 0xf0) second_least = 0x90;  // overlong below
    if (lead == 0xf4) second_most = 0x8f;   // U+10FFFF is the last
  }
  if (bytes == 0 || at + bytes > text.size()) return 0;
  if (!is_in(byte_at(text, at + 1), second_least, second_most)) return 0;
  for (std::size_t i = 2; i < bytes; ++i) {
    if (!is_in(byte_at(text, at + i), 0x80, 0xbf)) return 0;
  }
  return bytes;
}

}  // namespace

bool is_plain_ascii(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  std::size_t at = 0;
  std::uint64_t found = 0;
  for (; at + sizeof found <= text.size(); at += sizeof found) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    // A byte that is high has its bit in `word`, one that is NUL borrows it in `word - kOnes`.
    found |= word | (word - kOnes);
  }
  for (; at < text.size(); ++at) {
    if (!is_in(byte_at(text, at), 0x01, 0x7f)) return false;
  }
  return (found & kHighs) == 0;
}

bool is_utf8_without_nul(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = sequence_bytes(text, at);
    if (bytes == 0) return false;
    at += bytes;
  }
  return true;
}

}  // namespace ingest::codec
