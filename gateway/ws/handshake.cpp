#include "gateway/ws/handshake.h"

#include <algorithm>
#include <optional>

#include "gateway/ws/accept_key.h"

namespace gateway::ws {
namespace {

using ingest::Failure;

constexpr std::string_view kVersion = "13";

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// The comma-separated elements of all lines as one list (RFC 9110 section 5.6.1).
std::vector<std::string_view> elements_of(const std::vector<std::string_view>& lines) {
  std::vector<std::string_view> elements;
  for (const std::string_view line : lines) {
    std::size_t begin = 0;
    while (begin <= line.size()) {
      const std::size_t end = std::min(line.find(',', begin), line.size());
      const std::string_view element = trim(line.substr(begin, end - begin));
      if (!element.empty()) elements.push_back(element);
      begin = end + 1;
    }
  }
  return elements;
}

bool has_token(const std::vector<std::string_view>& lines, std::string_view token) {
  const auto elements = elements_of(lines);
  return std::any_of(elements.begin(), elements.end(), [&](std::string_view element) {
    return equals_ignoring_case(element, token);
  });
}

bool is_token(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' &&
           std::string_view{"\"(),/:;<=>?@[\\]{}"}.find(c) == std::string_view::npos;
  });
}

Refusal bad_request(std::string_view sentence) {
  return {.status = 400, .headers = {}, .sentence = std::string{sentence}, .close = true};
}

Refusal upgrade_required(std::string_view sentence) {
  return {.status = 426,
          .headers = {{"Sec-WebSocket-Version", std::string{kVersion}},
                      {"Upgrade", "websocket"},
                      {"Connection", "Upgrade"}},
          .sentence = std::string{sentence},
          .close = true};
}

/// One version, one key, no body: whatever is doubled is refused, since a proxy may have read the
/// other one.
std::optional<Refusal> check_headers(const UpgradeRequest& request) {
  if (request.has_body) return bad_request("a WebSocket upgrade has no body");
  if (request.version.size() > 1 ||
      (!request.version.empty() && request.version.front().find(',') != std::string_view::npos)) {
    return bad_request("Sec-WebSocket-Version must stand once, with one value");
  }
  if (request.version.empty() || request.version.front() != kVersion) {
    return upgrade_required(
        "this server speaks WebSocket version 13: send Sec-WebSocket-Version: 13");
  }
  if (request.key.size() != 1 || !is_valid_key(request.key.front())) {
    return bad_request("Sec-WebSocket-Key must stand once and be 16 bytes in base64");
  }
  return std::nullopt;
}

std::string join(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names)
    text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

/// Ours decide the order. Returns "" when the client offered none.
ingest::Result<std::string, Refusal> choose_protocol(const UpgradeRequest& request,
                                                     std::span<const std::string_view> ours) {
  if (request.protocol.empty()) return std::string{};
  auto offered = elements_of(request.protocol);
  if (offered.empty() || !std::all_of(offered.begin(), offered.end(), is_token)) {
    return Failure{bad_request("Sec-WebSocket-Protocol is not a list of tokens")};
  }
  std::sort(offered.begin(), offered.end());
  if (std::adjacent_find(offered.begin(), offered.end()) != offered.end()) {
    return Failure{bad_request("Sec-WebSocket-Protocol offers a token twice")};
  }
  for (const std::string_view name : ours) {
    if (std::binary_search(offered.begin(), offered.end(), name)) return std::string{name};
  }
  return Failure{
      bad_request("no offered subprotocol is known here: use " + join(ours) + " or offer none")};
}

}  // namespace

bool asks_for_websocket(const UpgradeRequest& request) {
  // RFC 9110 section 7.8: Upgrade in an HTTP/1.0 request is ignored.
  return request.minor_version > 0 && has_token(request.connection, "upgrade") &&
         has_token(request.upgrade, "websocket");
}

ingest::Result<Upgrade, Refusal> check_upgrade(const UpgradeRequest& request,
                                               std::span<const std::string_view> protocols) {
  if (!request.is_get) {
    return Failure{Refusal{.status = 405,
                           .headers = {{"Allow", "GET"}},
                           .sentence = "a WebSocket is opened with GET",
                           .close = true}};
  }
  if (!asks_for_websocket(request)) {
    return Failure{
        upgrade_required("this is a WebSocket endpoint: connect with new WebSocket(url)")};
  }
  if (auto refusal = check_headers(request)) return Failure{*std::move(refusal)};
  Upgrade upgrade{TRY(choose_protocol(request, protocols)), {}};
  upgrade.headers = {{"Upgrade", "websocket"},
                     {"Connection", "Upgrade"},
                     {"Sec-WebSocket-Accept", accept_key(request.key.front())}};
  if (!upgrade.protocol.empty())
    upgrade.headers.emplace_back("Sec-WebSocket-Protocol", upgrade.protocol);
  return upgrade;
}

}  // namespace gateway::ws
