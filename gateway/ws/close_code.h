#pragma once
// Close codes (RFC 6455 section 7.4 and IANA's registry; ours in 4000-4999 are DESIGN section 6).

#include <cstddef>
#include <cstdint>

namespace gateway::ws {

inline constexpr std::uint16_t kCloseNormal = 1000;
inline constexpr std::uint16_t kCloseGoingAway = 1001;
inline constexpr std::uint16_t kCloseProtocolError = 1002;
inline constexpr std::uint16_t kCloseUnsupported = 1003;
/// Never on the wire: the peer's Close was empty.
inline constexpr std::uint16_t kCloseNoStatus = 1005;
inline constexpr std::uint16_t kCloseInvalidData = 1007;
inline constexpr std::uint16_t kClosePolicy = 1008;
inline constexpr std::uint16_t kCloseTooBig = 1009;
inline constexpr std::uint16_t kCloseInternal = 1011;

inline constexpr std::size_t kCloseReasonBytesMax = 123;

/// May this code stand in a Close frame, sent or received? 1000-1003, 1007-1014, 3000-4999.
constexpr bool is_wire_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace gateway::ws
