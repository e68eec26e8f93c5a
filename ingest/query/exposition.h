#pragma once
// Exposition: every live series as a scrape tells it: counters as totals since they were first
// heard of, gauges as they stand, timers and sets of the last minute. As it is asked of the hub,
// which looks through its series: data, and the hub as others see it. Calls are on the hub's
// thread, which works in slices, so a table comes later; a table is immutable, for any thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/series_key.h"

namespace ingest::query {

/// How the timers of a metric are told.
struct TimerShape {
  std::vector<double> quantiles{};  // in [0, 1]
  /// Upper bounds of a histogram's buckets, ascending, finite, the last one (+Inf) left out. Empty:
  /// a summary.
  std::vector<double> bounds{};
  /// The same as they are shown, where values are scaled on their way out; as many, or none.
  std::vector<double> shown_bounds{};
  bool operator==(const TimerShape&) const = default;
  bool is_histogram() const { return !bounds.empty(); }
};
using TimerShapePtr = std::shared_ptr<const TimerShape>;
/// The shape of a metric's timers, by its name; never null. Called on the hub's thread, for each
/// timer that is born: it remembers what it found.
using TimerShaper = std::function<TimerShapePtr(std::string_view metric)>;

/// What quantiles and distinct members are of.
constexpr Millis kExpositionWindow{60'000};

struct ExpositionRow {
  std::uint32_t series = 0;  // index and generation: another pair is another series
  std::uint32_t generation = 0;
  model::Kind kind = model::Kind::Counter;
  WallTime last_seen;
  std::uint32_t key_first = 0;  // its key's bytes, in ExpositionPart::keys
  std::uint32_t key_bytes = 0;
  double value = 0;  // counter: total; gauge: last; set: distinct; timer: sum since the beginning
  double count = 0;  // timer: events since the beginning
  /// Timer: of a summary its quantiles, NaN where nothing came in the window; of a histogram how
  /// many events were at most each bound, since the beginning. In ExpositionPart::numbers.
  std::uint32_t numbers_first = 0;
  const TimerShape* shape = nullptr;  // timers only
};

/// Some of the series.
struct ExpositionPart {
  static constexpr std::size_t kRowsMax = 1'024;
  std::string keys;
  std::vector<ExpositionRow> rows;
  std::vector<double> numbers;

  std::string_view key(const ExpositionRow& row) const {
    return std::string_view{keys}.substr(row.key_first, row.key_bytes);
  }
};

struct ExpositionTable {
  WallTime made;
  std::vector<ExpositionPart> parts;  // series by their index, ascending
  std::vector<TimerShapePtr> shapes;  // keeps those of the rows
};
using ExpositionTablePtr = std::shared_ptr<const ExpositionTable>;

class Exposition {
 public:
  using Id = std::uint64_t;
  using Done = std::function<void(const ExpositionTablePtr&)>;
  Exposition() = default;
  Exposition(const Exposition&) = delete;
  Exposition& operator=(const Exposition&) = delete;
  virtual ~Exposition() = default;
  /// `done` is called once, after ask() has returned, unless drop() comes before.
  virtual Id ask(Done done) = 0;
  /// Nobody waits for it any more. Harmless for what was answered.
  virtual void drop(Id id) = 0;
  /// How timers are told from now on. Where the bounds of a histogram change it begins anew.
  virtual void shape_timers(TimerShaper shaper) = 0;
};

}  // namespace ingest::query
