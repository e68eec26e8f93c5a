#include "gateway/cli/table_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace gateway::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kGap = 2;          // blanks between columns
constexpr std::size_t kKeyWidthMin = 8;  // below it, columns go instead
constexpr std::size_t kKeyWidthMax = 60;
constexpr std::string_view kCut = "\xE2\x80\xA6";  // …

/// The first byte of a character in UTF-8.
bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

std::string value_text(const json& value) {
  if (value.is_null()) return "-";
  return value.is_number_float() ? number_text(value.get<double>()) : value.dump();
}

struct Column {
  std::string title;
  std::vector<std::string> cells;
  std::size_t width = 0;
  bool is_key = false;

  void add(std::string text) {
    width = std::max(width, width_of(text));
    cells.push_back(std::move(text));
  }
};

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::string blanks(width - std::min(width, width_of(text)), ' ');
  return left ? text + blanks : blanks + text;
}

/// By one value; null is last whatever the direction, equal ones stand by their keys.
class Before {
 public:
  Before(const LiveTable& table, const Order& order) : descending_(order.descending) {
    const auto& by = table.by();
    const auto& fields = table.fields();
    const auto key = std::find(by.begin(), by.end(), order.name);
    const auto field = std::find(fields.begin(), fields.end(), order.name);
    if (field != fields.end()) field_ = static_cast<std::size_t>(field - fields.begin());
    if (field == fields.end() && key != by.end()) {
      by_key_ = true;
      field_ = static_cast<std::size_t>(key - by.begin());
    }
    if (field == fields.end() && key == by.end()) descending_ = true;
  }
  bool operator()(const LiveTable::Row* a, const LiveTable::Row* b) const {
    if (by_key_ && a->key[field_] != b->key[field_])
      return comes_first(a->key[field_], b->key[field_]);
    if (!by_key_ && field_ < a->values.size()) {
      const json& x = a->values[field_];
      const json& y = b->values[field_];
      if (x.is_number() != y.is_number()) return x.is_number();
      const double left = x.is_number() ? x.get<double>() : 0;
      const double right = x.is_number() ? y.get<double>() : 0;
      if (left != right) return comes_first(left, right);
    }
    return a->key < b->key;
  }

 private:
  template <class Value>
  bool comes_first(const Value& a, const Value& b) const {
    return descending_ ? b < a : a < b;
  }

  std::size_t field_ = 0;
  bool by_key_ = false;
  bool descending_;
};

std::vector<Column> columns_of(const RowHead& head, std::span<const LiveTable::Row* const> rows) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < head.by.size(); ++i) {
    Column& column = columns.emplace_back();
    column.is_key = true;
    column.title = safe_text(head.by[i], kKeyWidthMax);
    column.width = width_of(column.title);
    for (const LiveTable::Row* row : rows)
      column.add(safe_text(row->key[i].empty() ? "-" : row->key[i], kKeyWidthMax));
  }
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    Column& column = columns.emplace_back();
    column.title = safe_text(head.fields[i], kKeyWidthMax);
    column.width = width_of(column.title);
    for (const LiveTable::Row* row : rows)
      column.add(safe_text(value_text(row->values[i]), kKeyWidthMax));
  }
  return columns;
}

std::size_t width_of_all(const std::vector<Column>& columns) {
  return std::accumulate(columns.begin(), columns.end(), columns.empty() ? 0 : -kGap,
                         [](std::size_t sum, const Column& one) { return sum + one.width + kGap; });
}

/// The widest key that may still give; null when there is none.
Column* widest_key(std::vector<Column>& columns) {
  Column* widest = nullptr;
  for (Column& column : columns) {
    if (!column.is_key || column.width <= kKeyWidthMin) continue;
    if (widest == nullptr || column.width > widest->width) widest = &column;
  }
  return widest;
}

/// The widest key gives first, down to kKeyWidthMin; then columns go from the right. Returns how
/// many went.
std::size_t fit(std::vector<Column>& columns, std::size_t width) {
  std::size_t gone = 0;
  while (!columns.empty() && width_of_all(columns) > width) {
    if (Column* widest = widest_key(columns); widest != nullptr) {
      --widest->width;
    } else {
      columns.pop_back();
      ++gone;
    }
  }
  return gone;
}

/// Each column as wide as it has been, so that a digit less does not move the others. Where the
/// screen is too narrow for that, it begins anew.
void keep_widths(std::vector<Column>& columns, std::size_t room, std::vector<std::size_t>& kept) {
  kept.resize(columns.size(), 0);
  std::vector<Column> wider = columns;
  for (std::size_t i = 0; i < columns.size(); ++i)
    wider[i].width = std::max(wider[i].width, kept[i]);
  const bool fits = width_of_all(wider) <= room;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (fits) columns[i].width = wider[i].width;
    kept[i] = columns[i].width;
  }
}

