#include "gateway/cli/tail_view.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <ostream>
#include <set>
#include <utility>

#include "gateway/cli/row_lines.h"

namespace gateway::cli {
namespace {

// ECMA-48 and xterm: the other screen, which leaves what stood on the first untouched.
constexpr std::string_view kBegin = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kEnd = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kClearLine = "\x1b[K";
constexpr std::string_view kClearBelow = "\x1b[J";

/// "17:23:05" where the reader lives.
std::string clock_text(std::int64_t ms) {
  const std::time_t seconds = ms / 1'000;
  std::tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 16> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%H:%M:%S", &parts)};
}

std::string seconds_text(std::int64_t ms) {
  return ms % 1'000 == 0 ? std::to_string(ms / 1'000) + " s" : std::to_string(ms) + " ms";
}

/// Where a * stands that is not half of a **; npos: nowhere.
std::size_t lone_star(std::string_view metric) {
  for (std::size_t at = metric.find('*'); at != std::string_view::npos;) {
    const std::size_t end = std::min(metric.find_first_not_of('*', at), metric.size());
    if (end - at == 1) return at;
    at = metric.find('*', end);
  }
  return std::string_view::npos;
}

}  // namespace

std::string no_match_text(std::string_view metric) {
  return "no series matches " + safe_text(metric, 60) + " yet";
}

std::string star_hint(std::string_view metric) {
  const std::size_t at = lone_star(metric);
  if (at == std::string_view::npos) return "";
  std::string wider{metric};
  return "* stays within one segment of a name, ** stands for any run: try " +
         safe_text(wider.insert(at, 1, '*'), 60);
}

TailView::TailView(Parts parts) : parts_(std::move(parts)) {}

TailView::~TailView() {
  if (!drawing_) return;
  parts_.out->write(std::string{kEnd} + last_drawn_);
}

void TailView::changed(const LiveTable& table, const LiveTable::Change& change) {
  const bool whole = change.kind == LiveTable::Change::Kind::Table;
  const bool first = whole && !std::exchange(seen_, true);
  if (parts_.form == Form::Screen) return draw(table);
  if (parts_.form == Form::Lines) {
    const std::string hint = star_hint(parts_.metric);
    if (first && table.rows().empty()) {
      *parts_.err << "weir tail: " << no_match_text(parts_.metric)
                  << (hint.empty() ? "" : " (" + hint + ")") << std::endl;
    }
    return write_lines(table, change);
  }
  if (!whole) return;
  std::string text = head(table) + "\n";
  const Screen room{.columns = screen().columns, .lines = SIZE_MAX, .rows_max = parts_.limit};
  for (const std::string& line : table_or_none(table, room))
    text += line + "\n";
  parts_.out->write(text);
}

std::vector<std::string> TailView::table_or_none(const LiveTable& table, const Screen& room) {
  if (table.is_known() && table.rows().empty()) {
    std::vector<std::string> lines{safe_text(no_match_text(parts_.metric), room.columns)};
    const std::string hint = star_hint(parts_.metric);
    if (!hint.empty()) lines.push_back(safe_text(hint, room.columns));
    return lines;
  }
  if (std::exchange(columns_, room.columns) != room.columns) widths_.clear();
  return table_lines(table, parts_.order, room, &widths_);
}

/// Of the change, the rows that are among the first of the table.
void TailView::write_lines(const LiveTable& table, LiveTable::Change change) {
  if (parts_.limit < table.rows().size()) {
    std::set<std::vector<std::string>> first;
    for (const LiveTable::Row* row : sorted_rows(table, parts_.order, parts_.limit))
      first.insert(row->key);
    std::erase_if(change.rows, [&](const auto& row) { return !first.contains(row.key); });
  }
  std::string lines;
  append_row_lines(table.head(), change, parts_.metric, lines);
  parts_.out->write(lines);
}

void TailView::state(const LiveTable& table, const std::string& sentence) {
  if (parts_.form == Form::Screen) {
    state_ = sentence;
    return draw(table);
  }
  if (state_ == sentence) return;
  if (!sentence.empty()) *parts_.err << "weir tail: " << sentence << std::endl;
  if (sentence.empty() && !state_.empty()) *parts_.err << "weir tail: connected" << std::endl;
  state_ = sentence;
}

/// "http.*  window of 10 s to 17:23:05  12 rows"
std::string TailView::head(const LiveTable& table) const {
  std::string text = safe_text(parts_.metric, 60);
  const LiveTable::Window& window = table.window();
  if (window.end > 0) {
    text += "  window of " + seconds_text(window.end - window.start) + " to " +
            clock_text(window.end) + "  " + std::to_string(table.rows().size()) +
            (table.rows().size() == 1 ? " row" : " rows");
  }
  return text;
}

Screen TailView::screen() const {
  winsize size{};
  if (::ioctl(parts_.terminal, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return {};
  return {.columns = size.ws_col, .lines = size.ws_row};
}

/// Everything anew each time: a line is cleared behind its end, so nothing flickers and nothing of
/// another size stays.
void TailView::draw(const LiveTable& table) {
  if (!parts_.out->is_empty()) return;  // a slow terminal gets the next one
  const Screen whole = screen();
  std::vector<std::string> lines{safe_text(head(table), whole.columns)};
  if (!state_.empty()) lines.push_back(safe_text(state_, whole.columns));
  const std::size_t above = lines.size();
  if (whole.lines > above + 1 && !table.fields().empty()) {
    auto rows = table_or_none(
        table, {.columns = whole.columns, .lines = whole.lines - above, .rows_max = parts_.limit});
    lines.insert(lines.end(), rows.begin(), rows.end());
  }
  std::string text{std::exchange(drawing_, true) ? kHome : kBegin};
  if (text == kBegin) text += kHome;
  last_drawn_.clear();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) text += "\n";
    text.append(lines[i]).append(kClearLine);
    last_drawn_ += lines[i] + "\n";
  }
  parts_.out->write(text.append(kClearBelow));
}

}  // namespace gateway::cli
