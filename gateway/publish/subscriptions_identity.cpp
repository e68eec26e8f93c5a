// Who asks: tokens shown, rights that end.

#include <algorithm>
#include <utility>

#include "gateway/publish/subscriptions.h"

namespace gateway::publish {
namespace {

using ingest::query::Code;
using ingest::query::Fault;

/// What a client hears of its token, and how the connection ends: one that has expired is worth
/// coming back with another.
struct TurnedAway {
  Fault fault;
  CloseCode code = CloseCode::InvalidToken;
};
TurnedAway turned_away(auth::Refusal::Kind kind) {
  switch (kind) {
    case auth::Refusal::Kind::Invalid:
      break;
    case auth::Refusal::Kind::Expired:
      return {{Code::AuthExpired, "the token has expired", false}, CloseCode::TokenExpired};
    case auth::Refusal::Kind::Forbidden:
      return {{Code::AuthForbidden, "the token gives no right to read", false},
              CloseCode::Forbidden};
    case auth::Refusal::Kind::Unread:
      return {{Code::LimitRate, "too many tokens from this address were none", true},
              CloseCode::Overloaded};
  }
  return {{Code::AuthInvalidToken, "the token is not known here", false}, CloseCode::InvalidToken};
}

/// Others are counted where they arise.
void count(Desk& desk, Code code) {
  if (code < Code::AuthRequired || code > Code::AuthRevoked) return;
  const auto first = static_cast<std::size_t>(Code::AuthRequired);
  ++desk.auth_refused.at(static_cast<std::size_t>(code) - first);
}

}  // namespace

void Subscriptions::turn_away(Fault fault, CloseCode code, Desk& desk, Now now) {
  count(desk, fault.code);
  refuse({{}, std::move(fault)}, desk, now);
  close(code);
}

/// False when the connection ends by it.
bool Subscriptions::show(std::string_view token, Desk& desk, Now now) {
  const auto shown = identity_->show(token, now.wall, subs_.size());
  if (!shown) {
    TurnedAway away = turned_away(shown.error().kind);
    turn_away(std::move(away.fault), away.code, desk, now);
    return false;
  }
  if (is_crowded(desk, now)) return false;
  if (*shown == Identity::Shown::Other) revoke_subscriptions(desk);
  return true;
}

/// Told once: the connection ends by it.
bool Subscriptions::is_crowded(Desk& desk, Now now) {
  if (identity_ == nullptr || !identity_->is_crowded()) return false;
  turn_away({Code::ServerOverloaded,
             "this token has limits.connections_per_identity connections already", true},
            CloseCode::Overloaded, desk, now);
  return true;
}

/// `auth`: another token, before the one there is has ended. Where nobody needs one it means
/// nothing.
void Subscriptions::obey(Auth& auth, Desk& desk, Now now) {
  if (identity_ != nullptr) show(auth.token, desk, now);
}

/// They belong to other rights: the client may ask anew.
void Subscriptions::revoke_subscriptions(Desk& desk) {
  std::vector<std::uint64_t> ids =
      inquiries_ == nullptr ? std::vector<std::uint64_t>{} : inquiries_->ids();
  for (const Entry& entry : subs_) {
    desk.to_hub.emplace_back(Unsubscribe{who_, entry.id});
    if (std::find(ids.begin(), ids.end(), entry.id) == ids.end()) ids.push_back(entry.id);
  }
  for (const std::uint64_t id : ids) {
    forget(id, desk);
    say_of_each(make_frame(unsubd_text(id, Code::AuthRevoked)), desk);
  }
}

void Subscriptions::restrict(ingest::query::Query& query) const {
  ingest::query::restrict(query, allowed());
}

const std::vector<ingest::query::Matcher>& Subscriptions::allowed() const {
  static const std::vector<ingest::query::Matcher> kNone;
  return identity_ != nullptr && identity_->is_known() ? identity_->where() : kNone;
}

std::optional<ingest::WallTime> Subscriptions::check_identity(Desk& desk, Now now) {
  if (identity_ == nullptr || close_) return std::nullopt;
  switch (identity_->look(now.wall)) {
    case Identity::Due::Nothing:
      break;
    case Identity::Due::Notice:
      say(make_frame(expiring_text(*identity_->until() - now.wall)));
      break;
    case Identity::Due::Expired:
      count(desk, Code::AuthExpired);
      close(CloseCode::TokenExpired);
      return std::nullopt;
    case Identity::Due::Revoked:
      count(desk, Code::AuthRevoked);
      revoke_subscriptions(desk);
      close(CloseCode::InvalidToken);
      return std::nullopt;
  }
  return identity_->look_at();
}

}  // namespace gateway::publish
