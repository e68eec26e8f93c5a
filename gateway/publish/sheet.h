#pragma once
// Sheet: how the cells of a table look on the wire, row by row, with the marks of the rows. A row
// has changed when its sheet has. A value; the hub's thread. It must not know windows or frames.
//
// Cells are printed numbers, but for those of `buckets`: printed lists, which rows share with what
// was said of them before.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/publish/number_text.h"
#include "ingest/query/query.h"
#include "ingest/query/update.h"

namespace gateway::publish {

/// A row on the wire: "i". Ascending, never used again until a rebase.
using RowIndex = std::uint32_t;
/// JSON text of a list; none is null.
using ListText = std::shared_ptr<const std::string>;

/// A list of Update::lists that begins at `at` (NaN: null) as JSON: [6,0,-12,1,0,4], and where
/// there are negative values [[6,0,-12,1,0,4],[6,0,3,2]].
std::string list_text(std::span<const double> lists, double at);

/// A view of a Sheet.
struct Cells {
  static constexpr std::size_t kNoList = ~std::size_t{0};
  std::span<const NumberText> texts;  // row `index` is texts[index * fields] and those after it
  std::size_t fields = 0;
  std::size_t list_field = kNoList;
  std::span<const ListText> lists = {};              // by row
  std::span<const ingest::query::Marks> marks = {};  // by row; none where nobody told any

  const NumberText& at(RowIndex index, std::size_t field) const {
    return texts[std::size_t{index} * fields + field];
  }
  std::string_view text(RowIndex index, std::size_t field) const {
    if (field != list_field) return at(index, field).view();
    return lists[index] ? std::string_view{*lists[index]} : std::string_view{"null"};
  }
  ingest::query::Marks mark(RowIndex index) const {
    return index < marks.size() ? marks[index] : ingest::query::Marks{0};
  }
};

class Sheet {
 public:
  Sheet() = default;
  explicit Sheet(const ingest::query::Query& query);

  Cells cells() const { return {texts_, fields_, list_field_, lists_, marks_}; }
  std::size_t fields() const { return fields_; }
  std::size_t list_field() const { return list_field_; }
  std::size_t rows() const { return marks_.size(); }
  void resize(std::size_t rows);

  // Each tells whether anything changed.
  bool set(RowIndex row, std::size_t field, const NumberText& text);
  bool set_list(RowIndex row, std::string&& text);
  bool mark(RowIndex row, ingest::query::Marks marks);
  /// Row `row` of another sheet of the same query.
  bool take(const Sheet& from, RowIndex row);

  /// Rows go where `moved` names, those past `live` away.
  void move_rows(std::span<const RowIndex> moved, std::size_t live);
  std::size_t bytes() const;

 private:
  std::size_t fields_ = 0;
  std::size_t list_field_ = Cells::kNoList;
  std::vector<NumberText> texts_;  // fields_ a row
  std::vector<ListText> lists_;    // by row, where there is a list field
  std::vector<ingest::query::Marks> marks_;
};

/// Moves element `from` of each row to the row that `moved` names, and cuts what is left over.
template <class T>
void move_rows(std::vector<T>& rows, std::span<const RowIndex> moved, std::size_t width,
               std::size_t live) {
  const std::size_t count = rows.size() / width;
  std::vector<T> kept(std::min(live, count) * width);
  for (std::size_t from = 0; from < count; ++from) {
    if (moved[from] >= live) continue;
    const std::size_t to = std::size_t{moved[from]} * width;
    if (to + width > kept.size()) kept.resize(to + width);
    std::move(rows.begin() + static_cast<std::ptrdiff_t>(from * width),
              rows.begin() + static_cast<std::ptrdiff_t>((from + 1) * width),
              kept.begin() + static_cast<std::ptrdiff_t>(to));
  }
  rows = std::move(kept);
}

}  // namespace gateway::publish
