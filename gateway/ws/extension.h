#pragma once
// The negotiation of permessage-deflate (RFC 7692 section 7.1, in the header of RFC 6455 section
// 9.1), both roles: which offer a server takes, what a client offers, and whether the answer fits.
// Pure; knows header lines only. Time is linear in the lines, and no memory grows with them but one
// quoted value.
//
// Our answer and our offer always carry both no_context_takeover flags: no connection holds a
// compression context.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ingest/base/result.h"

namespace gateway::ws {

inline constexpr int kWindowBitsMax = 15;

enum class Compression : std::uint8_t { None, Deflate };

/// What both sides keep. The window's bits bound the distances in that side's messages.
struct DeflateAgreement {
  int server_max_window_bits = 15;  // 9 to 15 as a server, 8 to 15 as a client
  int client_max_window_bits = 15;  // 8 to 15; a server of ours asks for no less
  friend bool operator==(const DeflateAgreement&, const DeflateAgreement&) = default;
};

/// May a message of this size, before compression, go out compressed to a peer with this window?
/// Our compressor has the full window. With a smaller one agreed, no distance in a message can be
/// longer than the message; a longer message goes out as it is, which is always allowed (section
/// 6).
constexpr bool fits_window(std::size_t message_bytes, int window_bits) {
  return window_bits >= kWindowBitsMax || message_bytes <= std::size_t{1} << window_bits;
}

struct DeflateChoice {
  DeflateAgreement agreement;
  std::string answer;  // the value of Sec-WebSocket-Extensions
};
/// The header does not follow its grammar (RFC 6455 section 9.1: fail the connection).
struct MalformedExtensions {};

/// The server's choice among the offers of all Sec-WebSocket-Extensions lines, as one list: the
/// first that we can take; nullopt when there is none, and then no answer is given.
ingest::Result<std::optional<DeflateChoice>, MalformedExtensions> choose_deflate(
    std::span<const std::string_view> lines);

/// The client's offer.
inline constexpr std::string_view kDeflateOffer =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
    "client_max_window_bits";

/// What a server answered to kDeflateOffer, or to no offer (`offered` None): nullopt when it
/// declined. The error is a sentence without a final stop.
ingest::Result<std::optional<DeflateAgreement>, std::string> check_deflate_answer(
    std::span<const std::string_view> lines, Compression offered);

}  // namespace gateway::ws
