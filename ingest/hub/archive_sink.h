#pragma once
// ArchiveSink: tells the archive what happens to series, as the timeline does it: births, and each
// change with the pane that it went to. Stands before the streams as the timeline's observer. Owned
// by the hub, on its thread. It must not know disks, or what becomes of it.
//
// What the archive does not take (its ring is full) waits here up to kEntriesMax, then changes are
// dropped and counted; births never are: a number would mean another series.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "ingest/archive/archive.h"
#include "ingest/timeline/timeline.h"

namespace ingest::hub {

class ArchiveSink final : public timeline::SeriesObserver {
 public:
  static constexpr std::size_t kBatchBytes = std::size_t{1} << 20U;
  static constexpr std::size_t kEntriesMax = std::size_t{16} << 20U;

  /// Observes `timeline`, and passes everything on to `next`. All outlive it.
  ArchiveSink(timeline::Timeline& timeline, timeline::SeriesObserver& next,
              archive::Archive& archive);

  /// Puts what the checkpoint held back into the timeline, in the name of `worker`, who has no
  /// other use: series keep their panes and go on when they are born again.
  void restore(std::size_t worker);

  struct Times {
    WallTime whole;   // every sample before has been merged
    WallTime closed;  // panes that ended by then get nothing more
  };
  /// Sends what was gathered. False when it waits for the archive's ring.
  bool send(const Times& times);

  std::uint64_t dropped() const { return dropped_; }
  std::uint64_t deferred() const { return deferred_; }

  void added(timeline::SeriesIndex series) override;
  void expired(timeline::SeriesIndex series) override { next_.expired(series); }
  void revived(timeline::SeriesIndex series) override { next_.revived(series); }
  void forgotten(timeline::SeriesIndex series) override { next_.forgotten(series); }
  void changed(timeline::SeriesIndex series, timeline::PaneNumber pane,
               const model::Partial& change) override;

 private:
  timeline::Timeline& timeline_;
  timeline::SeriesObserver& next_;
  archive::Archive& archive_;
  std::unique_ptr<archive::Batch> batch_ = std::make_unique<archive::Batch>();
  Times times_{WallTime::min(), WallTime::min()};
  std::vector<std::byte> packed_;
  bool restoring_ = false;
  std::uint64_t dropped_ = 0;
  std::uint64_t deferred_ = 0;
};

}  // namespace ingest::hub
