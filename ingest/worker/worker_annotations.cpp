// Events and service checks on their way to the hub.

#include <optional>
#include <utility>

#include "ingest/worker/worker.h"

namespace ingest::worker {

void Worker::annotate(const model::Annotation& annotation) {
  if (refuse_note(annotation.source, annotation.time)) return;
  send(model::keep(annotation, arrival_));
}

Worker::Noted Worker::take_event(model::KeptAnnotation event, const IpAddress& sender,
                                 RuleIndex rule) {
  const auto refused = refuse_note(sources_.index_of(rule, sender, loop_.mono()), event.time);
  return refused ? *refused : send(std::move(event));
}

// An event or a service check counts against its sender's rate as one sample does.
std::optional<Worker::Noted> Worker::refuse_note(std::uint32_t sender,
                                                 std::optional<WallTime> time) {
  ++ledger_.annotations;
  const auto admitted = sources_.admit(sender, 1, loop_.mono());
  if (admitted.count == 0) {
    ++ledger_.annotations_limited;
    const bool rate = admitted.limit == series::SourceBook::Limit::Rate;
    offenders_.limited(rate ? series::Offence::Rate : series::Offence::NotAllowed,
                       sources_.sender(sender), 1);
    return Noted::Limited;
  }
  see_time();
  if (time > arrival_ + options_.future) {
    ++ledger_.annotations_future;
    return Noted::Future;
  }
  return std::nullopt;
}

Worker::Noted Worker::send(model::KeptAnnotation kept) {
  const bool cut = kept.cut;
  if (!outbox_.annotate(std::move(kept))) {
    ++ledger_.annotations_crowded;
    return Noted::Crowded;
  }
  if (cut) ++ledger_.annotations_cut;
  return Noted::Kept;
}

}  // namespace ingest::worker
