#pragma once
// ClientSession: one WebSocket connection after its 101, seen from the client. Events and calls are
// ServerSession's, and so is the contract of its head, with two differences: what goes out is
// masked, and when finished() the client waits a while for the server to close TCP before it does
// (RFC 6455 section 7.1.1). Pure; owned by a client's connection.
//
// Data frames are made by client_frame() and written by the connection.

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/ws/session.h"

namespace gateway::ws {

class ClientSession : public Session {
 public:
  /// `masks` outlives the session. `inflater` where permessage-deflate was agreed; null: RSV1 is a
  /// fault.
  explicit ClientSession(MaskSource& masks, Options options = {}, Inflater* inflater = nullptr)
      : Session(Role::Client, options, &masks, inflater) {}
};

/// How the payload stands in a frame: as it is, or as a Deflater gave it (RSV1).
enum class Payload : std::uint8_t { Plain, Deflated };

/// One whole message as a client sends it. The key is a fresh one of the MaskSource.
std::string client_frame(Opcode opcode, std::string_view payload, MaskKey key,
                         Payload form = Payload::Plain);

}  // namespace gateway::ws
