#include "gateway/cli/window_text.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "gateway/cli/row_lines.h"
#include "gateway/cli/table_text.h"
#include "gateway/publish/number_text.h"
#include "gateway/publish/sheet.h"

namespace gateway::cli {
namespace {

using ingest::replay::FinalRow;
using ingest::replay::FinalWindow;

/// UTC: 2026-11-22T23:59:59Z.
std::string time_text(ingest::WallTime time) {
  const std::time_t seconds = ingest::to_ms(time) / 1'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string all{text.data(), size};
  if (const auto ms = ingest::to_ms(time) % 1'000; ms != 0)
    all += "." + std::string(ms < 10 ? 2 : ms < 100 ? 1 : 0, '0') + std::to_string(ms);
  return all + "Z";
}

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

constexpr std::size_t kWidthMax = 60;  // of a cell

/// Names begin at the left, numbers end at the right.
std::string joined(const std::vector<std::string>& line, const std::vector<std::size_t>& widths,
                   std::size_t names) {
  std::string text;
  for (std::size_t column = 0; column < line.size(); ++column) {
    const std::string blanks(widths[column] - width_of(line[column]), ' ');
    text += "  " + (column < names ? line[column] + blanks : blanks + line[column]);
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

/// RFC 4180: quoted where it must be.
std::string csv_text(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{text};
  std::string quoted{'"'};
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

WindowText::WindowText(const ingest::query::Query& query, Form form)
    : metric_(query.metric), by_(query.by), fields_(ingest::query::fields(query)), form_(form) {}

void WindowText::begin(std::string& out) const {
  if (form_ != Form::Csv) return;
  out += "start,end";
  for (const std::string& name : by_)
    out += "," + csv_text(name);
  for (const auto& field : fields_)
    out += "," + csv_text(field.name);
  out += "\r\n";
}

void WindowText::append(const FinalWindow& window, std::string& out) const {
  switch (form_) {
    case Form::Json:
      return append_json(window, out);
    case Form::Csv:
      return append_csv(window, out);
    case Form::Table:
      return append_table(window, out);
  }
}

std::string WindowText::value(const FinalRow& row, std::size_t column) const {
  const auto& stat = fields_[column].stat;
  if (stat && stat->is_list()) return publish::list_text(row.lists, row.values[column]);
  return std::string{
      publish::number_text(row.values[column], publish::digits_of(fields_[column])).view()};
}

/// What a row is of, as members of its object: as `weir tail` and `weir query` say it.
std::string WindowText::json_labels(const FinalRow& row) const {
  std::string metric = metric_;
  std::string kind;
  auto tags = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < by_.size() && i < row.key.size(); ++i) {
    if (by_[i] == "@metric") {
      metric = row.key[i];
    } else if (by_[i] == "@kind") {
      kind = R"(,"kind":)" + json_text(row.key[i]);
    } else if (by_[i] == "@tags") {
      add_tags(row.key[i], tags);
    } else if (!row.key[i].empty()) {
      tags[by_[i]] = row.key[i];
    }
  }
  return R"(,"metric":)" + json_text(metric) + kind + R"(,"tags":)" +
         tags.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void WindowText::append_json(const FinalWindow& window, std::string& out) const {
  const auto length = window.window.end - window.window.start;
  for (const FinalRow& row : window.rows) {
    out += R"({"time":)" + std::to_string(ingest::to_ms(window.window.end));
    out += R"(,"window":)" + std::to_string(length.count());
    out += json_labels(row);
    out += R"(,"stats":{)";
    for (std::size_t i = 0; i < fields_.size(); ++i)
      out += (i == 0 ? "" : ",") + json_text(fields_[i].name) + ":" + value(row, i);
    out += '}';
    if ((row.marks & ingest::query::kStale) != 0) out += R"(,"stale":true)";
    if ((row.marks & ingest::query::kOverflowed) != 0) out += R"(,"overflow":true)";
    out += "}\n";
  }
}

void WindowText::append_csv(const FinalWindow& window, std::string& out) const {
  for (const FinalRow& row : window.rows) {
    out += time_text(window.window.start) + "," + time_text(window.window.end);
    for (const std::string& part : row.key)
      out += "," + csv_text(part);
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const std::string text = value(row, i);
      out += "," + (text == "null" ? std::string{} : csv_text(text));
    }
    out += "\r\n";
  }
}

std::vector<std::string> WindowText::cells(const FinalRow& row) const {
  std::vector<std::string> line;
  for (const std::string& part : row.key)
    line.push_back(safe_text(part, kWidthMax));
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const std::string text = value(row, i);
    line.push_back(text == "null" ? "-" : safe_text(text, kWidthMax));
  }
  return line;
}

/// One table for each window, its columns as wide as they must be.
void WindowText::append_table(const FinalWindow& window, std::string& out) const {
  std::vector<std::vector<std::string>> lines{{}};
  for (const std::string& name : by_)
    lines.front().push_back(safe_text(name, kWidthMax));
  for (const auto& field : fields_)
    lines.front().push_back(safe_text(field.name, kWidthMax));
  for (const FinalRow& row : window.rows)
    lines.push_back(cells(row));
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines) {
    for (std::size_t column = 0; column < line.size(); ++column)
      widths[column] = std::max(widths[column], width_of(line[column]));
  }
  out += time_text(window.window.start) + " to " + time_text(window.window.end) + "\n";
  for (const auto& line : lines)
    out += joined(line, widths, by_.size()) + "\n";
}

}  // namespace gateway::cli
