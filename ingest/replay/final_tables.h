#pragma once
// FinalTables: what a stream says of each window, as a subscriber would hold it, until the window
// is closed; then the window is given, once. Pure; owned by the evaluation.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ingest/query/query.h"
#include "ingest/query/update.h"

namespace ingest::replay {

struct FinalRow {
  std::vector<std::string> key;  // as query::RowAdded::key
  std::vector<double> values;    // of the query's columns; NaN is null; of `buckets` as in Update
  std::vector<double> lists;     // as Update::lists, its own alone
  query::Marks marks = 0;
};
struct FinalWindow {
  query::Window window;
  std::vector<FinalRow> rows;  // in the query's order, else by key
};

class FinalTables final : public query::UpdateSink {
 public:
  using Give = std::function<void(const FinalWindow& window)>;
  /// Windows come in the order of time; none without rows. The rows of each come in the order that
  /// the query wants, its first `limit` ones.
  FinalTables(const query::Query& query, Give give);

  /// Windows that end later are not given.
  void end_at(WallTime end) { last_ = end; }

  void update(const query::Update& update) override;
  void tick_done(WallTime now) override;

 private:
  using Table = std::map<query::RowSlot, FinalRow>;
  void finish(const query::Window& window);
  void take_lists(std::span<const double> lists, FinalRow& row) const;
  void put_in_order(std::vector<FinalRow>& rows) const;

  std::optional<query::Order> order_;
  std::size_t order_column_ = 0;
  std::vector<std::size_t> list_columns_;
  std::size_t limit_;  // 0: all
  Give give_;
  WallTime last_ = WallTime::max();
  std::map<query::RowSlot, std::vector<std::string>> keys_;  // of the rows that are announced
  std::map<WallTime, Table> open_;                           // by the window's end
};

}  // namespace ingest::replay
