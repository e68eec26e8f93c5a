#pragma once
// TailView: what `weir tail` shows: a table redrawn in place on a terminal, or JSON lines. Knows no
// connection. Owned by the command; its loop's thread.

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/live_table.h"
#include "gateway/cli/output.h"
#include "gateway/cli/table_text.h"

namespace gateway::cli {

/// "no series matches http.* yet".
std::string no_match_text(std::string_view metric);
/// What a lone * does not match, where the metric has one; else "".
std::string star_hint(std::string_view metric);

class TailView {
 public:
  enum class Form : std::uint8_t {
    Screen,  // redrawn in place
    Print,   // tables one below the other, on a terminal with --once or --count
    Lines,   // JSON
  };
  struct Parts {
    Form form = Form::Lines;
    int terminal = -1;  // asked for its size
    Output* out = nullptr;
    std::ostream* err = nullptr;
    std::string metric;
    Order order;
    std::size_t limit = SIZE_MAX;  // rows shown, the first in that order
  };

  explicit TailView(Parts parts);
  TailView(const TailView&) = delete;
  TailView& operator=(const TailView&) = delete;
  /// Gives the terminal back as it was, with the last table on it.
  ~TailView();

  bool is_screen() const { return parts_.form == Form::Screen; }
  /// When the first table has no row, that is said once: in its place, or to `err` with Lines.
  void changed(const LiveTable& table, const LiveTable::Change& change);
  /// The state of the link, one sentence; "" when all is well. On a terminal it stands above the
  /// table, elsewhere it goes to `err` when it is another one than before.
  void state(const LiveTable& table, const std::string& sentence);

 private:
  void draw(const LiveTable& table);
  void write_lines(const LiveTable& table, LiveTable::Change change);
  std::string head(const LiveTable& table) const;
  Screen screen() const;
  std::vector<std::string> table_or_none(const LiveTable& table, const Screen& room);

  Parts parts_;
  std::string state_;
  std::string last_drawn_;           // without cursor movements
  std::vector<std::size_t> widths_;  // of the columns, at this width of the terminal
  std::size_t columns_ = 0;
  bool drawing_ = false;  // the terminal is ours
  bool seen_ = false;     // a whole table came
};

}  // namespace gateway::cli
