#pragma once
// BenchTicks: a stream all of whose rows change at each tick, and its frames, for `weir bench`. No
// socket, no thread, the same numbers each time.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/publish/channel.h"
#include "gateway/publish/row_table.h"
#include "ingest/base/clock.h"
#include "ingest/query/update.h"

namespace gateway::cli {

/// Numbers that look like measurements and are the same each time.
class BenchNumbers {
 public:
  double below(double max);

 private:
  std::uint64_t state_ = 1;
};

class BenchTicks {
 public:
  /// `stats` numbers in each row, 3 to 5: a count, then means and quantiles.
  BenchTicks(std::size_t rows, std::size_t stats);
  /// The next frame; lives until the next call.
  std::string_view step();

 private:
  std::size_t stats_;
  publish::RowTable table_;
  publish::Channel channel_{{1, ingest::Millis{1'000}, ingest::Millis{1'000}}, {}};
  BenchNumbers numbers_;
  std::vector<ingest::query::RowSlot> rows_;
  std::vector<ingest::query::RowAdded> added_;
  std::vector<double> values_;
  std::vector<publish::Numbered> out_;
  ingest::WallTime end_{};
  std::int64_t tick_ = 0;
};

}  // namespace gateway::cli
