#pragma once
// Identity: who one connection is, where readers need a token: the rights that it showed, and when
// they end. It knows no message and no socket. Part of a connection's Subscriptions, which has none
// where reading is open.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/auth/authenticator.h"
#include "ingest/base/clock.h"
#include "ingest/base/ip_address.h"
#include "ingest/base/result.h"
#include "ingest/query/bounds.h"
#include "ingest/query/query.h"

namespace gateway::publish {

/// Whom limits count as one, of those that show a token.
inline std::string party_of(const auth::Rights& rights) {
  return "token " + rights.identity();
}

/// A connection's place among those of its holder, over all workers and addresses; goes with it.
class Place {
 public:
  Place() = default;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  virtual ~Place() = default;
  /// False, counted, where the holder has as many subscriptions as he may.
  virtual bool add_sub() = 0;
  virtual void drop_subs(std::size_t count) = 0;
};

/// Whom to ask; the server implements it, for all connections of a worker.
class Gatekeeper {
 public:
  Gatekeeper() = default;
  Gatekeeper(const Gatekeeper&) = delete;
  Gatekeeper& operator=(const Gatekeeper&) = delete;
  virtual ~Gatekeeper() = default;

  virtual bool guards_reading() = 0;
  /// `from` is nobody's address where it does not matter.
  virtual ingest::Result<auth::RightsPtr, auth::Refusal> identify(
      std::string_view token, ingest::WallTime now, const ingest::IpAddress& from) = 0;
  /// For a connection that has `subs` already; null, counted, where its holder has as many
  /// connections as he may.
  virtual std::unique_ptr<Place> admit(const auth::Rights& rights, std::size_t subs) = 0;
  /// As auth::Authenticator has it.
  virtual bool still_gives(const auth::Rights& rights, ingest::WallTime now) = 0;
  /// Another number than before: what gave rights may give them no more.
  virtual std::uint64_t generation() = 0;
};

class Identity {
 public:
  /// How long before the end a client is told.
  static constexpr ingest::Millis kNotice{60'000};

  /// `rights` are those of the upgrade's request, null where it showed none; it came `from` there.
  /// The gatekeeper outlives it.
  Identity(Gatekeeper& gatekeeper, auth::RightsPtr rights, const ingest::IpAddress& from = {});

  bool is_known() const { return rights_ != nullptr; }
  std::string_view name() const { return is_known() ? std::string_view{rights_->name} : ""; }
  /// Its holder has as many connections as he may without this one.
  bool is_crowded() const { return is_known() && place_ == nullptr; }
  /// False where its holder has as many subscriptions as he may.
  bool add_sub() { return place_ != nullptr && place_->add_sub(); }
  void drop_subs(std::size_t count) {
    if (place_ != nullptr) place_->drop_subs(count);
  }
  /// What every query of it gets besides its own; only while known.
  const std::vector<ingest::query::Matcher>& where() const { return rights_->where; }

  /// The same, shared with the rights; null where it sees everything.
  ingest::query::Bounds bounds() const { return auth::bounds_of(rights_); }
  /// Empty while unknown.
  std::string party() const { return is_known() ? party_of(*rights_) : std::string{}; }

  /// What a new token means for what was asked before.
  enum class Shown : std::uint8_t {
    Same,   // it sees what it saw
    Other,  // it does not: what it subscribed to belongs to other rights
  };
  /// By a connection that has `subs`. Look at is_crowded() then.
  ingest::Result<Shown, auth::Refusal> show(std::string_view token, ingest::WallTime now,
                                            std::size_t subs);

  enum class Due : std::uint8_t {
    Nothing,
    Notice,   // once for each token: it ends within kNotice
    Expired,  // it is over
    Revoked,  // it is known no more
  };
  Due look(ingest::WallTime now);
  /// When look() may find something that is not found at any other time; absent: never.
  std::optional<ingest::WallTime> look_at() const;
  std::optional<ingest::WallTime> until() const;

 private:
  Gatekeeper& gatekeeper_;
  auth::RightsPtr rights_;
  std::unique_ptr<Place> place_;
  ingest::IpAddress from_;
  std::uint64_t generation_ = 0;  // no gatekeeper's: rights of the upgrade are looked at again
  bool told_ = false;
};

}  // namespace gateway::publish
