// parse_query: text -> a query that cannot be wrong. Each part of the object has its function, its
// code and its place.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ingest/base/units.h"
#include "ingest/model/sample.h"
#include "ingest/query/echo.h"
#include "ingest/query/query.h"
#include "ingest/query/selector.h"
#include "ingest/query/stat.h"

namespace ingest::query {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kSlidesOfAWindow = 10;  // the default slide is at most a tenth of the window

Failure<Fault> fault(Code code, std::string msg) {
  return Failure{Fault{code, std::move(msg)}};
}

std::string place(std::string_view list, std::size_t index) {
  return std::string{list} + '[' + std::to_string(index) + "]: ";
}

const std::string* text_of(const Json& value) {
  return value.get_ptr<const std::string*>();
}

// Empty when `name` may stand in where and by.
std::string tag_fault(std::string_view name) {
  if (name.empty()) return "a tag's name is empty";
  if (name.size() > model::kTagKeyBytesMax) return "a tag's name is longer than 128 bytes";
  if (name.find('\0') != std::string_view::npos) return "a tag's name holds a NUL";
  if (name.front() == '@' && name != kMetricColumn && name != kKindColumn) {
    return "unknown name " + echoed(name) + "; besides tags there are @kind and @metric";
  }
  return {};
}

Result<std::string, Fault> parse_metric(const Json& object) {
  const auto found = object.find("metric");
  if (found == object.end()) {
    return fault(Code::QueryBadMetric, "metric: missing; want a name or a glob as \"http.*\"");
  }
  const std::string* text = text_of(*found);
  if (text == nullptr) return fault(Code::QueryBadMetric, "metric: want a text");
  if (text->empty()) return fault(Code::QueryBadMetric, "metric: is empty");
  if (text->size() > model::kNameBytesMax) {
    return fault(Code::QueryBadMetric, "metric: glob longer than 255 bytes");
  }
  if (text->find('\0') != std::string::npos) {
    return fault(Code::QueryBadMetric, "metric: holds a NUL");
  }
  return *text;
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
  if (std::string why = tag_fault(matcher.tag); !why.empty()) {
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

Result<std::vector<Matcher>, Fault> parse_where(const Json& object, const QueryLimits& limits) {
  std::vector<Matcher> where;
  const auto found = object.find("where");
  if (found == object.end()) return where;
  if (!found->is_array()) return fault(Code::QueryBadMatcher, "where: want a list of matchers");
  if (found->size() > limits.matchers_max) {
    return fault(Code::QueryBadMatcher,
                 "where: more than " + std::to_string(limits.matchers_max) + " matchers");
  }
  for (std::size_t i = 0; i < found->size(); ++i) {
    where.push_back(TRY(parse_matcher((*found)[i], place("where", i))));
  }
  return where;
}

Result<std::vector<std::string>, Fault> parse_by(const Json& object, const QueryLimits& limits) {
  std::vector<std::string> by;
  const auto found = object.find("by");
  if (found == object.end()) return by;
  if (!found->is_array()) return fault(Code::QueryBadBy, "by: want a list of tag names");
  if (found->size() > limits.by_max) {
    return fault(Code::QueryBadBy, "by: more than " + std::to_string(limits.by_max) + " names");
  }
  for (std::size_t i = 0; i < found->size(); ++i) {
    const std::string* name = text_of((*found)[i]);
    if (name == nullptr) return fault(Code::QueryBadBy, place("by", i) + "not a text");
    if (std::string why = tag_fault(*name); !why.empty()) {
      return fault(Code::QueryBadBy, place("by", i) + why);
    }
    by.push_back(*name);
  }
  return by;
}

Result<Stat, Fault> parse_one_stat(const Json& json, const std::string& at) {
  const std::string* name = text_of(json);
  if (name == nullptr) return fault(Code::QueryUnknownStat, at + "not a text");
  if (const auto stat = parse_stat(*name)) return *stat;
  return fault(Code::QueryUnknownStat,
               at + "unknown stat " + echoed(*name) + "; known are " + std::string{kStatsKnown});
}

Result<std::vector<Stat>, Fault> parse_stats(const Json& object, const QueryLimits& limits) {
  using enum Stat::Name;
  const auto found = object.find("stats");
  if (found == object.end()) {
    return std::vector<Stat>{{Count}, {Rate}, {Mean}, {Quantile, 50'000}, {Quantile, 99'000},
                             {Last}};
  }
  if (!found->is_array() || found->empty()) {
    return fault(Code::QueryUnknownStat, "stats: want a list of at least one stat");
  }
  if (found->size() > limits.stats_max) {
    return fault(Code::QueryUnknownStat,
                 "stats: more than " + std::to_string(limits.stats_max) + " stats");
  }
  std::vector<Stat> stats;
  for (std::size_t i = 0; i < found->size(); ++i) {
    stats.push_back(TRY(parse_one_stat((*found)[i], place("stats", i))));
  }
  return stats;
}

Result<Millis, Fault> parse_span(const Json& json, std::string_view name) {
  const std::string at = std::string{name} + ": ";
  std::optional<Millis> span;
  if (const std::string* text = text_of(json)) {
    if (const auto read = read_duration(*text)) span = *read;
  } else if (json.is_number_unsigned() && json.get<std::uint64_t>() <= INT64_MAX) {
    span = Millis{json.get<std::int64_t>()};
  }
  if (!span) {
    return fault(Code::QueryBadWindow,
                 at + "want a whole number of ms, or one with ms, s, m, min, h or d as \"10s\"");
  }
  if (span->count() == 0) return fault(Code::QueryBadWindow, at + "is zero");
  return *span;
}

// The largest divisor of the window that is at most a tenth of it and at least the pane, in whole
// panes.
Millis default_slide(Millis window, Millis pane) {
  const std::int64_t panes = window / pane;
  for (std::int64_t slide = panes / kSlidesOfAWindow; slide > 1; --slide) {
    if (panes % slide == 0) return slide * pane;
  }
  return pane;
}

Result<void, Fault> parse_windows(const Json& object, const QueryLimits& limits, Query& query) {
  const auto bad = [](std::string msg) { return fault(Code::QueryBadWindow, std::move(msg)); };
  const auto ms = [](Millis span) { return std::to_string(span.count()) + " ms"; };
  if (const auto found = object.find("window"); found != object.end()) {
    query.window = TRY(parse_span(*found, "window"));
  } else {
    query.window = std::max(query.window / limits.pane, std::int64_t{1}) * limits.pane;
  }
  if (query.window > limits.window_max) {
    return bad("window: longer than the limit of " + ms(limits.window_max));
  }
  if (query.window % limits.pane != Millis{0}) {
    return bad("window: " + ms(query.window) + " is not a multiple of the pane of " +
               ms(limits.pane));
  }
  const auto found = object.find("slide");
  query.slide = found == object.end() ? default_slide(query.window, limits.pane)
                                      : TRY(parse_span(*found, "slide"));
  if (query.slide > query.window) {
    return bad("slide: " + ms(query.slide) + " is greater than the window of " + ms(query.window));
  }
  if (query.slide % limits.pane != Millis{0}) {
    return bad("slide: " + ms(query.slide) + " is not a multiple of the pane of " +
               ms(limits.pane));
  }
  if (query.window % query.slide != Millis{0}) {
    return bad("window: " + ms(query.window) + " is not a multiple of the slide of " +
               ms(query.slide));
  }
  return {};
}

// What the language will have and this version does not: refused by name, never ignored.
Result<void, Fault> refuse_unsupported(const Json& object) {
  if (object.contains("order") || object.contains("limit")) {
    return fault(Code::QueryBadOrder,
                 "order, limit: not supported by this version; every row is sent, sort them there");
  }
  if (object.contains("derive")) {
    return fault(Code::QueryUnknownStat,
                 "derive: not supported by this version; known are " + std::string{kStatsKnown});
  }
  if (object.contains("without")) {
    return fault(Code::QueryBadBy, "without: not supported by this version; name the tags in by");
  }
  return {};
}

// A glob's rows stand apart by metric, and by kind unless one kind is asked for.
void name_the_implied_columns(Query& query) {
  if (!query.is_glob()) return;
  query.by.emplace_back(kMetricColumn);
  const auto asks_one_kind = [](const Matcher& matcher) {
    return matcher.tag == kKindColumn && matcher.op == Op::Equal;
  };
  if (std::ranges::none_of(query.where, asks_one_kind)) query.by.emplace_back(kKindColumn);
}

template <class T>
void sort_unique(std::vector<T>& items) {
  std::ranges::sort(items);
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

}  // namespace

void make_canonical(Query& query) {
  for (Matcher& matcher : query.where) {
    sort_unique(matcher.values);
    if (matcher.values.size() != 1) continue;
    if (matcher.op == Op::In) matcher.op = Op::Equal;
    if (matcher.op == Op::NotIn) matcher.op = Op::NotEqual;
  }
  sort_unique(query.where);
  sort_unique(query.by);
  sort_unique(query.stats);
}

Result<Query, Fault> parse_query(std::string_view json, const QueryLimits& limits) {
  if (json.size() > QueryLimits::kBytesMax) {
    return fault(Code::QueryBadJson, "q: longer than 65536 bytes");
  }
  const Json object = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) return fault(Code::QueryBadJson, "q: is not JSON");
  if (!object.is_object()) return fault(Code::QueryBadJson, "q: want a JSON object");
  TRY(refuse_unsupported(object));
  Query query;
  query.metric = TRY(parse_metric(object));
  query.where = TRY(parse_where(object, limits));
  query.by = TRY(parse_by(object, limits));
  query.stats = TRY(parse_stats(object, limits));
  TRY(parse_windows(object, limits, query));
  name_the_implied_columns(query);
  make_canonical(query);
  return query;
}

}  // namespace ingest::query
