#include "gateway/ws_client/url.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace gateway::ws_client {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Result;

constexpr std::size_t kUrlBytesMax = 4096;
constexpr std::size_t kUnixPathBytesMax = 107;  // sun_path without its NUL
constexpr std::uint16_t kPlainPort = 80;
constexpr std::uint16_t kTlsPort = 443;

/// What may be shown: user names and passwords stand before an @, wherever a mistyped one put it.
std::string_view without_user(std::string_view text) {
  const std::size_t at = text.rfind('@');
  return at == std::string_view::npos ? text : text.substr(at + 1);
}

Failure<Error> bad(std::string_view text, std::string_view why) {
  constexpr std::size_t kShown = 100;
  return {Error{0, "bad URL '" + std::string{without_user(text).substr(0, kShown)} +
                       "': " + std::string{why}}};
}

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}
bool is_address6_char(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' ||
         c == '.';
}
/// What may stand in a request line.
bool is_target_char(char c) {
  return c > ' ' && c < '\x7f' && c != '#';
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, port);
  if (fault != std::errc{} || stop != end || port == 0) return std::nullopt;
  return port;
}

/// Takes the front of `rest` where it is `prefix`.
bool take(std::string_view& rest, std::string_view prefix) {
  if (!rest.starts_with(prefix)) return false;
  rest.remove_prefix(prefix.size());
  return true;
}

/// `host:port` or `[v6]:port`; the port may be missing.
bool split_authority(std::string_view authority, Url& url) {
  std::string_view port;
  if (take(authority, "[")) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return false;
    url.host = authority.substr(0, end);
    port = authority.substr(end + 1);
    if (!std::all_of(url.host.begin(), url.host.end(), is_address6_char)) return false;
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    port = authority.substr(colon);
    if (!std::all_of(url.host.begin(), url.host.end(), is_name_char)) return false;
  }
  if (url.host.empty()) return false;
  if (port.empty()) return true;
  const auto number = take(port, ":") ? parse_port(port) : std::nullopt;
  url.port = number.value_or(0);
  return number.has_value();
}

Result<Url> parse_unix(std::string_view text, std::string_view rest) {
  const std::size_t colon = std::min(rest.find(':'), rest.size());
  Url url;
  url.host = "localhost";
  url.unix_path = rest.substr(0, colon);
  if (colon < rest.size()) url.target = rest.substr(colon + 1);
  if (!url.unix_path.starts_with('/') || url.unix_path.size() > kUnixPathBytesMax ||
      url.unix_path.find('\0') != std::string::npos) {
    return bad(text, "a Unix socket is written ws+unix:///run/weir.sock:/v1/ws");
  }
  return url;
}

Result<Url> parse_tcp(std::string_view text, std::string_view rest, Security security) {
  Url url;
  url.security = security;
  url.port = security == Security::Tls ? kTlsPort : kPlainPort;
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos)
    return bad(text, "user names and passwords do not belong into it");
  if (!split_authority(authority, url))
    return bad(text, "write the host as name:8080, 127.0.0.1:8080 or [::1]:8080");
  const std::string_view target = rest.substr(end);
  url.target = target.starts_with('/') ? "" : "/";
  url.target += target;
  return url;
}

Result<Url> parse_any(std::string_view text) {
  std::string_view rest = text;
  if (take(rest, "ws+unix://")) return parse_unix(text, rest);
  if (take(rest, "wss://")) return parse_tcp(text, rest, Security::Tls);
  if (take(rest, "ws://")) return parse_tcp(text, rest, Security::Plain);
  return bad(text, "it must begin with ws://, wss:// or ws+unix://");
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (text.size() > kUrlBytesMax) return bad(text, "it is longer than 4096 bytes");
  if (text.find('#') != std::string_view::npos)
    return bad(text, "a WebSocket has no fragment, leave out what follows the #");
  Url url = TRY(parse_any(text));
  if (!url.target.starts_with('/') ||
      !std::all_of(url.target.begin(), url.target.end(), is_target_char)) {
    return bad(text, "the path begins with / and has blanks and other such bytes as %20");
  }
  return url;
}

std::string Url::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  const std::uint16_t usual = security == Security::Tls ? kTlsPort : kPlainPort;
  if (!is_unix() && port != usual) text += ":" + std::to_string(port);
  return text;
}

std::string Url::text() const {
  if (is_unix()) return "ws+unix://" + unix_path + ":" + target;
  return (security == Security::Tls ? "wss://" : "ws://") + authority() + target;
}

}  // namespace gateway::ws_client
