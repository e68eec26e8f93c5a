#pragma once
// Why a peer's bytes ended the session: one fault, one close code, one sentence (the Close frame's
// reason).

#include <cstdint>
#include <string_view>

#include "gateway/ws/frame.h"

namespace gateway::ws {

enum class SessionFault : std::uint8_t {
  ReservedBit,
  UnknownOpcode,
  FragmentedControl,
  LongControl,
  CompressedControl,
  LengthNotMinimal,
  LengthTopBit,
  UnmaskedFrame,
  MaskedFrame,
  CompressedFrame,
  ContinuationWithoutStart,
  MessageInsideMessage,
  MessageTooBig,
  TooManyFragments,
  InvalidUtf8,
  BadDeflate,
  BinaryMessage,
  ShortClose,
  BadCloseCode,
};

SessionFault session_fault(FrameFault fault);
/// The one place where a fault gets its close code.
std::uint16_t close_code_of(SessionFault fault);
/// Static, at most 123 bytes of ASCII.
std::string_view sentence_of(SessionFault fault);

}  // namespace gateway::ws
