#pragma once
// The server's half of the opening handshake (RFC 6455 section 4.2): is this request an upgrade we
// take, and what is the answer. Pure; knows no http room: the server fills UpgradeRequest from its
// http::Request and turns the answer into a response. Host, Origin, path, limits and draining are
// the server's own business, decided before.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ws/extension.h"
#include "gateway/ws/header_text.h"
#include "ingest/base/result.h"

namespace gateway::ws {

/// Views of the request; each vector holds one entry for each header line of that name.
struct UpgradeRequest {
  bool is_get = false;
  int minor_version = 1;                     // HTTP/1.minor
  bool has_body = false;                     // Content-Length above 0, or Transfer-Encoding
  std::vector<std::string_view> connection;  // Connection
  std::vector<std::string_view> upgrade;     // Upgrade
  std::vector<std::string_view> version;     // Sec-WebSocket-Version
  std::vector<std::string_view> key;         // Sec-WebSocket-Key
  std::vector<std::string_view> protocol;    // Sec-WebSocket-Protocol
  std::vector<std::string_view> extensions;  // Sec-WebSocket-Extensions
};

/// 101: these headers (Upgrade, Connection, Sec-WebSocket-Accept, perhaps Sec-WebSocket-Protocol
/// and Sec-WebSocket-Extensions).
struct Upgrade {
  std::string protocol;                     // the chosen subprotocol; "" when none was offered
  std::optional<DeflateAgreement> deflate;  // agreed: the session gets an Inflater
  HeaderLines headers;
};

/// 400, 405 or 426. Where `close`, the answer also says "close" and the connection ends.
struct Refusal {
  int status = 400;
  HeaderLines headers;  // besides the usual ones; "Connection: Upgrade" and "Upgrade: websocket" of
                        // a 426 included
  std::string sentence;  // says what to do; without a final stop
  bool close = false;
};

/// `protocols` are ours, the most wanted first. Compression::None declines every extension.
ingest::Result<Upgrade, Refusal> check_upgrade(const UpgradeRequest& request,
                                               std::span<const std::string_view> protocols,
                                               Compression compression = Compression::None);

/// Does the request ask for WebSocket at all: the token "upgrade" in Connection and "websocket" in
/// Upgrade?
bool asks_for_websocket(const UpgradeRequest& request);

}  // namespace gateway::ws
