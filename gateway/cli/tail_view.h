#pragma once
// TailView: what `weir tail` shows: a table redrawn in place on a terminal, or JSON lines. Knows no
// connection. Owned by the command; its loop's thread.

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include "gateway/cli/live_table.h"
#include "gateway/cli/output.h"
#include "gateway/cli/table_text.h"

namespace gateway::cli {

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
  void changed(const LiveTable& table, const LiveTable::Change& change);
  /// The state of the link, one sentence; "" when all is well. On a terminal it stands above the
  /// table, elsewhere it goes to `err` when it is another one than before.
  void state(const LiveTable& table, const std::string& sentence);

 private:
  void draw(const LiveTable& table);
  void write_lines(const LiveTable& table, LiveTable::Change change);
  std::string head(const LiveTable& table) const;
  Screen screen() const;

  Parts parts_;
  std::string state_;
  std::string last_drawn_;  // without cursor movements
  bool drawing_ = false;    // the terminal is ours
};

}  // namespace gateway::cli
