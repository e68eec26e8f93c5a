#pragma once
// StreamSet: all streams that somebody watches. Hands what happens to a series to the streams that
// have it, builds new streams in slices, and finishes them tick by tick. Pure; owned by the hub, on
// its thread.

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ingest/timeline/stream.h"
#include "ingest/timeline/timeline.h"

namespace ingest::timeline {

class StreamSet final : public SeriesObserver {
 public:
  struct Options {
    std::size_t streams_max = 1'000;
    std::size_t rows_max = 10'000;  // of each stream
  };
  /// Observes `timeline`, which outlives it.
  StreamSet(const Options& options, Timeline& timeline);

  /// The stream is told from the first tick after it was built; ids are never used again.
  /// LimitStreams; QueryUnknownStat for a sum where all that is known under a plain name are
  /// gauges; QueryBadWindow when the windows do not fit the pane.
  Result<query::StreamId, query::Fault> watch(const query::Query& query);
  void unwatch(query::StreamId id);
  /// The query with @kind in its key, where two kinds are known of its plain name and it asks for
  /// none of them: its rows could not be told apart.
  query::Query keyed(query::Query query) const;

  /// Looks at about `steps` series and panes for streams that are being built. Whether there is
  /// more to do.
  bool build(std::size_t steps);
  /// Tells the streams that are built, in the order of their ids.
  void finish(WallTime tick, query::UpdateSink& sink);

  std::size_t size() const { return streams_.size(); }
  std::size_t rows() const;
  std::size_t overflowed() const;
  /// About what all of them hold in memory.
  std::size_t held_bytes() const;
  /// What is watched: names and globs, sorted, each once.
  std::vector<std::string> globs() const;

  void added(SeriesIndex series) override;
  void expired(SeriesIndex series) override;
  void revived(SeriesIndex series) override;
  void forgotten(SeriesIndex series) override;
  void changed(SeriesIndex series, PaneNumber pane, const model::Partial& change) override;

 private:
  struct Entry {
    std::unique_ptr<Stream> stream;
    bool built = false;
    std::vector<SeriesIndex> candidates;  // of a plain name, while it is built
    SeriesIndex next = 0;                 // into candidates, or the next index for a glob
    SeriesIndex end = 0;
    // While it is built, by series:
    std::vector<bool> joined;   // a member
    std::vector<bool> counted;  // no member (any more), but its row has what it had
  };
  struct Watcher {
    Stream* stream = nullptr;
    MemberId member = 0;
  };

  std::size_t take_apart(std::size_t steps);
  void let_go(SeriesIndex series, const Stream& stream);
  std::size_t consider(Entry& entry, SeriesIndex index);
  std::size_t join(Entry& entry, SeriesIndex index, const Timeline::Series& series);
  std::size_t count_past(Entry& entry, SeriesIndex index, const Timeline::Series& series);
  JoinedPanes::Sizes rollups() const;
  bool sums_gauges_only(const query::Query& query) const;

  Options options_;
  Timeline& timeline_;
  std::map<query::StreamId, Entry> streams_;
  std::deque<std::unique_ptr<Stream>> leaving_;  // nobody watches them; they are taken apart
  std::vector<std::vector<Watcher>> watchers_;   // by series
  query::StreamId next_id_ = 1;
  std::size_t building_ = 0;  // streams
};

}  // namespace ingest::timeline
