#pragma once
// Ending: why a connection, or an attempt at one, is over, said in one sentence, and whether trying
// again may help. A value. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/response_parser.h"
#include "ingest/base/clock.h"

namespace gateway::ws_client {

enum class Again : std::uint8_t { Useless, MayHelp };

struct Ending {
  std::string sentence;  // no capital, no final stop: "the server closed with 1001 (going away)"
  std::uint16_t close_code = 0;  // of the server's Close; 1005 when it was empty, 0 when none came
  int http_status = 0;           // of an answer that was not 101
  Again again = Again::MayHelp;
  std::optional<ingest::Millis> not_before;  // the server asked to wait (Retry-After)
  bool clean = false;                        // both Closes went, and no fault with them
};

/// The server's Close. 4000 to 4099 mean: do not come back; every other code may.
Ending closed_by_server(std::uint16_t code, std::string_view reason);
/// An answer other than 101: what it says in plain text, and whether it may say otherwise later
/// (5xx, 408, 425 and 429 may).
Ending refused(const http::ResponseHead& head, std::string_view excerpt);

/// "going away"; empty for codes that carry no meaning of their own.
std::string_view close_code_text(std::uint16_t code);
/// An excerpt of a page as one line of text: tags, titles and scripts gone, at most 300 bytes.
std::string plain_text(std::string_view page);

}  // namespace gateway::ws_client
