#pragma once
// Evaluation: a query over a file. One reader decides, in the order of the file, what time a sample
// has, whether it is late, and which series it belongs to; shards fold the series; at each tick
// their totals are merged in one order into a timeline, whose windows are given when they close.
// Nothing depends on the number of shards, on the size of reads or on the wall clock.
//
//   source -> FileLines -> SkewGuard -> watermark, lateness -> SeriesTable -> Shards
//   tick: Shards::take -> Timeline, StreamSet -> FinalTables -> give
//
// Owned by the command; one thread, and those of the shards.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/codec/line_ledger.h"
#include "ingest/query/query.h"
#include "ingest/record/source.h"
#include "ingest/replay/final_tables.h"
#include "ingest/replay/shards.h"

namespace ingest::replay {

enum class Late : std::uint8_t { Drop, Now };

struct Options {
  /// Wall: when lines came, as a server of that time would have had it; recordings only.
  TimeBy time_by = TimeBy::Event;
  Late late = Late::Drop;
  Millis pane{1'000};
  Millis allowed_lateness{2'000};
  Millis future{10'000};
  Millis source_idle{5'000};
  Millis series_ttl{600'000};
  std::size_t series_max = 200'000;
  std::size_t series_per_name_max = 100'000;
  std::size_t names_max = 10'000;
  std::size_t rows_max = 10'000;
  std::size_t workers = 1;
  std::size_t batch = Shards::kBatch;  // samples of one round of the workers
};

/// Where everything went: produced = own + overflow + late + future.
struct Account {
  codec::LineLedger lines;
  std::uint64_t produced = 0;
  std::uint64_t own = 0;       // in its own series, matched by the query or not
  std::uint64_t overflow = 0;  // past a cap
  std::uint64_t late = 0;
  std::uint64_t future = 0;
  std::uint64_t late_folded = 0;  // Late::Now: of own and overflow
  std::uint64_t windows = 0;      // given
  bool adds_up() const { return produced == own + overflow + late + future; }
};

class Evaluation {
 public:
  /// Called for each window that is closed, in the order of time; one without rows is left out.
  using Give = FinalTables::Give;

  /// The fault of the query, if it has any; `asked` fits options.pane.
  static Result<std::unique_ptr<Evaluation>, query::Fault> make(const Options& options,
                                                                const query::Query& asked,
                                                                Give give);
  /// What is answered: the query, with @kind in its key where two kinds of its plain name could
  /// share a row. Which kinds a file has is known at its end alone, so they are always told apart.
  const query::Query& query() const;
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;
  ~Evaluation();

  /// Reads the source to its end and closes every window. Once. `go_on` is asked now and then;
  /// where it says no, the windows that are closed by then are all that is given.
  Account run(record::Source& source, const std::function<bool()>& go_on);

 private:
  struct State;
  explicit Evaluation(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ingest::replay
