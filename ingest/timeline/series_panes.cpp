#include "ingest/timeline/series_panes.h"

#include "ingest/base/check.h"
#include "ingest/model/packed_partial.h"
#include "ingest/timeline/pane_store.h"

namespace ingest::timeline {

void SeriesPanes::each(Rollup level, PaneNumber first, PaneNumber last, const Visit& visit) const {
  const auto at = static_cast<std::size_t>(level);
  store_->kept_[series_].logs[at].each(first, last, [&](const PaneLog::Record& record) {
    std::span<const std::byte> packed = record.packed;
    const auto partial = model::unpack(packed);
    CHECK(partial);  // our own bytes
    visit(record.number, *partial);
  });
  if (level != Rollup::Base) return;
  for (const auto& pane : store_->open_panes_) {
    if (pane->number() < first || pane->number() >= last) continue;
    if (const model::Partial* const partial = pane->find(series_)) visit(pane->number(), *partial);
  }
}

void SeriesPanes::each_packed(Rollup level, PaneNumber first, PaneNumber last,
                              const VisitPacked& visit) const {
  const auto at = static_cast<std::size_t>(level);
  store_->kept_[series_].logs[at].each(
      first, last, [&](const PaneLog::Record& record) { visit(record.number, record.packed); });
  if (level != Rollup::Base) return;
  std::vector<std::byte> scratch;
  for (const auto& pane : store_->open_panes_) {
    if (pane->number() < first || pane->number() >= last) continue;
    const model::Partial* const partial = pane->find(series_);
    if (partial == nullptr) continue;
    scratch.clear();
    model::pack(*partial, scratch);
    visit(pane->number(), scratch);
  }
}

PaneNumber SeriesPanes::covers(Rollup level) const {
  return store_->covers_[static_cast<std::size_t>(level)];
}

PaneNumber SeriesPanes::made_until(Rollup level) const {
  return store_->made_until_[static_cast<std::size_t>(level)];
}

std::optional<SeriesPanes::Before> SeriesPanes::before(Rollup level) const {
  const auto& before = store_->kept_[series_].before;
  return before == nullptr ? std::nullopt : (*before)[static_cast<std::size_t>(level)];
}

std::size_t SeriesPanes::size(Rollup level) const {
  std::size_t size = store_->kept_[series_].logs[static_cast<std::size_t>(level)].size();
  if (level != Rollup::Base) return size;
  for (const auto& pane : store_->open_panes_)
    size += pane->find(series_) != nullptr ? 1 : 0;
  return size;
}

}  // namespace ingest::timeline
