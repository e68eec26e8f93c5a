#include "ingest/hub/durable_waits.h"

#include <algorithm>
#include <utility>

namespace ingest::hub {

using query::DurableAnswer;

query::Durability::Id DurableWaits::wait(query::DurableAsk ask, Done done) {
  const Id id = next_++;
  waiting_[id] = {ask, std::move(done)};
  if (wake_) wake_();
  return id;
}

void DurableWaits::remember() {
  const WallTime durable = archive_.durable_until();
  const std::uint64_t losses = archive_.losses();  // after: what was lost before it is seen
  if (safe_.empty() || safe_.back().losses != losses) safe_.push_back({losses, durable});
  safe_.back().until = std::max(safe_.back().until, durable);
  if (safe_.size() > kSafeMax) safe_.pop_front();
}

std::optional<DurableAnswer> DurableWaits::answer(const query::DurableAsk& ask,
                                                  const archive::ArchiveLedger& ledger) const {
  if (!ledger.on) return DurableAnswer::Off;
  const auto safe = std::ranges::lower_bound(safe_, ask.losses, {}, &Safe::losses);
  const bool known = safe != safe_.end() && safe->losses == ask.losses;
  if (known && safe->until > ask.folded) return DurableAnswer::OnDisk;
  if (safe_.back().losses > ask.losses) return DurableAnswer::Lost;
  return ledger.away ? std::optional{DurableAnswer::Away} : std::nullopt;
}

void DurableWaits::look() {
  remember();
  if (waiting_.empty()) return;
  const archive::ArchiveLedger ledger = archive_.ledger();
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    const auto said = answer(each->second.ask, ledger);
    if (!said) {
      ++each;
      continue;
    }
    const Done done = std::move(each->second.done);
    each = waiting_.erase(each);
    done(*said);
  }
}

}  // namespace ingest::hub
