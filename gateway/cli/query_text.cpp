#include "gateway/cli/query_text.h"

#include <array>
#include <ctime>
#include <utility>
#include <vector>

#include "gateway/cli/row_lines.h"

namespace gateway::cli {
namespace {

using nlohmann::json;

constexpr std::int64_t kDayMs = 86'400'000;

/// "17:23:05" where the reader lives, with the date where the answer is longer than a day.
std::string local_text(std::int64_t ms, bool with_date) {
  const std::time_t seconds = ms / 1'000;
  std::tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const char* format = with_date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S";
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

/// "2023-11-14T22:13:20.250Z".
std::string utc_text(std::int64_t ms) {
  const std::time_t seconds = ms / 1'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::string whole{text.data(), std::strftime(text.data(), text.size(), "%FT%T.", &parts)};
  return whole + std::to_string(1'000 + ms % 1'000).substr(1) + "Z";
}

/// "@metric" is one of ours.
std::string title_of(const std::string& name) {
  return name.starts_with('@') ? name.substr(1) : name;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of("\",\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += c;
    quoted += c;
  }
  return quoted + '"';
}

std::string csv_value(const json& value) {
  if (value.is_null()) return "";
  return csv_cell(value.is_string() ? value.get<std::string>() : value.dump());
}

}  // namespace

std::string answer_as_table(const AnswerTable& answer, const Screen& screen, Colors colors) {
  const auto& windows = answer.windows();
  const bool timed = windows.size() > 1;
  const bool long_ago = timed && std::prev(windows.end())->first - windows.begin()->first >= kDayMs;
  std::vector<std::string> by;
  if (timed) by.emplace_back("time");
  for (const std::string& name : answer.by())
    by.push_back(title_of(name));
  std::vector<LiveTable::Row> rows;
  rows.reserve(answer.rows());
  for (const auto& [end, some] : windows) {
    for (LiveTable::Row row : some) {
      if (timed) row.key.insert(row.key.begin(), local_text(end, long_ago));
      rows.push_back(std::move(row));
    }
  }
  std::vector<const LiveTable::Row*> shown;
  shown.reserve(rows.size());
  for (const LiveTable::Row& row : rows)
    shown.push_back(&row);
  std::string text;
  for (const std::string& line : table_lines(RowHead{by, answer.fields()}, shown, screen)) {
    const bool bold = text.empty() && colors == Colors::Yes;
    text.append(bold ? "\x1b[1m" : "").append(line).append(bold ? "\x1b[0m\n" : "\n");
  }
  return text;
}

std::string answer_as_json(const AnswerTable& answer, std::string_view metric) {
  std::string lines;
  for (const auto& [end, rows] : answer.windows()) {
    LiveTable::Change change;
    change.kind = LiveTable::Change::Kind::Table;
    change.window = {end - answer.length(), end};
    change.rows = rows;
    append_row_lines({answer.by(), answer.fields()}, change, metric, lines);
  }
  return lines;
}

std::string answer_as_csv(const AnswerTable& answer) {
  std::string text = "time";
  for (const std::string& name : answer.by())
    text += ',' + csv_cell(title_of(name));
  for (const std::string& name : answer.fields())
    text += ',' + csv_cell(name);
  text += '\n';
  for (const auto& [end, rows] : answer.windows()) {
    for (const LiveTable::Row& row : rows) {
      text += utc_text(end);
      for (const std::string& value : row.key)
        text += ',' + csv_cell(value);
      for (const json& value : row.values)
        text += ',' + csv_value(value);
      text += '\n';
    }
  }
  return text;
}

}  // namespace gateway::cli
