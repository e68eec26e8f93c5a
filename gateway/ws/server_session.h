#pragma once
// ServerSession: one WebSocket connection after its 101, seen from the server. Pure; owned by a
// connection, on that connection's worker.
//
// What it must not know: data frames. They are shared between connections and written by the
// connection itself, which keeps this contract:
//   - control output goes out only between whole data frames: finish the frame being written, then
//     output(), then data; only a Close may wait for data that was due before it;
//   - a new data frame is begun only while may_send(), or while output_is_close() and none of that
//     Close is out;
//   - after each receive(): next_event() until nullopt, then write output() and call output_sent();
//   - when finished() and output() is empty, the server closes TCP first (RFC 6455 section 7.1.1);
//   - deadlines (no answer to our Close: 5 s; draining after Failed: 1 s) are the connection's.

#include "gateway/ws/session.h"

namespace gateway::ws {

class ServerSession : public Session {
 public:
  /// `inflater` is the worker's where permessage-deflate was agreed; null: RSV1 is a fault.
  explicit ServerSession(Options options = {}, Inflater* inflater = nullptr)
      : Session(Role::Server, options, nullptr, inflater) {}
};

}  // namespace gateway::ws
