#include "gateway/ws/client_handshake.h"

#include <openssl/evp.h>

#include <algorithm>
#include <utility>

#include "gateway/ws/accept_key.h"
#include "ingest/base/bytes.h"
#include "ingest/base/check.h"

namespace gateway::ws {
namespace {

using ingest::Failure;

constexpr int kSwitchingProtocols = 101;

/// RFC 6455 section 4.1, the numbered list at its end: 1 to 4.
std::optional<std::string> check_basics(const UpgradeAnswer& answer, std::string_view key) {
  if (answer.status != kSwitchingProtocols)
    return "the server answered " + std::to_string(answer.status) + " instead of 101";
  if (answer.upgrade.size() != 1 || !equals_ignoring_case(trim(answer.upgrade[0]), "websocket"))
    return "the server's 101 lacks Upgrade: websocket";
  if (!has_token(answer.connection, "upgrade")) return "the server's 101 lacks Connection: Upgrade";
  if (answer.accept.empty()) return "the server's 101 lacks Sec-WebSocket-Accept";
  if (answer.accept.size() > 1) return "the server's 101 has Sec-WebSocket-Accept twice";
  if (trim(answer.accept[0]) != accept_key(key))
    return "the server's Sec-WebSocket-Accept is not the answer to our key";
  return std::nullopt;
}

/// None is fine; one that was not offered, or more than one, is not.
ingest::Result<std::string, std::string> check_protocol(const UpgradeAnswer& answer,
                                                        const ClientOffer& offer) {
  if (answer.protocol.empty()) return std::string{};
  if (answer.protocol.size() > 1)
    return Failure{std::string{"the server's 101 has Sec-WebSocket-Protocol twice"}};
  const std::string_view chosen = trim(answer.protocol[0]);
  if (std::find(offer.protocols.begin(), offer.protocols.end(), chosen) == offer.protocols.end())
    return Failure{"the server chose a subprotocol that was not offered: " + quoted(chosen)};
  return std::string{chosen};
}

}  // namespace

std::string client_key(const HandshakeNonce& nonce) {
  constexpr std::size_t kKeyBytes = 24;  // base64 of 16
  std::array<unsigned char, kKeyBytes + 1> text{};
  CHECK(EVP_EncodeBlock(text.data(), nonce.data(), static_cast<int>(nonce.size())) ==
        static_cast<int>(kKeyBytes));
  return std::string{ingest::as_text({text.data(), kKeyBytes})};
}

HeaderLines request_headers(const ClientOffer& offer) {
  HeaderLines lines{{"Upgrade", "websocket"},
                    {"Connection", "Upgrade"},
                    {"Sec-WebSocket-Version", "13"},
                    {"Sec-WebSocket-Key", offer.key}};
  if (!offer.protocols.empty()) {
    const std::vector<std::string_view> names(offer.protocols.begin(), offer.protocols.end());
    lines.emplace_back("Sec-WebSocket-Protocol", join(names));
  }
  if (offer.compression == Compression::Deflate)
    lines.emplace_back("Sec-WebSocket-Extensions", std::string{kDeflateOffer});
  return lines;
}

ingest::Result<Opened, std::string> check_answer(const UpgradeAnswer& answer,
                                                 const ClientOffer& offer) {
  if (auto wrong = check_basics(answer, offer.key)) return Failure{*std::move(wrong)};
  Opened opened;
  opened.protocol = TRY(check_protocol(answer, offer));
  opened.deflate = TRY(check_deflate_answer(answer.extensions, offer.compression));
  return opened;
}

}  // namespace gateway::ws
