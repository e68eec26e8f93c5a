#pragma once
// What values look like in text: counts and addresses (durations and sizes: ingest/base/units.h).
// Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/config/config.h"
#include "ingest/base/units.h"

namespace gateway::config {

using ingest::duration_text;
using ingest::Read;
using ingest::size_text;
using ingest::Units;

/// A whole number, as 200000.
Read<std::uint64_t> read_count(std::string_view text);

/// A finite number, as -0.5 or 1e3.
std::optional<double> read_number(std::string_view text);
/// As short as reads back the same.
std::string number_text(double number);

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (127.0.0.1).
Read<Address> read_address(std::string_view text);
/// The same, or "unix:/run/weir.sock".
Read<Address> read_listen_address(std::string_view text);

/// As YAML writes it in double quotes, whatever stands in it.
std::string yaml_text(std::string_view text);

/// What is wrong in one value.
struct ValueFault {
  int line = 0;
  std::string what;
};

/// The mode of a file, in octal: "0660".
Read<std::uint64_t> read_mode(std::string_view text);
std::string mode_text(std::uint64_t mode);

/// "10.0.0.0/8", "2001:db8::/32", or an address alone.
bool is_network(std::string_view text);
/// Such a one, or "unix".
bool is_peer_network(std::string_view text);

}  // namespace gateway::config
