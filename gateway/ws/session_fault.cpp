#include "gateway/ws/session_fault.h"

#include "gateway/ws/close_code.h"
#include "ingest/base/check.h"

namespace gateway::ws {

SessionFault session_fault(FrameFault fault) {
  switch (fault) {
    case FrameFault::ReservedBit:
      return SessionFault::ReservedBit;
    case FrameFault::UnknownOpcode:
      return SessionFault::UnknownOpcode;
    case FrameFault::FragmentedControl:
      return SessionFault::FragmentedControl;
    case FrameFault::LongControl:
      return SessionFault::LongControl;
    case FrameFault::CompressedControl:
      return SessionFault::CompressedControl;
    case FrameFault::LengthNotMinimal:
      return SessionFault::LengthNotMinimal;
    case FrameFault::LengthTopBit:
      return SessionFault::LengthTopBit;
  }
  CHECK(false && "a fault outside its enumeration");
  return {};
}

std::uint16_t close_code_of(SessionFault fault) {
  using enum SessionFault;
  switch (fault) {
    case ReservedBit:
    case UnknownOpcode:
    case FragmentedControl:
    case LongControl:
    case CompressedControl:
    case LengthNotMinimal:
    case LengthTopBit:
    case UnmaskedFrame:
    case MaskedFrame:
    case CompressedFrame:
    case ContinuationWithoutStart:
    case MessageInsideMessage:
    case ShortClose:
    case BadCloseCode:
      return kCloseProtocolError;
    case MessageTooBig:
    case TooManyFragments:
      return kCloseTooBig;
    case InvalidUtf8:
    case BadDeflate:
      return kCloseInvalidData;
    case BinaryMessage:
      return kCloseUnsupported;
  }
  CHECK(false && "a fault outside its enumeration");
  return kCloseInternal;
}

std::string_view sentence_of(SessionFault fault) {
  using enum SessionFault;
  switch (fault) {
    case ReservedBit:
      return "a reserved bit is set";
    case UnknownOpcode:
      return "the opcode is unknown";
    case FragmentedControl:
      return "a control frame is fragmented";
    case LongControl:
      return "a control frame is longer than 125 bytes";
    case CompressedControl:
      return "a control or continuation frame has RSV1 set";
    case LengthNotMinimal:
      return "a frame's length is not in its shortest form";
    case LengthTopBit:
      return "a frame's length has its top bit set";
    case UnmaskedFrame:
      return "a client's frame is not masked";
    case MaskedFrame:
      return "a server's frame is masked";
    case CompressedFrame:
      return "RSV1 is set and no extension was agreed";
    case ContinuationWithoutStart:
      return "a continuation frame continues nothing";
    case MessageInsideMessage:
      return "a message begins inside another one";
    case MessageTooBig:
      return "the message is too big";
    case TooManyFragments:
      return "the message has too many fragments";
    case InvalidUtf8:
      return "a text is not UTF-8";
    case BadDeflate:
      return "a compressed message is not whole DEFLATE data";
    case BinaryMessage:
      return "messages are JSON text, not binary";
    case ShortClose:
      return "a Close frame has one byte";
    case BadCloseCode:
      return "a Close frame's code may not be sent";
  }
  CHECK(false && "a fault outside its enumeration");
  return {};
}

}  // namespace gateway::ws
