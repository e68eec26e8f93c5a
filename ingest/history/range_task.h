#pragma once
// RangeTask: one question about the past on its way between the hub, which knows what is in memory,
// and the archive's thread, which knows the disk and merges both. Who has it calls the leg of its
// stage, a slice at a time, until the stage changes; then it goes to the other. One thread has it
// at a time. It must not know who asked.
//
//   Listing (hub) ─▶ Planning (archive) ─▶ Copying (hub) ─▶ Merging (archive) ─▶ Copying ... ─▶
//   Answered

#include <absl/container/flat_hash_map.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ingest/archive/reader.h"
#include "ingest/history/excerpt.h"
#include "ingest/history/kept.h"
#include "ingest/history/series_merge.h"
#include "ingest/query/past.h"
#include "ingest/timeline/range_query.h"
#include "ingest/timeline/timeline.h"

namespace ingest::history {

class RangeTask {
 public:
  enum class Stage : std::uint8_t { Listing, Planning, Copying, Merging, Answered };
  struct Options {
    timeline::RangeQuery::Options range;
    InMemory memory;
    std::size_t series_max = 100'000;  // more are LimitSeries
    std::size_t batch_series = 512;    // copied at once
    std::size_t batch_bytes = std::size_t{4} << 20U;
  };
  /// Whether somebody still waits: written by the hub, read by whoever has the task.
  using Dropped = std::shared_ptr<std::atomic<bool>>;

  static Result<std::unique_ptr<RangeTask>, query::Fault> open(query::Past::Id id,
                                                               query::RangeAsk ask,
                                                               const Options& options);

  query::Past::Id id() const { return id_; }
  Stage stage() const { return stage_; }
  bool is_dropped() const { return dropped_->load(std::memory_order_relaxed); }  // a mere hint
  const Dropped& dropped() const { return dropped_; }

  /// Listing and Copying: looks at about `steps` series and panes; how many it looked at.
  std::size_t work_in_memory(const timeline::Timeline& timeline, std::size_t steps);
  /// Planning and Merging: the same. `reader` is null where there is no disk, or it is away.
  std::size_t work_on_disk(const archive::Reader* reader, std::size_t steps);
  /// Once Answered.
  const query::RangeAnswerPtr& answer() const { return answer_; }

  /// Bytes that it copied out of memory so far.
  std::uint64_t copied_bytes() const { return copied_bytes_; }

 private:
  /// A page is planned anew so often when what it counts on leaves meanwhile.
  static constexpr int kPlansMax = 4;
  struct Series {
    model::SeriesKey key;
    std::optional<timeline::SeriesId> in_memory;
    std::optional<archive::ArchiveId> on_disk;
  };

  RangeTask(query::Past::Id id, timeline::RangeQuery range, const Options& options)
      : id_(id), options_(options), range_(std::move(range)) {}

  std::size_t work(const archive::Reader* reader, std::size_t steps);
  void begin_listing(const timeline::Timeline& timeline);
  std::size_t list(const timeline::Timeline& timeline, std::size_t steps);
  bool add_from_memory(const timeline::Timeline& timeline, timeline::SeriesIndex index);
  void end_listing(const timeline::Timeline& timeline);
  std::size_t name_places(std::size_t steps);
  std::size_t list_disk(const archive::Reader& reader, std::size_t steps);
  bool add_from_disk(archive::ArchiveId id, const model::SeriesKey& key);
  std::size_t add_rows(std::size_t steps);
  void plan(const archive::Reader* reader);
  bool is_as_planned(const archive::Reader* reader) const;
  bool is_kept(const archive::Reader* reader);
  std::size_t copy(const timeline::Timeline& timeline, std::size_t steps);
  bool batch_is_full() const;
  std::size_t merge(const archive::Reader* reader, std::size_t steps);
  std::size_t merge_series(const archive::Reader* reader, std::size_t steps);
  void end_batch(std::size_t steps);
  void begin_batch();
  void begin_smaller_page();
  void finish();
  void refuse(query::Fault fault);

  query::Past::Id id_;
  Options options_;
  timeline::RangeQuery range_;
  Dropped dropped_ = std::make_shared<std::atomic<bool>>(false);
  Stage stage_ = Stage::Listing;
  bool begun_ = false;
  std::vector<timeline::SeriesIndex> candidates_;  // of one name; else all indexes
  timeline::SeriesIndex next_ = 0;                 // to be looked at
  timeline::SeriesIndex end_ = 0;
  std::vector<Series> series_;
  absl::flat_hash_map<std::string, std::uint32_t> by_place_;  // archive::Reader::place_of()
  std::uint32_t placed_ = 0;  // of series_: those before stand in by_place_
  std::string disk_place_;
  bool disk_listed_ = false;
  std::uint32_t rowed_ = 0;    // of series_: those before have their row
  KeptInMemory in_memory_;     // when something was last taken from there
  timeline::KeptLevels kept_;  // when the page was planned
  bool with_disk_ = false;     // then
  int plans_ = 0;              // of it, in vain
  WallTime newest_;
  std::size_t copied_ = 0;  // of wanted(): those before are in the excerpt, or were merged
  std::size_t merged_ = 0;
  std::size_t batch_ = 0;  // the first of the excerpt
  Excerpt excerpt_;
  std::optional<SeriesMerge> merging_;  // the series at merged_
  std::uint64_t copied_bytes_ = 0;
  query::RangeAnswerPtr answer_;
};

}  // namespace ingest::history
