#pragma once
// Sec-WebSocket-Key and Sec-WebSocket-Accept (RFC 6455 sections 1.3 and 4.2.2).

#include <string>
#include <string_view>

namespace gateway::ws {

/// 16 bytes in base64: 22 characters of the alphabet and "==".
bool is_valid_key(std::string_view key);
/// base64(SHA-1(key + the RFC's GUID)).
std::string accept_key(std::string_view key);

}  // namespace gateway::ws
