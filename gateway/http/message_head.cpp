#include "gateway/http/message_head.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "gateway/http/characters.h"
#include "gateway/http/target.h"

namespace gateway::http {
namespace {

using ingest::Failure;
using ingest::Result;

/// "HTTP/1.0" -> 0, "HTTP/1.1" and later minors -> 1 (RFC 9110 section 2.5).
Result<int, FaultKind> parse_version(std::string_view text) {
  constexpr std::string_view kName = "HTTP/";
  if (text.size() != kName.size() + 3 || !text.starts_with(kName))
    return Failure{FaultKind::BadRequestLine};
  const char major = text[kName.size()];
  const char minor = text[kName.size() + 2];
  if (!is_digit(major) || !is_digit(minor) || text[kName.size() + 1] != '.')
    return Failure{FaultKind::BadRequestLine};
  if (major != '1') return Failure{FaultKind::BadVersion};
  return minor == '0' ? 0 : 1;
}

bool list_has(const std::vector<std::string_view>& list, std::string_view token) {
  return std::any_of(list.begin(), list.end(),
                     [&](std::string_view e) { return equals_ignoring_case(e, token); });
}

/// One line of one number. "3, 3" and a second line are refused though RFC 9110 section 8.6 would
/// let us merge them: two parsers may choose differently.
Result<std::uint64_t, FaultKind> parse_content_length(std::string_view text) {
  if (text.empty() || !all_of_text(text, is_digit)) return Failure{FaultKind::BadContentLength};
  std::uint64_t length = 0;
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  for (const char c : text) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (length > (kMax - digit) / 10) return kMax;
    length = length * 10 + digit;
  }
  return length;
}

/// nullopt: it is exactly "chunked".
std::optional<FaultKind> check_transfer_encoding(const Request& request) {
  if (request.minor_version == 0) return FaultKind::BadTransferEncoding;
  const auto codings = request.header_list("transfer-encoding");
  if (codings.empty()) return FaultKind::BadTransferEncoding;
  const auto is_chunked = [](std::string_view coding) {
    return equals_ignoring_case(coding, "chunked");
  };
  const bool chunked_earlier = std::any_of(codings.begin(), codings.end() - 1, is_chunked);
  if (chunked_earlier) return FaultKind::BadTransferEncoding;
  if (codings.size() > 1 || !is_chunked(codings.back())) return FaultKind::UnknownTransferEncoding;
  // "chunked," and ",chunked" are lists with an empty element: refused, since others may not see
  // "chunked" in them.
  const auto values = request.header_values("transfer-encoding");
  if (values.size() != 1 || !is_chunked(values.front())) return FaultKind::BadTransferEncoding;
  return std::nullopt;
}

std::optional<FaultKind> check_host(Request& request) {
  const auto hosts = request.header_values("host");
  if (hosts.size() > 1) return FaultKind::HostRepeated;
  if (hosts.empty()) {
    if (request.minor_version == 0) return std::nullopt;
    return FaultKind::HostMissing;
  }
  if (!is_authority(hosts.front())) return FaultKind::BadHost;
  if (!request.host.empty())
    return std::nullopt;  // the authority of an absolute target wins (RFC 9112 section 3.2.2)
  for (const char c : hosts.front())
    request.host += to_lower(c);
  return std::nullopt;
}

/// RFC 9110 section 10.1.1; an HTTP/1.0 client's expectation is ignored.
std::optional<FaultKind> check_expectation(Request& request) {
  if (request.minor_version == 0 || !request.header("expect")) return std::nullopt;
  const auto expectations = request.header_list("expect");
  const bool known = std::all_of(expectations.begin(), expectations.end(), [](std::string_view e) {
    return equals_ignoring_case(e, "100-continue");
  });
  if (!known) return FaultKind::UnknownExpectation;
  request.expects_continue = !expectations.empty();
  return std::nullopt;
}

Result<Framing, FaultKind> frame_body(const Request& request) {
  Framing framing;
  const auto lengths = request.header_values("content-length");
  if (request.header("transfer-encoding")) {
    if (!lengths.empty()) return Failure{FaultKind::LengthAndChunked};
    if (const auto fault = check_transfer_encoding(request)) return Failure{*fault};
    framing.chunked = true;
    return framing;
  }
  if (lengths.size() > 1) return Failure{FaultKind::BadContentLength};
  if (!lengths.empty()) framing.content_bytes = TRY(parse_content_length(lengths.front()));
  return framing;
}

}  // namespace

void note_request_line(std::string_view line, std::size_t target_bytes_max, Request& request) {
  request.method = method_of(cut(line, ' ')).value_or(request.method);
  request.target = cut(line, ' ').substr(0, target_bytes_max);
}

std::optional<FaultKind> parse_request_line(std::string_view line, std::size_t target_bytes_max,
                                            Request& request) {
  note_request_line(line, target_bytes_max, request);
  if (!all_of_text(line, [](char c) { return is_visible(c) || c == ' '; }))
    return FaultKind::BadRequestLine;
  std::string_view rest = line;
  const std::string_view name = cut(rest, ' ');
  const std::string_view target = cut(rest, ' ');
  if (!is_token(name) || target.empty()) return FaultKind::BadRequestLine;
  const auto version = parse_version(rest);
  if (!version) return version.error();
  request.minor_version = *version;
  if (!method_of(name)) return FaultKind::UnknownMethod;
  if (target.size() > target_bytes_max) return FaultKind::TargetTooLong;
  auto parts = parse_target(target);
  if (!parts) return parts.error();
  if (parts->path == "*" && request.method != Method::Options) return FaultKind::BadTarget;
  request.path = std::move(parts->path);
  request.query = std::move(parts->query);
  request.host = std::move(parts->authority);
  return std::nullopt;
}

ingest::Result<Header, FaultKind> parse_header_line(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return Failure{FaultKind::FoldedHeader};
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Failure{FaultKind::BadHeader};
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = line.substr(colon + 1);
  // "Name :" is no token, which is what RFC 9112 section 5.1 wants refused.
  if (!is_token(name) || !all_of_text(value, is_value_char)) return Failure{FaultKind::BadHeader};
  Header header{std::string{name}, std::string{trim(value)}};
  std::transform(header.name.begin(), header.name.end(), header.name.begin(), to_lower);
  return header;
}

ingest::Result<Framing, FaultKind> finish_head(Request& request) {
  if (const auto fault = check_host(request)) return Failure{*fault};
  const Framing framing = TRY(frame_body(request));
  if (const auto fault = check_expectation(request)) return Failure{*fault};
  request.has_body = framing.chunked || framing.content_bytes > 0;
  const auto connection = request.header_list("connection");
  request.keep_alive = !list_has(connection, "close") &&
                       (request.minor_version == 1 || list_has(connection, "keep-alive"));
  return framing;
}

}  // namespace gateway::http
