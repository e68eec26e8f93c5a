// A connection that is reset while requests wait for the answers of those before them: what had
// come by then is taken all the same, and nobody hears what it came to.

#include "gateway/server/connection.h"

namespace gateway::server {

/// What waits behind a question need not wait for its answer, which nobody hears. Of a WebSocket
/// what waits are wishes of somebody who has gone.
void Connection::severed() {
  auto* http = std::get_if<HttpPhase>(&phase_);
  if (!paused_ || http == nullptr) return gone(Ended::PeerReset);
  http->leave(commons_);
  severed_ = true;
  write_broken_ = true;
  commons_.loop.remove(transport_.fd());  // it would tell of the reset in every turn
  mark_due();
}

/// In place of flush(). The works of its requests mark it due as they end.
void Connection::take_the_rest() {
  outbox_ = {};
  resume_reading();
  if (ended_ || waits()) return;
  const bool http = std::holds_alternative<HttpPhase>(phase_);
  if (http && paused_) return mark_due();  // until the answers to these are dropped in their turn
  if (!http || !may_read()) return gone(Ended::PeerReset);
  read_some(Signs::Broken);
  if (!ended_ && !waits()) mark_due();
}

}  // namespace gateway::server
