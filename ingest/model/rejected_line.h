#pragma once
// RejectedLine: a line that was dropped as it could not be read, on its way from a codec to whoever
// shows it to people. Views into the bytes that were read.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ingest::model {

struct RejectedLine {
  std::string_view text;    // without its end; any bytes
  std::string_view reason;  // "bad_value"; as long as the program
  /// Of the first byte that could not be read, from 1; behind the last where something is missing.
  std::size_t column = 1;
  std::uint32_t source = 0;  // as Sample::source
};

}  // namespace ingest::model
