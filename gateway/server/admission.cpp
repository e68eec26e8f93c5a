#include "gateway/server/admission.h"

#include <optional>
#include <string>
#include <utility>

#include "gateway/server/answer.h"
#include "gateway/server/caller.h"
#include "gateway/server/credentials.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/query_fault.h"
#include "gateway/server/write_wish.h"

namespace gateway::server {
namespace {

using auth::Refusal;
using auth::Rights;
using http::Request;
using http::Response;
using ingest::query::Code;
using ingest::query::Fault;

/// Whether anybody may.
bool is_open(Needs needs, const AnswerContext& context) {
  if (context.access == nullptr) return true;
  const auth::Authenticator& now = context.access->authenticator();
  switch (needs) {
    case Needs::Nothing:
      return true;
    case Needs::Reader:
    case Needs::Everything:
      return !now.guards_reading();
    case Needs::Writer:
      return !now.guards_writing();
    case Needs::Author:
    case Needs::Admin:
      return !now.guards_reading() && !now.guards_writing();
    case Needs::Scraper:
      return !now.guards_reading() ||
             context.site.settings.metrics_open != Settings::MetricsOpen::None;
  }
  return false;
}

bool has(const Rights& rights, Needs needs) {
  switch (needs) {
    case Needs::Nothing:
      return true;
    case Needs::Reader:
      return rights.may_read();
    case Needs::Everything:
    case Needs::Scraper:
      return rights.may_read() && rights.where.empty();
    case Needs::Writer:
    case Needs::Author:
      return rights.may_write();
    case Needs::Admin:
      return rights.role == auth::Role::Admin;
  }
  return false;
}

Fault forbidden(Needs needs) {
  std::string msg = "this token gives no right to that";
  if (needs == Needs::Writer || needs == Needs::Author) msg = "this token may not write";
  if (needs == Needs::Reader) msg = "this token may not read";
  if (needs == Needs::Admin) msg = "this is for admins";
  if (needs == Needs::Everything) msg = "this is for tokens that see every series";
  return {Code::AuthForbidden, std::move(msg), false};
}

/// RFC 6750 section 3; Influx 1's clients have passwords only.
std::string_view challenge(Code code, Dialect dialect) {
  if (dialect == Dialect::Influx1) return R"(Basic realm="weir")";
  return code == Code::AuthRequired ? "Bearer realm=\"weir\""
                                    : "Bearer realm=\"weir\", error=\"invalid_token\"";
}

/// Tokens that nobody looked at count where that was decided.
void count(Code code, Needs needs, const AnswerContext& context) {
  if (context.counts == nullptr || code == Code::LimitRate) return;
  context.counts->auth_refused(code);
  if (needs == Needs::Writer)
    context.counts->write_refused(code == Code::AuthRequired ? WriteRefused::NoToken
                                                             : WriteRefused::BadToken);
}

Response refuse(const Fault& fault, Needs needs, const Request& request,
                const AnswerContext& context) {
  count(fault.code, needs, context);
  const int status = status_of(fault.code);
  const Dialect dialect = dialect_of(request.path);
  Response response =
      dialect == Dialect::Own ? refused(fault) : fault_answer(status, fault.msg, request.path);
  if (status == 429 && dialect != Dialect::Own) response.add("Retry-After", "1");
  if (status == 401) response.add("WWW-Authenticate", challenge(fault.code, dialect));
  return response;
}

/// Whatever it was, it counts once: nothing of it is left for whoever reads the log.
Admission redeem(const std::string& ticket, const Request& request, const AnswerContext& context) {
  auto rights = context.site.tickets->redeem(ticket, context.mono);
  // What it stands for may have been taken away since.
  const bool holds =
      rights && (*rights == nullptr || context.access->still_gives(**rights, context.now));
  if (!holds) {
    return refuse({Code::AuthInvalidToken, "the ticket is unknown, used or over", false},
                  Needs::Reader, request, context);
  }
  return *std::move(rights);
}

/// Of who was let in, or of a token that he shows though none was asked of him.
auth::RightsPtr rights_shown(const Request& request, const AnswerContext& context) {
  if (context.rights != nullptr || context.access == nullptr) return context.rights;
  const auto shown = shown_token(request, TokenInQuery::No, context.scheme);
  if (!shown || shown->malformed) return nullptr;
  auto rights = identify(shown->token, request, context);
  return rights ? *std::move(rights) : nullptr;
}

}  // namespace

Fault fault_of(Refusal::Kind kind) {
  switch (kind) {
    case Refusal::Kind::Invalid:
      break;
    case Refusal::Kind::Expired:
      return {Code::AuthExpired, "the token has expired", false};
    case Refusal::Kind::Forbidden:
      return {Code::AuthForbidden, "the token gives no right here", false};
    case Refusal::Kind::Unread:
      return {Code::LimitRate, "too many tokens from this address were none", true};
  }
  return {Code::AuthInvalidToken, "the token is not known here", false};
}

Admission admit_stream(const Request& request, const AnswerContext& context) {
  const auto ticket = request.query_parameter("ticket");
  if (!ticket || is_open(Needs::Reader, context)) return admit(request, Needs::Reader, context);
  return redeem(*ticket, request, context);
}

Admission admit_upgrade(const Request& request, const AnswerContext& context) {
  if (is_open(Needs::Reader, context)) return auth::RightsPtr{};
  if (const auto ticket = request.query_parameter("ticket"))
    return redeem(*ticket, request, context);
  if (request.header("authorization")) return admit(request, Needs::Reader, context);
  const auto shown = shown_token(request, TokenInQuery::No, context.scheme);
  if (!shown || shown->malformed) return auth::RightsPtr{};
  const auto rights = identify(shown->token, request, context);
  return rights && (*rights)->may_read() ? *rights : auth::RightsPtr{};
}

bool sees_everything(const Request& request, const AnswerContext& context) {
  if (is_open(Needs::Everything, context)) return true;
  const auth::RightsPtr rights = rights_shown(request, context);
  return rights != nullptr && has(*rights, Needs::Everything);
}

bool is_admin(const Request& request, const AnswerContext& context) {
  const auth::RightsPtr rights = rights_shown(request, context);
  return rights != nullptr && rights->role == auth::Role::Admin;
}

Admission admit(const Request& request, Needs needs, const AnswerContext& context) {
  if (is_open(needs, context)) return auth::RightsPtr{};
  const bool influx1 = dialect_of(request.path) == Dialect::Influx1;
  const auto shown =
      shown_token(request, influx1 ? TokenInQuery::Yes : TokenInQuery::No, context.scheme);
  if (!shown) {
    const std::string_view what =
        needs == Needs::Writer ? "writing needs a token of auth.writers" : "reading needs a token";
    return refuse({Code::AuthRequired, std::string{what} + ": Authorization: Bearer TOKEN", false},
                  needs, request, context);
  }
  if (shown->malformed)
    return refuse({Code::AuthInvalidToken, "the credentials cannot be read", false}, needs, request,
                  context);
  auto rights = identify(shown->token, request, context);
  if (!rights) return refuse(fault_of(rights.error().kind), needs, request, context);
  if (!has(**rights, needs)) return refuse(forbidden(needs), needs, request, context);
  return *std::move(rights);
}

}  // namespace gateway::server
