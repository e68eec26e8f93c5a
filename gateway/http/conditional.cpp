#include "gateway/http/conditional.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>

#include "gateway/http/characters.h"
#include "gateway/http/date.h"

namespace gateway::http {
namespace {

std::string_view without_weakness(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  return etag;
}

/// Cuts one entity tag off the front of a list. An entity tag may hold commas, so a list of them is
/// not header_list(). nullopt at the end, or where the list is malformed: what follows is then
/// ignored.
std::optional<std::string_view> next_etag(std::string_view& rest) {
  const std::size_t begin = rest.find_first_not_of(" \t,");
  if (begin == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(begin);
  const std::size_t open = rest.starts_with("W/") ? 2 : 0;
  if (open >= rest.size() || rest[open] != '"') return std::nullopt;
  const std::size_t close = rest.find('"', open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view etag = rest.substr(0, close + 1);
  rest.remove_prefix(close + 1);
  return etag;
}

enum class Compare : std::uint8_t { Strongly, Weakly };  // RFC 9110 section 8.8.3.2

bool same_etag(std::string_view a, std::string_view b, Compare how) {
  if (how == Compare::Weakly) return without_weakness(a) == without_weakness(b);
  return a == b && !a.starts_with("W/");
}

/// Does a list of entity tags, or "*", hold the current one?
bool lists_etag(const Request& request, std::string_view name, std::string_view current,
                Compare how) {
  for (std::string_view rest : request.header_values(name)) {
    if (rest == "*") return true;
    while (const auto etag = next_etag(rest)) {
      if (same_etag(*etag, current, how)) return true;
    }
  }
  return false;
}

std::chrono::sys_seconds whole_seconds(ingest::WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

bool is_safe_read(Method method) {
  return method == Method::Get || method == Method::Head;
}

/// May the Range header be honoured? RFC 9110 section 13.1.5: a date matches exactly, an entity tag
/// strongly.
bool if_range_holds(const Request& request, const Validators& current) {
  const auto condition = request.header("if-range");
  if (!condition) return true;
  if (condition->find('"') != std::string_view::npos) {
    return same_etag(*condition, current.etag, Compare::Strongly);
  }
  const auto date = parse_http_date(*condition, current.now);
  return date && current.last_modified && *date == whole_seconds(*current.last_modified);
}

/// Digits; what does not fit saturates: it is then beyond any size we hold.
std::optional<std::uint64_t> position(std::string_view text) {
  if (text.empty() || !all_of_text(text, is_digit)) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? value : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

bool precondition_failed(const Request& request, const Validators& current) {
  if (request.header("if-match"))
    return !lists_etag(request, "if-match", current.etag, Compare::Strongly);
  const auto since = request.header("if-unmodified-since");
  if (!since || !current.last_modified) return false;
  const auto date = parse_http_date(*since, current.now);
  return date && whole_seconds(*current.last_modified) > *date;
}

bool not_modified(const Request& request, const Validators& current) {
  if (!is_safe_read(request.method)) return false;
  if (request.header("if-none-match"))
    return lists_etag(request, "if-none-match", current.etag, Compare::Weakly);
  const auto since = request.header("if-modified-since");
  if (!since || !current.last_modified) return false;
  const auto date = parse_http_date(*since, current.now);
  return date && whole_seconds(*current.last_modified) <= *date;
}

std::string PartialBody::content_range(std::size_t size) const {
  return "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" + std::to_string(size);
}

RangeAnswer range_of(const Request& request, std::size_t size, const Validators& current) {
  const auto ranges = request.header_values("range");
  if (request.method != Method::Get || ranges.size() != 1 || !if_range_holds(request, current))
    return WholeBody{};
  constexpr std::string_view kUnit = "bytes=";
  std::string_view spec = ranges.front();
  if (!equals_ignoring_case(spec.substr(0, kUnit.size()), kUnit)) return WholeBody{};
  spec = trim(spec.substr(kUnit.size()));
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos)
    return WholeBody{};
  const std::string_view last_text = spec.substr(dash + 1);
  const auto first = position(spec.substr(0, dash));
  const auto last = position(last_text);
  if (dash == 0) {
    if (!last) return WholeBody{};
    if (*last == 0 || size == 0) return RangeNotSatisfiable{};
    return PartialBody{size - static_cast<std::size_t>(std::min<std::uint64_t>(*last, size)),
                       size - 1};
  }
  if (!first || (!last && !last_text.empty()) || (last && *last < *first)) return WholeBody{};
  if (*first >= size) return RangeNotSatisfiable{};
  const std::uint64_t end = last ? std::min<std::uint64_t>(*last, size - 1) : size - 1;
  return PartialBody{static_cast<std::size_t>(*first), static_cast<std::size_t>(end)};
}

}  // namespace gateway::http