std::string line_of(const std::vector<Column>& columns,
                    const std::string& (*cell)(const Column&, std::size_t), std::size_t row) {
  std::string line;
  for (const Column& column : columns) {
    if (!line.empty()) line.append(kGap, ' ');
    line += padded(safe_text(cell(column, row), column.width), column.width, column.is_key);
  }
  while (line.ends_with(' '))
    line.pop_back();
  return line;
}

const std::string& title_cell(const Column& column, std::size_t /*row*/) {
  return column.title;
}
const std::string& row_cell(const Column& column, std::size_t row) {
  return column.cells[row];
}

std::string rest_text(std::size_t rows, std::size_t columns) {
  std::string text;
  if (rows > 0) text = std::to_string(rows) + (rows == 1 ? " more row" : " more rows");
  if (columns > 0) {
    text += text.empty() ? "" : ", ";
    text += std::to_string(columns) + (columns == 1 ? " more column" : " more columns");
  }
  return text;
}

/// Two lines are the header and what says how much does not fit.
std::size_t rows_shown(const Screen& screen) {
  return std::min(std::max<std::size_t>(screen.lines, 3) - 2, screen.rows_max);
}

struct Room {
  const Screen& screen;
  std::vector<std::size_t>* widths;
};
std::vector<std::string> lines_of(const RowHead& head, std::span<const LiveTable::Row* const> rows,
                                  std::size_t rows_all, const Room& room) {
  std::vector<Column> columns = columns_of(head, rows);
  if (room.widths != nullptr) keep_widths(columns, room.screen.columns, *room.widths);
  const std::size_t columns_gone = fit(columns, room.screen.columns);
  std::vector<std::string> lines{line_of(columns, title_cell, 0)};
  for (std::size_t row = 0; row < rows.size(); ++row)
    lines.push_back(line_of(columns, row_cell, row));
  const std::string rest = rest_text(rows_all - rows.size(), columns_gone);
  if (!rest.empty()) lines.push_back(safe_text(rest, room.screen.columns));
  return lines;
}

}  // namespace

std::string number_text(double number) {
  // Above, six digits have no place for a fraction; a whole number is not rounded.
  constexpr double kWhole = 999'999.5;
  constexpr double kWholeMax = 1e15;
  const double size = std::abs(number);
  std::array<char, 32> text{};
  const char* format = size >= kWhole && size < kWholeMax ? "%.0f" : "%.6g";
  std::snprintf(text.data(), text.size(), format,
                number);  // NOLINT(*-vararg): no locale, no stream
  return text.data();
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string safe_text(std::string_view text, std::size_t columns_max) {
  std::string safe;
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (begins_character(text[i])) ++columns;
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters too, C2 80 to C2 9F.
    const bool second =
        i + 1 < text.size() && byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (second) ++i;
    safe += byte < ' ' || byte == 0x7F || second ? '?' : text[i];
  }
  if (columns <= columns_max) return safe;
  if (columns_max == 0) return "";
  std::size_t end = 0;
  for (std::size_t seen = 0; end < safe.size(); ++end) {
    if (begins_character(safe[end]) && ++seen == columns_max) break;
  }
  return safe.substr(0, end).append(kCut);
}

Order parse_order(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  return {.name = std::string{text.substr(0, colon)}, .descending = text.substr(colon) != ":asc"};
}

std::vector<const LiveTable::Row*> sorted_rows(const LiveTable& table, const Order& order,
                                               std::size_t rows_max) {
  std::vector<const LiveTable::Row*> rows;
  for (const auto& [index, row] : table.rows())
    rows.push_back(&row);
  const std::size_t count = std::min(rows.size(), rows_max);
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count), rows.end(),
                    Before{table, order});
  rows.resize(count);
  return rows;
}

std::vector<std::string> table_lines(const LiveTable& table, const Order& order,
                                     const Screen& screen, std::vector<std::size_t>* widths) {
  const auto rows = sorted_rows(table, order, rows_shown(screen));
  return lines_of(table.head(), rows, table.rows().size(), {screen, widths});
}

std::vector<std::string> table_lines(const RowHead& head,
                                     std::span<const LiveTable::Row* const> rows,
                                     const Screen& screen) {
  const auto shown = rows.first(std::min(rows.size(), rows_shown(screen)));
  return lines_of(head, shown, rows.size(), {screen, nullptr});
}

}  // namespace gateway::cli
