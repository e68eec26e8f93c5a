#include "gateway/server/access.h"

#include "ingest/base/check.h"

namespace gateway::server {

void Access::replace(AuthenticatorPtr next) {
  const std::lock_guard lock{mutex_};
  now_ = std::move(next);
  // release: who sees the number and takes the lock finds what it is the number of.
  generation_.fetch_add(1, std::memory_order_release);
}

AuthenticatorPtr Access::now() const {
  const std::lock_guard lock{mutex_};
  return now_;
}

void Doorkeeper::look() {
  const std::uint64_t generation = access_.generation();
  if (generation == generation_) return;
  generation_ = generation;
  authenticator_ = access_.now();
  remembered_.reset();
}

const auth::Authenticator& Doorkeeper::authenticator() {
  look();
  return *authenticator_;
}

std::uint64_t Doorkeeper::generation() {
  look();
  return generation_;
}

ingest::Result<auth::RightsPtr, auth::Refusal> Doorkeeper::identify(std::string_view token,
                                                                    ingest::WallTime now,
                                                                    const ingest::IpAddress& from) {
  look();
  const bool counted = books_.failures != nullptr && from != ingest::IpAddress{};
  if (!counted) return look_up(token, now);
  const ingest::MonoTime mono = books_.loop->mono();
  const std::string address = ingest::ip_text(ingest::host_of(from));
  if (books_.failures->refuses(address, mono)) {
    why_ = "limits.token_failures_per_minute";
    return ingest::Failure{auth::Refusal{auth::Refusal::Kind::Unread, why_}};
  }
  auto rights = look_up(token, now);
  if (!rights && rights.error().kind == auth::Refusal::Kind::Invalid)
    books_.failures->count(address, mono);
  return rights;
}

std::unique_ptr<publish::Place> Doorkeeper::admit(const auth::Rights& rights, std::size_t subs) {
  CHECK(books_.identities != nullptr);
  return books_.identities->admit(rights.identity(), subs);
}

ingest::Result<auth::RightsPtr, auth::Refusal> Doorkeeper::look_up(std::string_view token,
                                                                   ingest::WallTime now) {
  const auth::TokenHash hash = auth::hash_token(token);
  static_assert(kRememberedMax == 256);  // one byte of the hash says where
  if (remembered_ == nullptr)
    remembered_ = std::make_unique<std::array<Remembered, kRememberedMax>>();
  Remembered& place = (*remembered_)[hash.front()];
  const bool known = place.rights != nullptr && auth::same_hash(place.token, hash);
  if (known && authenticator_->still_gives(*place.rights, now)) return place.rights;
  auto rights = authenticator_->identify(token, now);
  if (!rights) {
    why_ = rights.error().why;
    return rights;
  }
  place = {.token = hash, .rights = *rights};
  return rights;
}

}  // namespace gateway::server
