#pragma once
// JSON strings and lists as text. Stateless.

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::publish {

/// Appends `text` as a JSON string with its quotes (RFC 8259 section 7). Bytes that are not valid
/// UTF-8 become U+FFFD, so that a peer never gets a text message that it must refuse.
void append_json_string(std::string& out, std::string_view text);

/// Appends the decimal digits of `number`.
void append_integer(std::string& out, std::int64_t number);
void append_unsigned(std::string& out, std::uint64_t number);

}  // namespace gateway::publish
