// What there is to ask for, where the hub has to look it up.

#include <utility>

#include "gateway/publish/subscriptions.h"

namespace gateway::publish {

using ingest::query::Code;

void Subscriptions::look_up(Meta& meta, Desk& desk, Now now) {
  Lookups& lookups = inquiries().lookups();
  if (lookups.size() >= Lookups::kWaitingMax) {
    const std::string msg =
        "meta: a connection may ask " + std::to_string(Lookups::kWaitingMax) + " at once";
    return refuse({meta.id, {Code::LimitRate, msg, true}}, desk, now);
  }
  lookups.ask(std::move(meta), bounds(), desk.to_hub);
}

void Subscriptions::looked_up(const Answered& answered, Desk& desk, Now now) {
  if (inquiries_ == nullptr) return;
  const auto told = inquiries_->lookups().answered(answered);
  if (!told) return;  // left, and the hub will know
  if (!told->message) return refuse({told->id, told->message.error()}, desk, now);
  say(make_frame(*told->message));
}

}  // namespace gateway::publish
