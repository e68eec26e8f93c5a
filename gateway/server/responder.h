#pragma once
// Responder: answers each WebSocket message by itself, in place of the subscription protocol. The
// product has none; a program that offers the engine alone (tests/conformance/ws_echo.cpp) gives
// one to its Site. Where there is one, every path is a WebSocket for every Host and Origin. Shared
// by all workers: immutable.

#include <cstdint>
#include <string_view>

#include "gateway/publish/frame.h"
#include "gateway/ws/deflate.h"
#include "gateway/ws/frame.h"

namespace gateway::server {

class Responder {
 public:
  struct Message {
    ws::Opcode opcode = ws::Opcode::Text;  // or Binary
    std::string_view bytes;                // inflated; valid during the call
    /// The worker's, where the message came compressed and a compressed answer may go back; else
    /// null.
    ws::Deflater* deflater = nullptr;
  };

  Responder() = default;
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  virtual ~Responder() = default;
  /// A frame for this client alone; null: no answer.
  virtual publish::FramePtr answer(const Message& message) const = 0;
};

}  // namespace gateway::server
