#pragma once
// query_text: the answer of `weir query` for a person's eyes, for programs, and for spreadsheets.
// Pure, but for the reader's time zone.

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/cli/answer_table.h"
#include "gateway/cli/table_text.h"

namespace gateway::cli {

/// Windows one after another, the time of each in front where there are several.
enum class Colors : std::uint8_t { No, Yes };
std::string answer_as_table(const AnswerTable& answer, const Screen& screen, Colors colors);

/// A line for each row, as row_lines.h has them.
std::string answer_as_json(const AnswerTable& answer, std::string_view metric);

/// RFC 4180, but for its line ends: "time,route,count,p99", then a line for each row; null is
/// empty.
std::string answer_as_csv(const AnswerTable& answer);

}  // namespace gateway::cli
