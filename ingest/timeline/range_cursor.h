#pragma once
// RangeCursor: where the next page of a range begins, as text that a client gives back: whose it
// is, the windows that the first page settled on and what was kept then, and the first row and time
// still to come. Pure
// values. Nothing in it is trusted: a forged one asks for another page, never for more than a page,
// and costs what the windows cost that it names (RangeQuery::plan).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/model/sample.h"
#include "ingest/query/past.h"
#include "ingest/timeline/range_windows.h"

namespace ingest::timeline {

struct RangeCursor {
  std::uint64_t asked = 0;  // hash_of() the question that it belongs to
  RangeWindows windows;
  std::int64_t time = 0;  // the first window of the page
  /// The first row of the page. Should it be gone, the page begins with the row behind it.
  std::vector<std::string> key;
  model::Kind kind = model::Kind::Counter;
  bool by_kind = false;  // keys have @kind though the question does not say so
  /// When the first page was worked out, and from when on all panes were there then.
  WallTime told{};
  WallTime whole{};
  bool operator==(const RangeCursor&) const = default;
};

/// Of the query and the step: the same for all pages of an answer, in every process.
std::uint64_t hash_of(const query::RangeAsk& ask);

/// Letters, digits and '-'.
std::string cursor_text(const RangeCursor& cursor);
/// Nothing when it is none of ours.
std::optional<RangeCursor> read_cursor(std::string_view text);

}  // namespace ingest::timeline
