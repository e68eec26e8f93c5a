#include "gateway/ws/handshake.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "gateway/ws/accept_key.h"

namespace gateway::ws {
namespace {

using ingest::Failure;

constexpr std::string_view kVersion = "13";

Refusal bad_request(std::string_view sentence) {
  return {.status = 400, .headers = {}, .sentence = std::string{sentence}, .close = true};
}

Refusal upgrade_required(std::string_view sentence) {
  return {.status = 426,
          .headers = {{"Sec-WebSocket-Version", std::string{kVersion}},
                      {"Upgrade", "websocket"},
                      {"Connection", "Upgrade"}},
          .sentence = std::string{sentence},
          .close = true};
}

/// One version, one key, no body: whatever is doubled is refused, since a proxy may have read the
/// other one.
std::optional<Refusal> check_headers(const UpgradeRequest& request) {
  if (request.has_body) return bad_request("a WebSocket upgrade has no body");
  if (request.version.size() > 1 ||
      (!request.version.empty() && request.version.front().find(',') != std::string_view::npos)) {
    return bad_request("Sec-WebSocket-Version must stand once, with one value");
  }
  if (request.version.empty() || request.version.front() != kVersion) {
    return upgrade_required(
        "this server speaks WebSocket version 13: send Sec-WebSocket-Version: 13");
  }
  if (request.key.size() != 1 || !is_valid_key(request.key.front())) {
    return bad_request("Sec-WebSocket-Key must stand once and be 16 bytes in base64");
  }
  return std::nullopt;
}

/// Ours decide the order. Returns "" when the client offered none.
ingest::Result<std::string, Refusal> choose_protocol(const UpgradeRequest& request,
                                                     std::span<const std::string_view> ours) {
  if (request.protocol.empty()) return std::string{};
  auto offered = elements_of(request.protocol);
  if (offered.empty() || !std::all_of(offered.begin(), offered.end(), is_token)) {
    return Failure{bad_request("Sec-WebSocket-Protocol is not a list of tokens")};
  }
  std::sort(offered.begin(), offered.end());
  if (std::adjacent_find(offered.begin(), offered.end()) != offered.end()) {
    return Failure{bad_request("Sec-WebSocket-Protocol offers a token twice")};
  }
  for (const std::string_view name : ours) {
    if (std::binary_search(offered.begin(), offered.end(), name)) return std::string{name};
  }
  return Failure{
      bad_request("no offered subprotocol is known here: use " + join(ours) + " or offer none")};
}

}  // namespace

bool asks_for_websocket(const UpgradeRequest& request) {
  // RFC 9110 section 7.8: Upgrade in an HTTP/1.0 request is ignored.
  return request.minor_version > 0 && has_token(request.connection, "upgrade") &&
         has_token(request.upgrade, "websocket");
}

ingest::Result<Upgrade, Refusal> check_upgrade(const UpgradeRequest& request,
                                               std::span<const std::string_view> protocols,
                                               Compression compression) {
  if (!request.is_get) {
    return Failure{Refusal{.status = 405,
                           .headers = {{"Allow", "GET"}},
                           .sentence = "a WebSocket is opened with GET",
                           .close = true}};
  }
  if (!asks_for_websocket(request)) {
    return Failure{
        upgrade_required("this is a WebSocket endpoint: connect with new WebSocket(url)")};
  }
  if (auto refusal = check_headers(request)) return Failure{*std::move(refusal)};
  Upgrade upgrade{TRY(choose_protocol(request, protocols)), std::nullopt, {}};
  upgrade.headers = {{"Upgrade", "websocket"},
                     {"Connection", "Upgrade"},
                     {"Sec-WebSocket-Accept", accept_key(request.key.front())}};
  if (!upgrade.protocol.empty())
    upgrade.headers.emplace_back("Sec-WebSocket-Protocol", upgrade.protocol);
  auto choice = choose_deflate(request.extensions);
  if (!choice) return Failure{bad_request("Sec-WebSocket-Extensions is not a list of extensions")};
  if (*choice && compression == Compression::Deflate) {
    upgrade.deflate = (*choice)->agreement;
    upgrade.headers.emplace_back("Sec-WebSocket-Extensions", std::move((*choice)->answer));
  }
  return upgrade;
}

}  // namespace gateway::ws
