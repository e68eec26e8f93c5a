#pragma once
// The client's half of the opening handshake (RFC 6455 section 4.1): the request's headers, and
// whether the server's answer is the one to them. Pure; knows no http room: the caller writes the
// request line and Host, fills UpgradeAnswer from its response parser, and brings the random bytes.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ws/extension.h"
#include "gateway/ws/header_text.h"
#include "ingest/base/result.h"

namespace gateway::ws {

/// 16 bytes from a cryptographic source, fresh for each connection.
using HandshakeNonce = std::array<std::uint8_t, 16>;

struct ClientOffer {
  std::string key;                     // of client_key()
  std::vector<std::string> protocols;  // tokens, the most wanted first; may be empty
  Compression compression = Compression::None;
};

/// The nonce in base64: 24 bytes.
std::string client_key(const HandshakeNonce& nonce);

/// Upgrade, Connection, Sec-WebSocket-Version, -Key, and where offered -Protocol and -Extensions.
HeaderLines request_headers(const ClientOffer& offer);

/// Views of the response; each vector holds one entry for each header line of that name.
struct UpgradeAnswer {
  int status = 0;
  std::vector<std::string_view> connection;  // Connection
  std::vector<std::string_view> upgrade;     // Upgrade
  std::vector<std::string_view> accept;      // Sec-WebSocket-Accept
  std::vector<std::string_view> protocol;    // Sec-WebSocket-Protocol
  std::vector<std::string_view> extensions;  // Sec-WebSocket-Extensions
};

struct Opened {
  std::string protocol;                     // the server's choice; "" when it made none
  std::optional<DeflateAgreement> deflate;  // agreed: the session gets an Inflater
};

/// The error is one sentence, without a final stop, that says what is wrong with the answer; the
/// connection is then to be closed.
ingest::Result<Opened, std::string> check_answer(const UpgradeAnswer& answer,
                                                 const ClientOffer& offer);

}  // namespace gateway::ws
