// parse_rows: what makes a row: `by` and `without`.

#include <algorithm>

#include "ingest/query/columns.h"
#include "ingest/query/echo.h"
#include "ingest/query/parse_parts.h"

namespace ingest::query {
namespace {

using Json = nlohmann::json;

bool is_ours(std::string_view name) {
  return name.starts_with('@');
}

std::string row_name_fault(std::string_view name) {
  if (name == kMetricColumn || name == kKindColumn || name == kTagsColumn) return {};
  if (is_ours(name)) {
    return "unknown name " + echoed(name) + "; besides tags there are @kind, @metric and @tags";
  }
  return tag_fault(name);
}

Result<std::vector<std::string>, Fault> parse_names(const Json& list, const char* member,
                                                    const QueryLimits& limits) {
  std::vector<std::string> names;
  std::size_t tags = 0;
  if (!list.is_array()) {
    return fault(Code::QueryBadBy, std::string{member} + ": want a list of tag names");
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string* name = text_of(list[i]);
    if (name == nullptr) return fault(Code::QueryBadBy, place(member, i) + "not a text");
    if (std::string why = row_name_fault(*name); !why.empty()) {
      return fault(Code::QueryBadBy, place(member, i) + why);
    }
    if (!is_ours(*name) && ++tags > limits.by_max) {
      return fault(Code::QueryBadBy,
                   std::string{member} + ": more than " + std::to_string(limits.by_max) + " names");
    }
    if (std::ranges::find(names, *name) == names.end()) names.push_back(*name);
  }
  return names;
}

Result<void, Fault> parse_without(const Json& list, const QueryLimits& limits, Query& query) {
  query.without = TRY(parse_names(list, "without", limits));
  for (std::size_t i = 0; i < query.without.size(); ++i) {
    if (is_ours(query.without[i])) {
      return fault(Code::QueryBadBy, place("without", i) + echoed(query.without[i]) +
                                         " is no tag; leave it out of by instead");
    }
  }
  if (!groups_by_all_tags(query)) query.by.emplace_back(kTagsColumn);
  return {};
}

// @tags holds every tag there is.
Result<void, Fault> refuse_both(const Query& query) {
  if (!groups_by_all_tags(query)) return {};
  const auto named = std::ranges::find_if_not(query.by, is_ours);
  if (named == query.by.end()) return {};
  return fault(Code::QueryBadBy, "by: " + echoed(*named) +
                                     " besides without (or @tags), which keeps every other tag "
                                     "already; want one of the two");
}

// A glob's rows stand apart by metric, and by kind unless one kind is asked for, or join them.
Result<void, Fault> name_the_implied_columns(Query& query) {
  if (!joined_metrics(query).empty()) {
    for (const std::string_view own : {kMetricColumn, kKindColumn}) {
      if (std::ranges::find(query.by, own) == query.by.end()) continue;
      return fault(Code::QueryBadBy,
                   "by: " + echoed(own) + " tells the rows of metrics apart that derive joins");
    }
    return {};
  }
  if (!query.is_glob()) return {};
  query.by.emplace_back(kMetricColumn);
  const auto asks_one_kind = [](const Matcher& matcher) {
    return matcher.tag == kKindColumn && matcher.op == Op::Equal;
  };
  if (std::ranges::none_of(query.where, asks_one_kind)) query.by.emplace_back(kKindColumn);
  return {};
}

}  // namespace

Result<void, Fault> parse_rows(const Json& object, const QueryLimits& limits, Query& query) {
  if (const auto by = object.find("by"); by != object.end()) {
    query.by = TRY(parse_names(*by, "by", limits));
  }
  if (const auto without = object.find("without"); without != object.end()) {
    TRY(parse_without(*without, limits, query));
  }
  TRY(refuse_both(query));
  return name_the_implied_columns(query);
}

}  // namespace ingest::query
