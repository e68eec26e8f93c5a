#include "gateway/ws_client/ending.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "gateway/http/response.h"
#include "gateway/ws/close_code.h"
#include "gateway/ws/utf8.h"

namespace gateway::ws_client {
namespace {

constexpr std::size_t kPlainTextMax = 300;
constexpr std::int64_t kRetryAfterMaxS = 3'600;

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The name in `<h1 class=x>` or `</h1>`, in lower case.
std::string tag_name(std::string_view inside) {
  std::string name;
  for (const char c : inside) {
    if (c == ' ' || c == '>' || c == '\n' || c == '\r' || c == '\t') break;
    name += to_lower(c);
  }
  return name;
}

/// What these hold is not for the reader, or says the status again.
bool hides_content(std::string_view tag) {
  return tag == "title" || tag == "style" || tag == "script" || tag == "h1";
}

/// Everything between tags, tags as blanks.
std::string without_tags(std::string_view page) {
  std::string text;
  std::string hiding;  // the tag whose end is waited for
  while (!page.empty()) {
    const std::size_t open = std::min(page.find('<'), page.size());
    if (hiding.empty()) text.append(page.substr(0, open)).append(" ");
    if (open == page.size()) break;
    page.remove_prefix(open + 1);
    const std::string name = tag_name(page);
    if (hiding.empty() && hides_content(name)) hiding = name;
    if (name == "/" + hiding) hiding.clear();
    page.remove_prefix(std::min(page.find('>'), page.size() - 1) + 1);
  }
  return text;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), with);
    at += with.size();
  }
}

void unescape(std::string& text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNames{{{"&lt;", "<"},
                                                                                 {"&gt;", ">"},
                                                                                 {"&quot;", "\""},
                                                                                 {"&#39;", "'"},
                                                                                 {"&nbsp;", " "},
                                                                                 {"&amp;", "&"}}};
  for (const auto& [name, character] : kNames)
    replace_all(text, name, character);
}

/// Runs of blanks and control characters become one blank.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  while (line.ends_with(' '))
    line.pop_back();
  return line;
}

/// Statuses that another attempt may turn into a 101.
bool is_temporary(int status) {
  constexpr int kTimeout = 408;
  constexpr int kTooEarly = 425;
  constexpr int kTooMany = 429;
  return status >= 500 || status == kTimeout || status == kTooEarly || status == kTooMany;
}

/// Retry-After in seconds (RFC 9110 section 10.2.3); its form as a date is not taken.
std::optional<ingest::Millis> retry_after(const http::ResponseHead& head) {
  const auto value = head.header("retry-after");
  if (!value) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [stop, fault] = std::from_chars(value->data(), value->data() + value->size(), seconds);
  if (fault != std::errc{} || stop != value->data() + value->size() || seconds < 0)
    return std::nullopt;
  return ingest::Millis{std::min(seconds, kRetryAfterMaxS) * 1'000};
}

}  // namespace

std::string_view close_code_text(std::uint16_t code) {
  switch (code) {
    case ws::kCloseNormal:
      return "done";
    case ws::kCloseGoingAway:
      return "going away";
    case ws::kCloseProtocolError:
      return "protocol error";
    case ws::kCloseUnsupported:
      return "unsupported data";
    case ws::kCloseNoStatus:
      return "no reason";
    case ws::kCloseInvalidData:
      return "invalid data";
    case ws::kClosePolicy:
      return "against its policy";
    case ws::kCloseTooBig:
      return "message too big";
    case ws::kCloseInternal:
      return "internal error";
    default:
      return "";
  }
}

Ending closed_by_server(std::uint16_t code, std::string_view reason) {
  constexpr std::uint16_t kFinalFirst = 4000;
  constexpr std::uint16_t kFinalLast = 4099;
  Ending ending;
  ending.close_code = code;
  ending.clean = true;
  const std::string_view text = close_code_text(code);
  ending.sentence = "the server closed";
  if (code != ws::kCloseNoStatus) ending.sentence += " with " + std::to_string(code);
  if (!text.empty()) ending.sentence.append(" (").append(text).append(")");
  if (!reason.empty()) ending.sentence += ": " + one_line(reason);
  if (code >= kFinalFirst && code <= kFinalLast) ending.again = Again::Useless;
  return ending;
}

Ending refused(const http::ResponseHead& head, std::string_view excerpt) {
  Ending ending;
  ending.http_status = head.status;
  ending.again = is_temporary(head.status) ? Again::MayHelp : Again::Useless;
  ending.not_before = retry_after(head);
  const std::string_view reason =
      head.reason.empty() ? http::status_text(head.status) : std::string_view{head.reason};
  ending.sentence = "the server answered " + std::to_string(head.status) + " " + one_line(reason) +
                    " instead of opening a WebSocket";
  const auto location = head.header("location");
  if (head.status / 100 == 3 && location) {
    ending.sentence += ": it points to " + plain_text(*location);
  } else if (const std::string text = plain_text(excerpt); !text.empty()) {
    ending.sentence += ": " + text;
  }
  while (ending.sentence.ends_with('.'))
    ending.sentence.pop_back();
  return ending;
}

std::string plain_text(std::string_view page) {
  std::string text = without_tags(page);
  unescape(text);
  const std::string line = one_line(text);
  return std::string{ws::valid_utf8_prefix(line, kPlainTextMax)};
}

}  // namespace gateway::ws_client
