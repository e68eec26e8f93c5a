#pragma once
// The lists and tokens of RFC 9110 section 5.6 as the opening handshake needs them, on header lines
// that the HTTP room has already read. Shared by the modules of this room.

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::ws {

using HeaderLines = std::vector<std::pair<std::string, std::string>>;

bool equals_ignoring_case(std::string_view a, std::string_view b);
/// Without spaces and tabs at both ends.
std::string_view trim(std::string_view text);
bool is_token_char(char c);
bool is_token(std::string_view text);

/// The comma-separated elements of all lines as one list, empty ones left out (RFC 9110 section
/// 5.6.1).
std::vector<std::string_view> elements_of(std::span<const std::string_view> lines);
/// Does the list hold this token, in any letter case?
bool has_token(std::span<const std::string_view> lines, std::string_view token);

/// The names with ", " between them.
std::string join(std::span<const std::string_view> names);
/// What a peer said, for a sentence to a person: in quotes, cut at 64 bytes, without control
/// characters.
std::string quoted(std::string_view text);

}  // namespace gateway::ws
