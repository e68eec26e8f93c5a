#include "ingest/query/query.h"

#include <algorithm>

#include "ingest/query/columns.h"

namespace ingest::query {
namespace {

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

void write_derive(const std::vector<Derived>& derive, std::string& out) {
  if (derive.empty()) return;
  out += R"(,"derive":{)";
  for (const Derived& derived : derive) {
    write_text(derived.name, out);
    out += ':';
    write_text(derived.expression.text(), out);
    out += ',';
  }
  out.back() = '}';
}

}  // namespace

bool groups_by_all_tags(const Query& query) {
  return std::ranges::find(query.by, kTagsColumn) != query.by.end();
}

bool mixes_kinds(const Query& query) {
  const auto asks_one = [](const Matcher& matcher) {
    return matcher.tag == kKindColumn && matcher.op == Op::Equal;
  };
  return !query.is_glob() && joined_metrics(query).empty() &&
         std::ranges::find(query.by, kKindColumn) == query.by.end() &&
         std::ranges::none_of(query.where, asks_one);
}

Query keyed_by_kind(Query query) {
  query.by.emplace_back(kKindColumn);
  make_canonical(query);
  return query;
}

std::vector<Field> fields(const Query& query) {
  std::vector<Field> columns;
  for (const Stat& stat : query.stats)
    columns.push_back({stat_name(stat), stat});
  for (const Derived& derived : query.derive)
    columns.push_back({derived.name, std::nullopt});
  return columns;
}

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
  if (groups_by_all_tags(query)) {
    out += R"(,"without":)";
    write_list(query.without, out, write_text);
  }
  out += R"(,"window":)" + std::to_string(query.window.count());
  out += R"(,"slide":)" + std::to_string(query.slide.count());
  out += R"(,"stats":)";
  write_list(query.stats, out,
             [](const Stat& stat, std::string& to) { write_text(stat_name(stat), to); });
  write_derive(query.derive, out);
  if (query.order) {
    const bool up = query.order->direction == Order::Direction::Ascending;
    out += R"(,"order":)";
    write_text(query.order->field + (up ? ":asc" : ":desc"), out);
  }
  if (query.limit > 0) out += R"(,"limit":)" + std::to_string(query.limit);
  out += '}';
  return out;
}

}  // namespace ingest::query
