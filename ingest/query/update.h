#pragma once
// Update: what a stream's tick changed; UpdateSink: who is told. Streams: what may be asked of the
// hub. All of it lives on the hub's thread. The stream numbers its rows by slots; what stands on
// the wire (indexes, printed text, sequence numbers, rate tiers) is the publisher's own business.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/query/fault.h"
#include "ingest/query/query.h"

namespace ingest::query {

using StreamId = std::uint32_t;
/// A row of a stream's table. A slot is free for another row only after it stood in `removed`.
using RowSlot = std::uint32_t;

/// [start, end), aligned to the epoch.
struct Window {
  WallTime start;
  WallTime end;
  bool operator==(const Window&) const = default;
};

struct RowAdded {
  RowSlot slot = 0;
  std::vector<std::string> key;  // one value for each name in Query::by, in that order
};

/// What a row's numbers cannot say themselves, as bits.
using Marks = std::uint8_t;
constexpr Marks kStale = 1;       // a gauge of which nothing came in the window: its value is older
constexpr Marks kOverflowed = 2;  // a sum left the doubles: null, and not because nothing came

enum class Revision : std::uint8_t {
  Newest,    // changes the table: the newest window
  Final,     // an earlier window, closed: says its last word
  Restated,  // an earlier window, changed by late samples before it closed
};

/// One call for each window that has news. Views live until the call returns.
/// Newest: `removed` first, then `added`, then values. Every slot of `added` is also in `rows`,
/// none of `removed` is. Final and Restated: `added` and `removed` are empty; `rows` are all rows
/// re-evaluated for that window.
struct Update {
  StreamId stream = 0;
  Revision revision = Revision::Newest;
  std::uint32_t rev = 0;  // of this window, ascending; Restated only
  Window window;
  std::span<const RowSlot> removed;
  std::span<const RowAdded> added;
  std::span<const RowSlot>
      rows;  // rows whose series changed, or all when the window moved; ascending
  /// rows.size() x fields(query).size(), row by row; NaN is null. Of `buckets`: where its list
  /// begins in `lists`.
  std::span<const double> values;
  /// What `buckets` points at: how many numbers there are, then these numbers (scale, zero_count,
  /// first_index, n0, n1, ...); then the same once more for negative values, where "how many" is 0
  /// if there are none.
  std::span<const double> lists;
  std::span<const Marks> marks;  // one for each of `rows`, or none at all
};

class UpdateSink {
 public:
  UpdateSink() = default;
  UpdateSink(const UpdateSink&) = delete;
  UpdateSink& operator=(const UpdateSink&) = delete;
  virtual ~UpdateSink() = default;
  /// A stream's first update is Newest with every row in `added`, possibly none; it comes after
  /// watch() returned.
  virtual void update(const Update& update) = 0;
  /// After all streams of this tick; `now` is the tick's instant, a multiple of time.tick.
  virtual void tick_done(WallTime now) = 0;
  /// Bytes that it keeps for its readers, as of the last tick_done(): they count under
  /// limits.memory.
  virtual std::size_t held_bytes() const { return 0; }
};

/// The hub as the publisher sees it.
class Streams {
 public:
  Streams() = default;
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  virtual ~Streams() = default;
  /// The query as it is best asked now: with @kind in its key, where a plain name is known in two
  /// kinds, so that their rows can be told apart. Canonical, as it came.
  virtual Query keyed(Query query) const { return query; }
  /// `query` is canonical. Begins to keep it up to date; equal queries must be shared by the
  /// caller.
  virtual Result<StreamId, Fault> watch(const Query& query) = 0;
  virtual void unwatch(StreamId stream) = 0;
};

}  // namespace ingest::query
