#include "ingest/base/ip_address.h"

#include "ingest/base/ip_literal.h"

namespace ingest {
namespace {

constexpr std::size_t kGroups = 8;

/// A run of groups that are zero: "::" stands for the longest, the first of equals, when it has two
/// at least (RFC 5952 section 4.2).
struct Gap {
  std::size_t begin = kGroups;
  std::size_t size = 1;
};

unsigned group_of(const IpAddress& ip, std::size_t group) {
  constexpr unsigned kByteBits = 8;
  return unsigned{ip[2 * group]} << kByteBits | ip[2 * group + 1];
}

Gap longest_gap(const IpAddress& ip) {
  Gap longest;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (group_of(ip, i) != 0) {
      begin = i + 1;
    } else if (i + 1 - begin > longest.size) {
      longest = {begin, i + 1 - begin};
    }
  }
  return longest;
}

/// Hexadecimal without leading zeros (RFC 5952 section 4.1).
void append_group(unsigned group, std::string& text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr unsigned kDigitBits = 4;
  for (int shift = 12; shift >= 0; shift -= static_cast<int>(kDigitBits)) {
    if (shift == 0 || group >> static_cast<unsigned>(shift) != 0)
      text += kDigits[group >> static_cast<unsigned>(shift) & 0xFU];
  }
}

std::string v4_text(const IpAddress& ip) {
  std::string text;
  for (std::size_t i = kIpv4Prefix.size(); i < ip.size(); ++i)
    text.append(text.empty() ? "" : ".").append(std::to_string(ip[i]));
  return text;
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (const auto four = parse_ipv4(text)) return ip_of_v4(*four);
  return parse_ipv6(text);
}

std::string ip_text(const IpAddress& ip) {
  if (is_ipv4(ip)) return v4_text(ip);
  const Gap gap = longest_gap(ip);
  std::string text;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == gap.begin) {
      text += "::";
      i += gap.size - 1;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    append_group(group_of(ip, i), text);
  }
  return text;
}

}  // namespace ingest
