#include "gateway/ws/client_session.h"

namespace gateway::ws {

std::string client_frame(Opcode opcode, std::string_view payload, MaskKey key, Payload form) {
  FrameHeader header;
  header.opcode = opcode;
  header.rsv1 = form == Payload::Deflated;
  header.mask = key;
  return make_frame(header, payload);
}

}  // namespace gateway::ws
