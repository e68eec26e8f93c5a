#include "ingest/hub/archive_sink.h"

#include <span>
#include <utility>

#include "ingest/archive/entry.h"
#include "ingest/model/packed_partial.h"

namespace ingest::hub {

ArchiveSink::ArchiveSink(timeline::Timeline& timeline, timeline::SeriesObserver& next,
                         archive::Archive& archive)
    : timeline_(timeline), next_(next), archive_(archive) {
  timeline_.observe(*this);
}

void ArchiveSink::restore(std::size_t worker) {
  const auto from = archive_.restores_from();
  if (!from) return;
  restoring_ = true;
  timeline_.restore_from(*from);
  archive_.restore({.born =
                        [&](std::uint32_t local, const model::SeriesKey& key) {
                          timeline_.born(worker, {.series = {local, 0}, .key = key});
                        },
                    .panes =
                        [&](std::uint32_t local, std::span<const timeline::PackedPane> panes) {
                          timeline_.restore(worker, {local, 0}, panes);
                        }});
  timeline_.leave(worker);
  timeline_.resume();
  restoring_ = false;
}

void ArchiveSink::added(timeline::SeriesIndex series) {
  const model::SeriesKey& key = timeline_.series(series)->key;
  archive::write_born(batch_->entries, series, key.kind(), key.bytes());
  next_.added(series);
}

void ArchiveSink::changed(timeline::SeriesIndex series, timeline::PaneNumber pane,
                          const model::Partial& change) {
  next_.changed(series, pane, change);
  if (restoring_) return;  // it is in the checkpoint already
  if (batch_->entries.size() >= kEntriesMax) {
    ++dropped_;
    ++batch_->dropped;
    batch_->missing.add({timeline_.grid().start(pane), timeline_.grid().end(pane)});
    return;
  }
  packed_.clear();
  model::pack(change, packed_);
  archive::write_delta(batch_->entries, series, pane, packed_);
  ++batch_->deltas;
  if (batch_->entries.size() >= kBatchBytes) send(times_);
}

bool ArchiveSink::send(const Times& times) {
  times_ = times;
  batch_->whole = times.whole;
  batch_->closed = times.closed;
  if (!archive_.try_send(batch_)) {
    ++deferred_;
    return false;
  }
  batch_ = std::make_unique<archive::Batch>();
  return true;
}

}  // namespace ingest::hub
