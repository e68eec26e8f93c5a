#include "gateway/ws/session.h"

#include "gateway/ws/close_code.h"
#include "ingest/base/check.h"

namespace gateway::ws {

std::optional<Event> Session::next_event() {
  while (const auto read = reader_.next()) {
    if (auto event = take(*read)) return event;
  }
  return std::nullopt;
}

/// nullopt: nothing that the connection has to know.
std::optional<Event> Session::take(const ReadEvent& read) {
  if (const auto* ping = std::get_if<PingFrame>(&read)) {
    control_.pong(ping->payload, key());
    return std::nullopt;
  }
  if (std::holds_alternative<PongFrame>(read)) return Pong{};
  if (const auto* close = std::get_if<CloseFrame>(&read)) {
    phase_ = Phase::PeerClosed;
    control_.close(close->code, {}, key());
    return PeerClosed{close->code, close->reason};
  }
  if (const auto* fault = std::get_if<SessionFault>(&read)) {
    phase_ = Phase::Failed;
    const Failed failed{*fault, close_code_of(*fault), sentence_of(*fault)};
    control_.close(failed.code, failed.reason, key());
    return failed;
  }
  if (control_.close_queued()) return std::nullopt;  // we have said goodbye: nobody listens
  if (const auto* text = std::get_if<TextMessage>(&read)) return Text{text->text};
  return Binary{std::get<BinaryMessage>(read).bytes};
}

void Session::close(std::uint16_t code, std::string_view reason) {
  CHECK(is_wire_close_code(code));
  control_.close(code, reason, key());
}

}  // namespace gateway::ws
