#pragma once
// Utf8Validator: UTF-8 (RFC 3629) in pieces, refused at the first byte that no valid text can have
// there.

#include <cstdint>
#include <string_view>

#include "ingest/base/bytes.h"

namespace gateway::ws {

class Utf8Validator {
 public:
  /// False as soon as a byte is impossible; the validator is then dead until reset().
  [[nodiscard]] bool accept(ingest::ByteView bytes);
  /// No code point is half read.
  bool complete() const { return missing_ == 0; }
  void reset() { *this = {}; }

 private:
  bool accept_byte(std::uint8_t byte);

  std::uint8_t missing_ = 0;  // bytes of the open code point still to come
  std::uint8_t low_ = 0x80;   // the range of the next of them
  std::uint8_t high_ = 0xBF;
};

bool is_valid_utf8(std::string_view text);
/// The longest prefix of at most `bytes_max` bytes that is whole, valid UTF-8.
std::string_view valid_utf8_prefix(std::string_view text, std::size_t bytes_max);

}  // namespace gateway::ws
