#pragma once
// RangeCursor: where the next page of a range begins, as text that a client gives back: the windows
// that the first page settled on, and the first row and time still to come. Pure values. Nothing in
// it is trusted: a forged one asks for another page, never for more than a page.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/model/sample.h"
#include "ingest/timeline/range_windows.h"

namespace ingest::timeline {

struct RangeCursor {
  RangeWindows windows;
  std::int64_t time = 0;  // the first window of the page
  /// The first row of the page, or the next behind where it was.
  std::vector<std::string> key;
  model::Kind kind = model::Kind::Counter;
  bool operator==(const RangeCursor&) const = default;
};

/// Letters, digits and '-'.
std::string cursor_text(const RangeCursor& cursor);
/// Nothing when it is none of ours.
std::optional<RangeCursor> read_cursor(std::string_view text);

}  // namespace ingest::timeline
