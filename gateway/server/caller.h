#pragma once
// Caller: who asks, as far as a request tells: rights and address; and what of it the limits of one
// identity or address say. Any worker's thread.

#include <optional>
#include <string>
#include <string_view>

#include "gateway/auth/authenticator.h"
#include "gateway/http/request.h"
#include "gateway/http/response.h"
#include "ingest/base/ip_address.h"
#include "ingest/base/result.h"

namespace gateway::server {

struct AnswerContext;

/// Who opens a WebSocket or an event stream.
struct Caller {
  auth::RightsPtr rights{};  // null: it showed none
  ingest::IpAddress from{};  // as counted_address()
};

/// The client's address, by the word of a proxy of ours where there is one; nobody's for loopback
/// and Unix sockets, which are not counted: whoever is on this machine has other means.
ingest::IpAddress counted_address(const http::Request& request, const AnswerContext& context);

/// Whom limits count as one: who shows a token, else his address; empty for who is not counted.
std::string party_of(const http::Request& request, const AnswerContext& context);

/// Whose token that is, as the worker's Doorkeeper has it. There is one.
ingest::Result<auth::RightsPtr, auth::Refusal> identify(std::string_view token,
                                                        const http::Request& request,
                                                        const AnswerContext& context);

/// 429 for who has as many connections as limits.connections_per_identity lets him have; null
/// rights have no such limit.
std::optional<http::Response> refuse_crowd(const auth::Rights* rights, const http::Request& request,
                                           const AnswerContext& context);

/// 429 for who asks more often than limits.questions_per_second lets one identity, or one address
/// that shows no token. Counts the question.
std::optional<http::Response> refuse_question(const http::Request& request,
                                              const AnswerContext& context);

}  // namespace gateway::server
