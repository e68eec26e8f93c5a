#include "ingest/hub/durable_waits.h"

#include <optional>
#include <utility>

namespace ingest::hub {

using query::DurableAnswer;

query::Durability::Id DurableWaits::wait(query::DurableAsk ask, Done done) {
  const Id id = next_++;
  waiting_[id] = {ask.folded, archive_.losses(), std::move(done)};
  if (wake_) wake_();
  return id;
}

void DurableWaits::look() {
  if (waiting_.empty()) return;
  const archive::ArchiveLedger ledger = archive_.ledger();
  const WallTime durable = archive_.durable_until();
  const std::uint64_t losses = archive_.losses();  // after: what was lost before it is seen
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    std::optional<DurableAnswer> answer;
    if (!ledger.on) {
      answer = DurableAnswer::Off;
    } else if (losses != each->second.losses) {
      answer = DurableAnswer::Lost;
    } else if (durable > each->second.folded) {
      answer = DurableAnswer::OnDisk;
    } else if (ledger.degraded) {
      answer = DurableAnswer::Away;
    }
    if (!answer) {
      ++each;
      continue;
    }
    const Done done = std::move(each->second.done);
    each = waiting_.erase(each);
    done(*answer);
  }
}

}  // namespace ingest::hub
