#pragma once
// Accept-Encoding (RFC 9110 section 12.5.3): which of our stored forms a client wants.

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/http/request.h"

namespace gateway::http {

enum class Encoding : std::uint8_t { Identity, Gzip };
enum class Offer : std::uint8_t { IdentityOnly, GzipToo };

/// The wanted form; gzip wins a tie. nullopt: neither is acceptable (406). The answer varies by
/// Accept-Encoding wherever Offer::GzipToo was asked, so such responses carry Vary.
std::optional<Encoding> choose_encoding(const Request& request, Offer offer);

/// A weight of RFC 9110 section 12.4.2 in thousandths: "0.25" -> 250. nullopt when malformed.
std::optional<int> parse_weight(std::string_view text);

/// How much the client wants a media type that it names itself, in that version or in none, in
/// thousandths; 0: it does not name it, and stars do not count.
int weight_of(const Request& request, std::string_view type, std::string_view version);

/// Does the client prefer media type `wanted` ("text/html") to nothing? q=0 refuses; the most
/// specific range counts; an absent Accept accepts everything.
bool accepts(const Request& request, std::string_view wanted);

}  // namespace gateway::http
