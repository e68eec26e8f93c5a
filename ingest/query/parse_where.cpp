// parse_where: the matchers of a query.

#include "ingest/model/sample.h"
#include "ingest/query/echo.h"
#include "ingest/query/parse_parts.h"
#include "ingest/query/where.h"

namespace ingest::query {
namespace {

using Json = nlohmann::json;

std::string matched_name_fault(std::string_view name) {
  if (name == kMetricColumn || name == kKindColumn) return {};
  if (name.starts_with('@')) {
    return "unknown name " + echoed(name) + "; besides tags there are @kind and @metric";
  }
  return tag_fault(name);
}

std::optional<Op> parse_op(std::string_view text) {
  if (text == "=") return Op::Equal;
  if (text == "!=") return Op::NotEqual;
  if (text == "=~") return Op::Matches;
  if (text == "!~") return Op::NotMatches;
  if (text == "in") return Op::In;
  if (text == "nin") return Op::NotIn;
  if (text == "exists") return Op::Exists;
  return std::nullopt;
}

// The third element of a matcher.
Result<std::vector<std::string>, Fault> parse_values(Op op, const Json& value,
                                                     const std::string& at) {
  std::vector<std::string> values;
  if (op == Op::In || op == Op::NotIn) {
    if (!value.is_array() || value.empty() || value.size() > QueryLimits::kMatcherValuesMax) {
      return fault(Code::QueryBadMatcher, at + "in and nin want a list of 1 to 256 texts");
    }
    for (const Json& one : value) {
      if (!one.is_string()) return fault(Code::QueryBadMatcher, at + "a value is not a text");
      values.push_back(*text_of(one));
    }
  } else {
    if (!value.is_string()) {
      return fault(Code::QueryBadMatcher, at + "the value is not a text, as in \"200\"");
    }
    values.push_back(*text_of(value));
  }
  if (op == Op::Matches || op == Op::NotMatches) {
    if (std::string why = regex_fault(values.front()); !why.empty()) {
      return fault(Code::QueryBadMatcher, at + why);
    }
    return values;
  }
  for (const std::string& one : values) {
    if (one.size() > model::kTagValueBytesMax) {
      return fault(Code::QueryBadMatcher, at + "a value is longer than 256 bytes");
    }
  }
  return values;
}

Result<Matcher, Fault> parse_matcher(const Json& json, const std::string& at) {
  constexpr std::string_view kShape = R"(want ["tag", operator, value] or ["tag", "exists"])";
  if (!json.is_array() || json.size() < 2 || !json[0].is_string() || !json[1].is_string()) {
    return fault(Code::QueryBadMatcher, at + std::string{kShape});
  }
  Matcher matcher;
  matcher.tag = *text_of(json[0]);
  if (std::string why = matched_name_fault(matcher.tag); !why.empty()) {
    return fault(Code::QueryBadMatcher, at + why);
  }
  const std::string& op = *text_of(json[1]);
  const auto known = parse_op(op);
  if (!known) {
    return fault(Code::QueryBadMatcher,
                 at + "unknown operator " + echoed(op) + "; known are = != =~ !~ in nin exists");
  }
  matcher.op = *known;
  if (json.size() != (matcher.op == Op::Exists ? 2U : 3U)) {
    return fault(Code::QueryBadMatcher, at + std::string{kShape});
  }
  if (matcher.op != Op::Exists) matcher.values = TRY(parse_values(matcher.op, json[2], at));
  return matcher;
}

Result<std::vector<Matcher>, Fault> parse_list(const Json& list, const QueryLimits& limits) {
  if (!list.is_array()) return fault(Code::QueryBadMatcher, "where: want a list of matchers");
  if (list.size() > limits.matchers_max) {
    return fault(Code::QueryBadMatcher,
                 "where: more than " + std::to_string(limits.matchers_max) + " matchers");
  }
  std::vector<Matcher> where;
  for (std::size_t i = 0; i < list.size(); ++i) {
    where.push_back(TRY(parse_matcher(list[i], place("where", i))));
  }
  return where;
}

}  // namespace

Result<std::vector<Matcher>, Fault> parse_where(const Json& object, const QueryLimits& limits) {
  const auto found = object.find("where");
  return found == object.end() ? std::vector<Matcher>{} : parse_list(*found, limits);
}

Result<std::vector<Matcher>, Fault> parse_matchers(std::string_view json,
                                                   const QueryLimits& limits) {
  if (json.size() > QueryLimits::kBytesMax) {
    return fault(Code::QueryBadJson, "where: longer than 65536 bytes");
  }
  const Json list = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (list.is_discarded()) return fault(Code::QueryBadJson, "where: is not JSON");
  std::vector<Matcher> where = TRY(parse_list(list, limits));
  make_canonical(where);
  return where;
}

}  // namespace ingest::query
