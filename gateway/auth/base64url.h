#pragma once
// base64url: RFC 4648 section 5 without padding, as JOSE writes it (RFC 7515 section 2). Pure.

#include <optional>
#include <string>
#include <string_view>

namespace gateway::auth {

/// The bytes; nothing for characters outside the alphabet, padding, an impossible length, or bits
/// left over that are not zero: there is one text for each run of bytes.
std::optional<std::string> decode_base64url(std::string_view text);

std::string encode_base64url(std::string_view bytes);

}  // namespace gateway::auth
