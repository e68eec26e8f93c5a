#pragma once
// The parts of parse_query(), each with the members of the object that it reads, its code and its
// place. Part of the room's inside.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/result.h"
#include "ingest/query/query.h"

namespace ingest::query {

/// "where".
Result<std::vector<Matcher>, Fault> parse_where(const nlohmann::json& object,
                                                const QueryLimits& limits);
/// "by" and "without" into a query whose metric and where are known.
Result<void, Fault> parse_rows(const nlohmann::json& object, const QueryLimits& limits,
                               Query& query);
/// "window" and "slide".
Result<void, Fault> parse_windows(const nlohmann::json& object, const QueryLimits& limits,
                                  Query& query);
/// "stats", "err" and "derive" into a query whose metric is known.
Result<void, Fault> parse_columns(const nlohmann::json& object, const QueryLimits& limits,
                                  Query& query);
/// "order" and "limit" into a query whose columns are known.
Result<void, Fault> parse_order(const nlohmann::json& object, const QueryLimits& limits,
                                Query& query);

inline Failure<Fault> fault(Code code, std::string msg) {
  return Failure{Fault{code, std::move(msg), false}};
}
/// "where[1]: ".
inline std::string place(std::string_view list, std::size_t index) {
  return std::string{list} + '[' + std::to_string(index) + "]: ";
}
/// nullptr where it is no text.
inline const std::string* text_of(const nlohmann::json& value) {
  return value.get_ptr<const std::string*>();
}
/// Why `name` is no tag's name; empty when it is one.
std::string tag_fault(std::string_view name);

}  // namespace ingest::query
