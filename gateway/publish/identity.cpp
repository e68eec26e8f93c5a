#include "gateway/publish/identity.h"

#include <utility>

namespace gateway::publish {

Identity::Identity(Gatekeeper& gatekeeper, auth::RightsPtr rights, const ingest::IpAddress& from)
    : gatekeeper_(gatekeeper), rights_(std::move(rights)), from_(from) {
  if (rights_ != nullptr) place_ = gatekeeper_.admit(*rights_, 0);
}

ingest::Result<Identity::Shown, auth::Refusal> Identity::show(std::string_view token,
                                                              ingest::WallTime now,
                                                              std::size_t subs) {
  const std::uint64_t generation = gatekeeper_.generation();  // what comes meanwhile is looked at
  auth::RightsPtr rights = TRY(gatekeeper_.identify(token, now, from_));
  if (!rights->may_read()) {
    return ingest::Failure{auth::Refusal{auth::Refusal::Kind::Forbidden, "it may not read"}};
  }
  const bool same = rights_ != nullptr && rights_->where == rights->where;
  if (place_ == nullptr || rights_->holder() != rights->holder())
    place_ = gatekeeper_.admit(*rights, subs);
  rights_ = std::move(rights);
  generation_ = generation;
  told_ = false;
  return same ? Shown::Same : Shown::Other;
}

std::optional<ingest::WallTime> Identity::until() const {
  return rights_ == nullptr ? std::nullopt : rights_->until;
}

Identity::Due Identity::look(ingest::WallTime now) {
  if (rights_ == nullptr) return Due::Nothing;
  if (rights_->until && now >= *rights_->until) return Due::Expired;
  const std::uint64_t generation = gatekeeper_.generation();
  if (std::exchange(generation_, generation) != generation &&
      !gatekeeper_.still_gives(*rights_, now))
    return Due::Revoked;
  if (told_ || !rights_->until || now < *rights_->until - kNotice) return Due::Nothing;
  told_ = true;
  return Due::Notice;
}

std::optional<ingest::WallTime> Identity::look_at() const {
  if (rights_ == nullptr || !rights_->until) return std::nullopt;
  return told_ ? *rights_->until : *rights_->until - kNotice;
}

}  // namespace gateway::publish
