// parse_columns: which numbers: `stats`, `err` and `derive`; and by which of them rows are ordered:
// `order` and `limit`.

#include <algorithm>

#include "ingest/query/columns.h"
#include "ingest/query/echo.h"
#include "ingest/query/parse_parts.h"

namespace ingest::query {
namespace {

using Json = nlohmann::json;

Result<Stat, Fault> parse_one_stat(const Json& json, const std::string& at) {
  const std::string* name = text_of(json);
  if (name == nullptr) return fault(Code::QueryUnknownStat, at + "not a text");
  if (const auto stat = parse_stat(*name)) return *stat;
  return fault(Code::QueryUnknownStat,
               at + "unknown stat " + echoed(*name) + "; known are " + std::string{kStatsKnown});
}

std::vector<Stat> default_stats() {
  using enum Stat::Name;
  return {{Count}, {Rate}, {Mean}, {Quantile, 50'000}, {Quantile, 99'000}, {Last}};
}

Result<std::vector<Stat>, Fault> parse_stats(const Json& list) {
  if (!list.is_array()) {
    return fault(Code::QueryUnknownStat, "stats: want a list of stats, as [\"count\",\"p99\"]");
  }
  std::vector<Stat> stats;
  for (std::size_t i = 0; i < list.size(); ++i) {
    stats.push_back(TRY(parse_one_stat(list[i], place("stats", i))));
  }
  return stats;
}

// Each quantile's bound beside it.
Result<void, Fault> parse_err(const Json& object, std::vector<Stat>& stats) {
  const auto found = object.find("err");
  if (found == object.end()) return {};
  if (!found->is_boolean()) return fault(Code::QueryUnknownStat, "err: want true or false");
  if (!found->get<bool>()) return {};
  const std::vector<Stat> asked = stats;
  for (const Stat& stat : asked) {
    if (stat.name != Stat::Name::Quantile) continue;
    stats.push_back({Stat::Name::QuantileError, stat.hundred_thousandths});
  }
  return {};
}

// As a variable's of most languages.
bool is_identifier(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || digit(c); });
}

Result<Derived, Fault> parse_derived(const std::string& name, const Json& json,
                                     std::string_view metric) {
  const auto bad = [&](const std::string& why) {
    return fault(Code::QueryUnknownStat, "derive." + name + ": " + why);
  };
  if (name.size() > QueryLimits::kDerivedNameBytesMax || !is_identifier(name)) {
    return fault(Code::QueryUnknownStat,
                 "derive: " + echoed(name) +
                     " is no name; want at most 64 letters, digits and _, no digit first");
  }
  if (parse_stat(name)) return bad("is a stat's name; call it otherwise");
  const std::string* text = text_of(json);
  if (text == nullptr) return bad("want an expression as a text, as \"max - min\"");
  auto expression = Expression::parse(*text, metric);
  if (!expression) return bad(expression.error());
  return Derived{name, *std::move(expression)};
}

Result<void, Fault> parse_derive(const Json& object, const QueryLimits& limits, Query& query) {
  const auto found = object.find("derive");
  if (found == object.end()) return {};
  if (!found->is_object()) {
    return fault(Code::QueryUnknownStat,
                 R"(derive: want an object of expressions, as {"spread":"max - min"})");
  }
  if (found->size() > limits.derive_max) {
    return fault(Code::QueryUnknownStat,
                 "derive: more than " + std::to_string(limits.derive_max) + " fields");
  }
  for (const auto& [name, expression] : found->items()) {
    query.derive.push_back(TRY(parse_derived(name, expression, query.metric)));
  }
  return {};
}

// The rows of a query that joins metrics are of no single one.
Result<void, Fault> refuse_stats_of_no_metric(const Query& query) {
  if (!query.stats.empty()) {
    return fault(Code::QueryUnknownStat,
                 "stats: " + stat_name(query.stats.front()) +
                     " of which metric? derive joins several: name it there, as \"errors.count\"");
  }
  for (const Derived& derived : query.derive) {
    for (const Term& term : derived.expression.terms()) {
      if (!term.metric.empty()) continue;
      return fault(Code::QueryUnknownStat,
                   "derive." + derived.name + ": " + stat_name(term.stat) +
                       " of which metric? derive joins several: name it, as \"errors.count\"");
    }
  }
  return {};
}

Result<std::uint32_t, Fault> parse_limit(const Json& json, const QueryLimits& limits) {
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() == 0) {
    return fault(Code::QueryBadOrder, "limit: want a whole number of rows, 1 or more");
  }
  const auto limit = json.get<std::uint64_t>();
  if (limit > limits.rows_max) {
    return fault(Code::LimitRows, "limit: " + std::to_string(limit) + " rows are more than the " +
                                      std::to_string(limits.rows_max) + " of limits.rows");
  }
  return static_cast<std::uint32_t>(limit);
}

Result<Order, Fault> parse_order_text(const Json& json, const Query& query) {
  constexpr const char* kShape = R"(order: want a field and a direction, as "p99:desc")";
  const std::string* text = text_of(json);
  if (text == nullptr) return fault(Code::QueryBadOrder, kShape);
  const std::size_t colon = text->find(':');
  const std::string way = colon == std::string::npos ? "desc" : text->substr(colon + 1);
  if (way != "asc" && way != "desc") return fault(Code::QueryBadOrder, kShape);
  Order order{text->substr(0, colon),
              way == "asc" ? Order::Direction::Ascending : Order::Direction::Descending};
  const auto stat = parse_stat(order.field);
  if (stat) order.field = stat_name(*stat);
  const auto columns = fields(query);
  if (std::ranges::find(columns, order.field, &Field::name) == columns.end()) {
    return fault(Code::QueryBadOrder, "order: " + echoed(order.field) +
                                          " is none of the query's stats and derived fields");
  }
  if (stat && stat->is_list()) {
    return fault(Code::QueryBadOrder, "order: buckets is a list, which has no order");
  }
  return order;
}

}  // namespace

Result<void, Fault> parse_columns(const Json& object, const QueryLimits& limits, Query& query) {
  TRY(parse_derive(object, limits, query));
  const bool joins = !joined_metrics(query).empty();
  if (const auto stats = object.find("stats"); stats != object.end()) {
    query.stats = TRY(parse_stats(*stats));
  } else if (!joins) {
    query.stats = default_stats();
  }
  TRY(parse_err(object, query.stats));
  if (joins) TRY(refuse_stats_of_no_metric(query));
  if (query.stats.empty() && query.derive.empty()) {
    return fault(Code::QueryUnknownStat, "stats: want at least one stat");
  }
  if (query.stats.size() > limits.stats_max) {
    return fault(Code::QueryUnknownStat,
                 "stats: more than " + std::to_string(limits.stats_max) + " stats");
  }
  return {};
}

Result<void, Fault> parse_order(const Json& object, const QueryLimits& limits, Query& query) {
  if (const auto order = object.find("order"); order != object.end()) {
    query.order = TRY(parse_order_text(*order, query));
  }
  const auto limit = object.find("limit");
  if (limit == object.end()) return {};
  query.limit = TRY(parse_limit(*limit, limits));
  if (query.order) return {};
  return fault(Code::QueryBadOrder, "limit: which rows? want an order too, as \"p99:desc\"");
}

}  // namespace ingest::query
