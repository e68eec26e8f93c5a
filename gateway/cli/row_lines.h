#pragma once
// row_lines: rows of a window as JSON, one object a line, for programs: what changed in a
// LiveTable, or what a query answered. Pure.
//
//   {"time":1764000010000,"window":10000,"metric":"http.requests","tags":{"route":"/a"},
//    "stats":{"count":812,"p99":12.1}}                                              (one line)

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "gateway/cli/live_table.h"

namespace gateway::cli {

/// The tags of "@tags" ("region=eu,route=/a", a backslash before each , = \ of theirs), one member
/// each.
void add_tags(std::string_view text, nlohmann::ordered_json& tags);

/// Appends a line for each row of the change. `metric` is what was asked for: it stands where the
/// rows have no "@metric" of their own; "@tags" is told apart into tags. A correction has
/// "final":true or "rev":N besides.
void append_row_lines(const RowHead& head, const LiveTable::Change& change, std::string_view metric,
                      std::string& out);

}  // namespace gateway::cli
