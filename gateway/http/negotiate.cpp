#include "gateway/http/negotiate.h"

#include <algorithm>
#include <array>

#include "gateway/http/characters.h"

namespace gateway::http {
namespace {

constexpr int kFullWeight = 1000;

/// The value of the "q" parameter among `parameters` (";level=1;q=0.5"); full weight when absent, 0
/// when malformed: what we cannot read is not wanted.
int weight_in(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = trim(cut(parameters, ';'));
    if (equals_ignoring_case(trim(cut(value, '=')), "q")) return parse_weight(value).value_or(0);
  }
  return kFullWeight;
}

struct Weighted {
  std::string_view name;
  int weight = 0;
};

Weighted split_weight(std::string_view element) {
  const std::string_view name = trim(cut(element, ';'));
  return {name, weight_in(element)};
}

/// How well a media range fits: 3 the very type, 2 "text/*", 1 "*/*", 0 not at all.
int fit(std::string_view range, std::string_view wanted) {
  if (equals_ignoring_case(range, wanted)) return 3;
  if (range == "*/*") return 1;
  const std::string_view family = wanted.substr(0, wanted.find('/') + 1);
  const bool same_family = range.size() == family.size() + 1 && range.back() == '*' &&
                           equals_ignoring_case(range.substr(0, family.size()), family);
  return same_family ? 2 : 0;
}

}  // namespace

std::optional<int> parse_weight(std::string_view text) {
  constexpr std::size_t kBytesMax = 5;  // "0.123"
  if (text.empty() || text.size() > kBytesMax || (text[0] != '0' && text[0] != '1'))
    return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int weight = text[0] == '1' ? kFullWeight : 0;
  int unit = 100;
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (!is_digit(c)) return std::nullopt;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  if (weight > kFullWeight) return std::nullopt;
  return weight;
}

std::optional<Encoding> choose_encoding(const Request& request, Offer offer) {
  if (!request.header("accept-encoding")) return Encoding::Identity;
  std::optional<int> gzip;
  std::optional<int> identity;
  std::optional<int> others;
  for (const std::string_view element : request.header_list("accept-encoding")) {
    const Weighted coding = split_weight(element);
    if (equals_ignoring_case(coding.name, "gzip") || equals_ignoring_case(coding.name, "x-gzip"))
      gzip = coding.weight;
    if (equals_ignoring_case(coding.name, "identity")) identity = coding.weight;
    if (coding.name == "*") others = coding.weight;
  }
  // RFC 9110 section 12.5.3: identity is acceptable unless it, or "*" without it, is given q=0.
  const int gzip_weight = offer == Offer::GzipToo ? gzip.value_or(others.value_or(0)) : 0;
  const bool identity_refused = identity ? *identity == 0 : others == 0;
  const int identity_weight = identity.value_or(others.value_or(0));
  if (gzip_weight > 0 && gzip_weight >= identity_weight) return Encoding::Gzip;
  if (!identity_refused) return Encoding::Identity;
  if (gzip_weight > 0) return Encoding::Gzip;
  return std::nullopt;
}

int weight_of(const Request& request, std::string_view type, std::string_view version) {
  int weight = 0;
  for (std::string_view element : request.header_list("accept")) {
    if (!equals_ignoring_case(trim(cut(element, ';')), type)) continue;
    const int wanted = weight_in(element);
    bool is_it = true;
    while (!element.empty()) {
      std::string_view value = trim(cut(element, ';'));
      if (equals_ignoring_case(trim(cut(value, '=')), "version")) is_it = trim(value) == version;
    }
    if (is_it) weight = std::max(weight, wanted);
  }
  return weight;
}

bool accepts(const Request& request, std::string_view wanted) {
  if (!request.header("accept")) return true;
  int best_fit = 0;
  int weight = 0;
  for (const std::string_view element : request.header_list("accept")) {
    const Weighted range = split_weight(element);
    const int how_well = fit(range.name, wanted);
    if (how_well <= best_fit) continue;
    best_fit = how_well;
    weight = range.weight;
  }
  return weight > 0;
}

}  // namespace gateway::http
