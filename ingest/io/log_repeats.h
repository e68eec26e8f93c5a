#pragma once
// LogRepeats: which lines of an event are told when there are very many, so that a fault that comes
// back each millisecond fills no disk. A value; pure: the time is an argument.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/clock.h"

namespace ingest::io {

class LogRepeats {
 public:
  static constexpr std::uint64_t kAtOnce = 20;  // lines of an event
  static constexpr Millis kOneMore{3'000};      // after so long each, up to kAtOnce
  static constexpr std::size_t kEventsMax = 256;

  /// Nothing: the line is held back. Else how many were since the last one that was told. What is
  /// beyond kEventsMax different events is told.
  std::optional<std::uint64_t> take(std::string_view event, MonoTime now);

 private:
  struct Told {
    std::uint64_t left = kAtOnce;
    MonoTime counted{};  // until then what is left was counted
    std::uint64_t held_back = 0;
  };
  std::map<std::string, Told, std::less<>> events_;
};

}  // namespace ingest::io
