#pragma once
// Answer: what a request gets, everything but the upgrade on /v1/ws: the gates (Host, Origin), then
// the table of paths. Knows no sockets. Any worker's thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "gateway/http/request.h"
#include "gateway/http/response.h"
#include "gateway/server/assets.h"
#include "gateway/server/counts.h"
#include "gateway/server/peer.h"
#include "gateway/server/site.h"
#include "ingest/base/clock.h"
#include "ingest/query/annotations.h"
#include "ingest/query/catalogue.h"

namespace gateway::server {

constexpr std::string_view kWebSocketPath = "/v1/ws";
constexpr std::string_view kStreamPath = "/v1/stream";

struct WriteDesk;

/// What this worker knows besides the site.
struct AnswerContext {
  const Site& site;
  const ingest::query::Catalogue* catalogue = nullptr;      // none before the hub's first word
  const ingest::query::Annotations* annotations = nullptr;  // none before the first
  const publish::StreamList* streams = nullptr;             // that cost most; the same
  ingest::WallTime now;
  ingest::MonoTime mono{};
  bool draining = false;
  Scheme scheme = Scheme::Unknown;
  Peer peer{};                   // who is at the other end, a PROXY header's word counted
  WriteDesk* desk = nullptr;     // null: nothing takes lines here
  Counts* counts = nullptr;      // null: nobody counts
  Doorkeeper* access = nullptr;  // null: anybody may do anything
  auth::RightsPtr rights{};      // of who asks, once he is let in; null: he needed none
};

/// 421 for a Host that is not ours; 403 for a foreign Origin on `origin_matters` requests.
enum class OriginMatters : std::uint8_t { No, Yes };
std::optional<http::Response> refuse_at_gate(const http::Request& request,
                                             const AnswerContext& context, OriginMatters origin);

/// An embedded file: encoding and 304 as the request allows, security headers on HTML.
http::Response answer_asset(const Asset& asset, const http::Request& request, const Site& site);

/// The table of paths, besides those two and the embedded files.
Routes usual_routes();

/// Any path but those two.
Reply answer(const http::Request& request, const AnswerContext& asked);

/// What a request with a body gets as soon as its head is there, any path but kWebSocketPath: its
/// answer, or the number of bytes that its route takes. Only a route that takes a body reads one.
struct BodyWanted {
  std::size_t bytes_max = 0;
};
std::variant<BodyWanted, http::Response> answer_head(const http::Request& head,
                                                     const AnswerContext& asked);

}  // namespace gateway::server
