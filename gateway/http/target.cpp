#include "gateway/http/target.h"

#include <algorithm>

#include "gateway/http/characters.h"
#include "ingest/base/ip_literal.h"

namespace gateway::http {
namespace {

constexpr std::size_t kEscapeBytes = 3;  // %41
constexpr std::string_view kSchemeEnd = "://";

bool is_name_char(char c) {
  return is_digit(c) || is_alpha(c) ||
         (c != '\0' && std::string_view{"-._~!$&'()*+,;="}.find(c) != std::string_view::npos);
}

/// Escapes stand whole, and none is a NUL: no handler should meet one, however it decodes.
bool has_good_escapes(std::string_view query) {
  for (std::size_t i = query.find('%'); i != std::string_view::npos; i = query.find('%', i + 1)) {
    if (query.size() - i < kEscapeBytes || hex_value(query[i + 1]) < 0 ||
        hex_value(query[i + 2]) < 0)
      return false;
    if (query[i + 1] == '0' && query[i + 2] == '0') return false;
  }
  return true;
}

bool is_good_segment(std::string_view segment) {
  return segment != "." && segment != ".." && all_of_text(segment, [](char c) {
           return static_cast<unsigned char>(c) >= ' ' && c != '\x7f' && c != '\\' && c != '/';
         });
}

ingest::Result<std::string, FaultKind> parse_path(std::string_view raw) {
  std::string path;
  path.reserve(raw.size());
  std::string_view rest = raw.substr(1);  // behind the first slash
  bool last = false;
  while (!last) {
    last = rest.find('/') == std::string_view::npos;
    const auto segment = decode_percent(cut(rest, '/'));
    if (!segment) return ingest::Failure{FaultKind::BadPercent};
    // An empty segment is "//", unless it is the end of "/a/" or the whole of "/".
    if (!is_good_segment(*segment) || (segment->empty() && !last))
      return ingest::Failure{FaultKind::BadPath};
    path += '/';
    path += *segment;
  }
  return path;
}

}  // namespace

std::optional<std::string> decode_percent(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (text.size() - i < kEscapeBytes) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += kEscapeBytes - 1;
  }
  return decoded;
}

bool is_authority(std::string_view text) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !ingest::parse_ipv6(text.substr(1, end - 1))) return false;
    host = text.substr(0, end + 1);
    port = text.substr(end + 1);
  } else {
    host = text.substr(0, text.find(':'));
    port = text.substr(host.size());
    if (!all_of_text(host, is_name_char)) return false;
  }
  if (host.empty()) return false;
  // "host:" is allowed by RFC 3986; it means the default port.
  if (port.empty() || port == ":") return true;
  return port.front() == ':' && ingest::parse_port(port.substr(1)).has_value();
}

std::string_view raw_path(std::string_view text) {
  if (!text.starts_with('/')) {
    const std::size_t scheme_end = text.find(kSchemeEnd);
    if (scheme_end == std::string_view::npos) return {};
    text.remove_prefix(scheme_end + kSchemeEnd.size());
    text.remove_prefix(std::min(text.find('/'), text.size()));
  }
  return cut(text, '?');
}

ingest::Result<Target, FaultKind> parse_target(std::string_view text) {
  Target target;
  if (text == "*") {
    target.path = "*";
    return target;
  }
  if (text.find('#') != std::string_view::npos) return ingest::Failure{FaultKind::BadTarget};
  if (!text.starts_with('/')) {
    const std::size_t scheme_end = text.find(kSchemeEnd);
    const std::string_view scheme = text.substr(0, scheme_end);
    if (scheme_end == std::string_view::npos ||
        (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https"))) {
      return ingest::Failure{FaultKind::BadTarget};
    }
    text.remove_prefix(scheme_end + kSchemeEnd.size());
    const std::size_t authority_end = std::min(text.find_first_of("/?"), text.size());
    const std::string_view authority = text.substr(0, authority_end);
    if (!is_authority(authority)) return ingest::Failure{FaultKind::BadHost};
    for (const char c : authority)
      target.authority += to_lower(c);
    text.remove_prefix(authority_end);
  }
  std::string_view query = text;
  const std::string_view path = cut(query, '?');
  if (!has_good_escapes(query)) return ingest::Failure{FaultKind::BadPercent};
  target.query = query;
  // "http://host" and "http://host?query" mean the path "/" (RFC 9110 section 4.2.3).
  target.path = TRY(parse_path(path.empty() ? std::string_view{"/"} : path));
  return target;
}

}  // namespace gateway::http
