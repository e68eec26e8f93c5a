#pragma once
// Access: whose tokens count, as it is configured now. A reload replaces it as a whole, from any
// thread; each worker looks through a Doorkeeper of its own, which takes the lock only when
// something was replaced.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/auth/authenticator.h"
#include "gateway/publish/identity.h"
#include "gateway/server/identity_book.h"
#include "gateway/server/rate_book.h"
#include "ingest/base/clock.h"
#include "ingest/base/ip_address.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"

namespace gateway::server {

using AuthenticatorPtr = std::shared_ptr<const auth::Authenticator>;

class Access {
 public:
  /// Nobody is configured.
  Access() : now_(std::make_shared<const auth::Authenticator>()) {}
  explicit Access(AuthenticatorPtr first) : now_(std::move(first)) {}
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;
  ~Access() = default;

  void replace(AuthenticatorPtr next);
  AuthenticatorPtr now() const;
  /// Grows with each replace().
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  mutable std::mutex mutex_;
  AuthenticatorPtr now_;
  std::atomic<std::uint64_t> generation_{1};
};

/// One worker's way in: remembers tokens that it has lately let in, so that a signed one is
/// verified once and not for each request. Its thread only.
class Doorkeeper final : public publish::Gatekeeper {
 public:
  /// Tokens remembered; two that want the same place take turns.
  static constexpr std::size_t kRememberedMax = 256;

  /// What it counts, over all workers; all three outlive it. Without books there are no limits.
  struct Books {
    IdentityBook* identities = nullptr;
    RateBook* failures = nullptr;  // by address: tokens that were none
    const ingest::io::EventLoop* loop = nullptr;
  };
  /// The access outlives it.
  Doorkeeper(const Access& access, const Books& books)
      : access_(access), books_(books), authenticator_(access.now()) {}

  const auth::Authenticator& authenticator();
  bool guards_reading() override { return authenticator().guards_reading(); }
  /// Of an address from which too many came that were none, none is looked at, the right one
  /// neither: it would tell who guesses that he has found it.
  ingest::Result<auth::RightsPtr, auth::Refusal> identify(std::string_view token,
                                                          ingest::WallTime now,
                                                          const ingest::IpAddress& from) override;
  std::unique_ptr<publish::Place> admit(const auth::Rights& rights, std::size_t subs) override;
  bool still_gives(const auth::Rights& rights, ingest::WallTime now) override {
    return authenticator().still_gives(rights, now);
  }
  /// Why the last one that was refused was refused, for the log.
  std::string_view why() const { return why_; }
  /// What authenticator() was when somebody was let in: another number asks for another look.
  std::uint64_t generation() override;

 private:
  struct Remembered {
    auth::TokenHash token{};
    auth::RightsPtr rights;
  };
  void look();
  ingest::Result<auth::RightsPtr, auth::Refusal> look_up(std::string_view token,
                                                         ingest::WallTime now);

  const Access& access_;
  Books books_;
  std::uint64_t generation_ = 0;
  AuthenticatorPtr authenticator_;
  std::string why_;
  std::unique_ptr<std::array<Remembered, kRememberedMax>> remembered_;  // made at the first token
};

}  // namespace gateway::server
