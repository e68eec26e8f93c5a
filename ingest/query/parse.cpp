// parse_query: text -> a query that cannot be wrong. Each part of the object has its function
// (parse_parts.h), its code and its place.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ingest/model/glob.h"
#include "ingest/model/sample.h"
#include "ingest/query/parse_parts.h"
#include "ingest/query/query.h"
#include "ingest/query/selector.h"

namespace ingest::query {
namespace {

using Json = nlohmann::json;

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
  if (model::wildcards(*text) > QueryLimits::kWildcardsMax) {
    return fault(Code::QueryBadMetric, "metric: more than " +
                                           std::to_string(QueryLimits::kWildcardsMax) +
                                           " wildcards (*, ** and ?)");
  }
  return *text;
}

template <class T>
void sort_unique(std::vector<T>& items) {
  std::ranges::sort(items);
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

}  // namespace

void make_canonical(std::vector<Matcher>& where) {
  for (Matcher& matcher : where) {
    sort_unique(matcher.values);
    if (matcher.values.size() != 1) continue;
    if (matcher.op == Op::In) matcher.op = Op::Equal;
    if (matcher.op == Op::NotIn) matcher.op = Op::NotEqual;
  }
  sort_unique(where);
}

void make_canonical(Query& query) {
  make_canonical(query.where);
  sort_unique(query.by);
  sort_unique(query.without);
  sort_unique(query.stats);
  std::ranges::sort(query.derive, {}, &Derived::name);
}

void restrict(std::vector<Matcher>& where, const std::vector<Matcher>& allowed) {
  if (allowed.empty()) return;
  where.insert(where.end(), allowed.begin(), allowed.end());
  // Series past a cap are folded into these two, whatever their tags were: a matcher that an absent
  // tag passes would show the totals of others.
  where.push_back({std::string{kOverflow}, Op::NotEqual, {"true"}});
  where.push_back({std::string{kMetricColumn}, Op::NotEqual, {"weir.overflow"}});
  make_canonical(where);
}

void restrict(Query& query, const std::vector<Matcher>& allowed) {
  restrict(query.where, allowed);
}

std::string tag_fault(std::string_view name) {
  if (name.empty()) return "a tag's name is empty";
  if (name.size() > model::kTagKeyBytesMax) return "a tag's name is longer than 128 bytes";
  if (name.find('\0') != std::string_view::npos) return "a tag's name holds a NUL";
  return {};
}

Result<Query, Fault> parse_query(std::string_view json, const QueryLimits& limits) {
  if (json.size() > QueryLimits::kBytesMax) {
    return fault(Code::QueryBadJson, "q: longer than 65536 bytes");
  }
  const Json object = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) return fault(Code::QueryBadJson, "q: is not JSON");
  if (!object.is_object()) return fault(Code::QueryBadJson, "q: want a JSON object");
  Query query;
  query.metric = TRY(parse_metric(object));
  query.where = TRY(parse_where(object, limits));
  TRY(parse_columns(object, limits, query));
  TRY(parse_rows(object, limits, query));
  TRY(parse_windows(object, limits, query));
  make_canonical(query);
  TRY(parse_order(object, limits, query));
  return query;
}

}  // namespace ingest::query
