// From a connected socket to an open WebSocket.
#include "gateway/ws_client/connection.h"
#include "ingest/base/check.h"

namespace gateway::ws_client {
namespace {

constexpr int kSwitchingProtocols = 101;

std::string request_text(const ClientOptions& options, const ws::ClientOffer& offer) {
  std::string text = "GET " + options.url.target + " HTTP/1.1\r\nHost: " + options.url.authority();
  text += "\r\n";
  for (const auto& [name, value] : ws::request_headers(offer))
    text.append(name).append(": ").append(value).append("\r\n");
  for (const http::Header& header : options.headers)
    text.append(header.name).append(": ").append(header.value).append("\r\n");
  return text += "\r\n";
}

ws::UpgradeAnswer upgrade_answer(const http::ResponseHead& head) {
  return {.status = head.status,
          .connection = head.header_values("connection"),
          .upgrade = head.header_values("upgrade"),
          .accept = head.header_values("sec-websocket-accept"),
          .protocol = head.header_values("sec-websocket-protocol"),
          .extensions = head.header_values("sec-websocket-extensions")};
}

}  // namespace

void Connection::begin_upgrade() {
  offer_ = {.key = ws::client_key(parts_.tools->secrets.nonce()),
            .protocols = parts_.options->protocols,
            .compression = parts_.options->compression};
  request_ = request_text(*parts_.options, offer_);
  phase_ = Phase::Upgrading;
}

/// `bytes` of the answer; none when it was cut off or took too long.
void Connection::take_answer(std::span<std::uint8_t> bytes) {
  const std::size_t used = parser_.receive(bytes);
  switch (parser_.state()) {
    case http::ResponseParser::State::Head:
      return;
    case http::ResponseParser::State::Failed:
      return fail("the server " + std::string{http::sentence_of(parser_.fault())});
    case http::ResponseParser::State::Body:
      if (phase_ == Phase::Upgrading) {
        phase_ = Phase::Refused;
        at(parts_.options->deadlines.excerpt, "");
      }
      return;
    case http::ResponseParser::State::Done:
      break;
  }
  if (parser_.head().status != kSwitchingProtocols) {
    return end(refused(parser_.head(), parser_.excerpt()));
  }
  open();
  if (phase_ == Phase::Open && used < bytes.size()) take_frames(bytes.subspan(used));
}

/// The 101 is whole: verifies it, and lets the listener say its first message, which leaves before
/// anything else is read.
void Connection::open() {
  auto opened = ws::check_answer(upgrade_answer(parser_.head()), offer_);
  if (!opened) return fail("the WebSocket handshake failed: " + opened.error(), Again::Useless);
  deflate_ = opened->deflate;
  ws::Inflater* inflater = deflate_ ? &parts_.tools->inflater : nullptr;
  session_.emplace(parts_.tools->secrets, parts_.options->read, inflater);
  parser_ = http::ResponseParser{};
  phase_ = Phase::Open;
  parts_.loop->cancel(std::exchange(deadline_, 0));
  heard();
  check_life();
  parts_.listener->opened(*opened);
  if (phase_ == Phase::Open) flush();
}

}  // namespace gateway::ws_client
