#include "gateway/server/caller.h"

#include <chrono>
#include <string>
#include <utility>

#include "gateway/publish/identity.h"
#include "gateway/server/answer.h"
#include "gateway/server/identity_book.h"
#include "gateway/server/query_fault.h"
#include "gateway/server/rate_book.h"

namespace gateway::server {
namespace {

using http::Request;
using http::Response;
using ingest::query::Code;

}  // namespace

ingest::IpAddress counted_address(const Request& request, const AnswerContext& context) {
  const auto client = context.site.write_rules.client_of(request, context.peer);
  const Peer& peer = client ? *client : context.peer;
  return peer.kind == Peer::Kind::Unix || peer.is_loopback() ? ingest::IpAddress{} : peer.ip;
}

std::string party_of(const Request& request, const AnswerContext& context) {
  if (context.rights != nullptr) return publish::party_of(*context.rights);
  const ingest::IpAddress from = counted_address(request, context);
  return from == ingest::IpAddress{} ? std::string{} : ingest::ip_text(ingest::host_of(from));
}

ingest::Result<auth::RightsPtr, auth::Refusal> identify(std::string_view token,
                                                        const Request& request,
                                                        const AnswerContext& context) {
  return context.access->identify(token, context.now, counted_address(request, context));
}

std::optional<Response> refuse_crowd(const auth::Rights* rights, const Request& /*request*/,
                                     const AnswerContext& context) {
  if (rights == nullptr || !context.site.identities->refuses(rights->identity()))
    return std::nullopt;
  Response refusal =
      refused({Code::LimitRate,
               "this token has limits.connections_per_identity connections already", true});
  return refusal;
}

std::optional<Response> refuse_question(const Request& request, const AnswerContext& context) {
  const std::string who = party_of(request, context);
  if (who.empty()) return std::nullopt;
  RateBook& questions = *context.site.questions;
  const auto wait = questions.refuses(who, context.mono);
  if (!wait) {
    questions.count(who, context.mono);
    return std::nullopt;
  }
  Response refusal =
      refused({Code::LimitRate, "more questions than limits.questions_per_second", true});
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait).count();
  std::erase_if(refusal.headers, [](const auto& one) { return one.name == "Retry-After"; });
  refusal.add("Retry-After", std::to_string(seconds));
  return refusal;
}

}  // namespace gateway::server
