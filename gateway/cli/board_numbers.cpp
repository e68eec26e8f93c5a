#include "gateway/cli/board_numbers.h"

#include <string>
#include <string_view>

namespace gateway::cli {

void write_boards(server::Sheet& sheet, const boards::Shelf::Counts& counts) {
  sheet.gauge("weir_boards", "Saved dashboards", static_cast<double>(counts.boards));
  sheet.gauge("weir_boards_damaged", "Files in boards.path that are no boards, at the start",
              static_cast<double>(counts.damaged));
  const auto changes = [&](std::string_view result, std::uint64_t value) {
    sheet.counter("weir_boards_changes_total", "Changes of saved dashboards asked for",
                  static_cast<double>(value), {{"result", std::string{result}}});
  };
  changes("written", counts.written);
  changes("removed", counts.removed);
  changes("conflict", counts.changed);
  changes("refused", counts.refused);
  changes("failed", counts.failed);
}

}  // namespace gateway::cli
