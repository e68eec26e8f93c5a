#include "ingest/query/query.h"

#include <array>
#include <charconv>
#include <limits>

namespace ingest::query {
namespace {

struct Unit {
  std::string_view text;
  std::int64_t ms;
};
constexpr std::array kUnits{Unit{"", 1},          Unit{"ms", 1},       Unit{"s", 1'000},
                            Unit{"m", 60'000},    Unit{"min", 60'000}, Unit{"h", 3'600'000},
                            Unit{"d", 86'400'000}};

std::string_view op_text(Op op) {
  switch (op) {
    case Op::Equal:
      return "=";
    case Op::NotEqual:
      return "!=";
    case Op::Matches:
      return "=~";
    case Op::NotMatches:
      return "!~";
    case Op::In:
      return "in";
    case Op::NotIn:
      return "nin";
    case Op::Exists:
      return "exists";
  }
  return "=";
}

// A JSON string; bytes above 0x7f are kept as they are, so that different texts never print the
// same.
void write_text(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  out += '"';
}

template <class Items, class Write>
void write_list(const Items& items, std::string& out, Write write) {
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    write(item, out);
  }
  out += ']';
}

void write_matcher(const Matcher& matcher, std::string& out) {
  out += '[';
  write_text(matcher.tag, out);
  out += ',';
  write_text(op_text(matcher.op), out);
  if (matcher.op == Op::In || matcher.op == Op::NotIn) {
    out += ',';
    write_list(matcher.values, out, write_text);
  } else if (matcher.op != Op::Exists) {
    out += ',';
    write_text(matcher.values.empty() ? std::string_view{} : matcher.values.front(), out);
  }
  out += ']';
}

}  // namespace

bool Query::is_glob() const {
  return metric.find_first_of("*?") != std::string::npos;
}

std::string canonical_text(const Query& query) {
  std::string out = R"({"metric":)";
  write_text(query.metric, out);
  out += R"(,"where":)";
  write_list(query.where, out, write_matcher);
  out += R"(,"by":)";
  write_list(query.by, out, write_text);
  out += R"(,"window":)" + std::to_string(query.window.count());
  out += R"(,"slide":)" + std::to_string(query.slide.count());
  out += R"(,"stats":)";
  write_list(query.stats, out,
             [](const Stat& stat, std::string& to) { write_text(stat_name(stat), to); });
  out += '}';
  return out;
}

std::optional<Millis> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  if (text.empty() || text.front() == '-') return std::nullopt;
  const auto [rest, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc{}) return std::nullopt;
  const std::string_view unit{rest, static_cast<std::size_t>(end - rest)};
  for (const Unit& known : kUnits) {
    if (known.text != unit) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / known.ms) return std::nullopt;
    return Millis{number * known.ms};
  }
  return std::nullopt;
}

}  // namespace ingest::query
