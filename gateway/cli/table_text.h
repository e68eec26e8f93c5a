#pragma once
// table_text: a LiveTable as lines of a terminal: sorted, cut to its width and height, and safe:
// names come from whoever sends metrics, so no control character of theirs reaches the terminal.
// Pure.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/live_table.h"

namespace gateway::cli {

struct Screen {
  std::size_t columns = 80;
  std::size_t lines = 24;  // for the table, its header included
  std::size_t rows_max = SIZE_MAX;
};

/// "p99:desc": a field, or a part of the key, and a direction. An empty one, or a name that the
/// table does not have, sorts by the first field, the largest first.
struct Order {
  std::string name;
  bool descending = true;
};
Order parse_order(std::string_view text);

/// The first rows in that order; pointers into the table.
std::vector<const LiveTable::Row*> sorted_rows(const LiveTable& table, const Order& order,
                                               std::size_t rows_max);

/// A header and a line for each row, none longer than the screen is wide. Where rows or columns do
/// not fit, the last line says how many. `widths` remembers how wide the columns were, for a table
/// that is drawn again and again; null: each stands for itself.
std::vector<std::string> table_lines(const LiveTable& table, const Order& order,
                                     const Screen& screen,
                                     std::vector<std::size_t>* widths = nullptr);

/// The same of rows that are in their order already, as many of them as the screen has lines for.
std::vector<std::string> table_lines(const RowHead& head,
                                     std::span<const LiveTable::Row* const> rows,
                                     const Screen& screen);

/// At most 6 significant digits, and all of the whole part: 0.78607, 12.5, 1234568.
std::string number_text(double number);

/// `text` with every control character as '?', cut to `columns_max` characters with "…" where it is
/// longer. A character counts as one column wide.
std::string safe_text(std::string_view text, std::size_t columns_max);
/// How many characters.
std::size_t width_of(std::string_view text);

}  // namespace gateway::cli
