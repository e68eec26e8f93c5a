#pragma once
// Network: a run of addresses that somebody trusts or allows, as "10.0.0.0/8". A value; pure.

#include <optional>
#include <span>
#include <string_view>

#include "ingest/base/ip_address.h"

namespace ingest {

class Network {
 public:
  /// "10.0.0.0/8", "2001:db8::/32", or one address alone. Bits behind the prefix may be set; they
  /// do not count.
  static std::optional<Network> parse(std::string_view text);
  /// The networks of IPv4 and of IPv6 hold no address of each other.
  bool contains(const IpAddress& ip) const;
  bool operator==(const Network&) const = default;

 private:
  IpAddress ip_{};
  int bits_ = 0;  // of ip_ that count, IPv4's 96 in front included
};

/// Whether one of them holds the address.
bool any_contains(std::span<const Network> networks, const IpAddress& ip);

}  // namespace ingest
