#pragma once
// Addresses and ports as text, read strictly: one spelling rule for every place where a peer or
// the configuration may write one (Host, an absolute target, the PROXY protocol, networks). Pure
// functions; inet_pton would do, but
// a pure room reaches for nothing of the system's.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ingest {

using Ipv4Bytes = std::array<std::uint8_t, 4>;
using Ipv6Bytes = std::array<std::uint8_t, 16>;

/// "192.0.2.1": four decimal numbers without leading zeros. In the order of the wire.
std::optional<Ipv4Bytes> parse_ipv4(std::string_view text);
/// RFC 4291 section 2.2: eight groups, or fewer around one "::"; the last two may be dotted. No
/// brackets, no zone. In the order of the wire.
std::optional<Ipv6Bytes> parse_ipv6(std::string_view text);
/// Decimal digits without leading zeros, 0 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text);

}  // namespace ingest
