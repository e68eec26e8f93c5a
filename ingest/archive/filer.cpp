#include "ingest/archive/filer.h"

#include <utility>
#include <vector>

#include "ingest/archive/block.h"
#include "ingest/model/packed_partial.h"

namespace ingest::archive {

Result<Filer> Filer::open(const SegmentName& name, const std::string& path, BlockStore& store,
                          Filed filed) {
  return Filer{name, TRY(SegmentFile::open(path)), store, filed};
}

Result<Filer::Step> Filer::step() {
  switch (phase_) {
    case Phase::Loading:
      TRY(load_some());
      return Step::More;
    case Phase::Reading:
      read_some();
      return Step::More;
    case Phase::Filing:
      break;
  }
  return file_some();
}

Result<void> Filer::load_some() {
  if (TRY(file_.read_some())) return {};
  records_.emplace(file_.content().bytes);
  phase_ = Phase::Reading;
  return {};
}

void Filer::read_some() {
  if (!entries_) {
    const auto next = records_->next();
    if (!next) phase_ = Phase::Filing;
    if (next) entries_.emplace(*next);
  } else if (deltas_.take_some(*entries_, kDeltasAStep)) {
    entries_.reset();
  }
}

Result<Filer::Step> Filer::file_some() {
  for (std::size_t done = 0; done < kDeltasAStep && next_ < deltas_.series(); ++next_) {
    done += 1 + deltas_.size(next_);
    TRY(file_series(next_));
  }
  if (next_ < deltas_.series()) return Step::More;
  const Gap span{name_.start, name_.start + levels_.period()};
  if (!is_whole()) {
    Missing hole;
    hole.add(span);
    store_->lost(hole);
  }
  if (deltas_.series() > 0) store_->filed(levels_, span);
  TRY(store_->commit(until_));
  return Step::Done;
}

Result<void> Filer::file_series(std::size_t series) {
  const Panes panes = deltas_.merged(series);
  if (panes.empty()) return {};
  const ArchiveId id = TRY(store_->id_of(deltas_.key(series), name_.start));
  TRY(append(id, Rollup::Base, panes));
  for (const Rollup level : {Rollup::Ten, Rollup::Sixty}) {
    if (levels_.exists(level)) TRY(append(id, level, roll_up(panes, level)));
  }
  return {};
}

Filer::Panes Filer::roll_up(const Panes& panes, Rollup level) const {
  Panes merged;
  const timeline::PaneGrid fine = levels_.grid(Rollup::Base);
  const timeline::PaneGrid coarse = levels_.grid(level);
  for (const auto& [number, partial] : panes) {
    const auto [pane, is_new] =
        merged.try_emplace(coarse.number(fine.start(number)), partial.kind());
    pane->second.merge(partial);
  }
  return merged;
}

Result<void> Filer::append(ArchiveId id, Rollup level, const Panes& panes) {
  std::vector<std::byte> block;
  std::vector<std::byte> packed;
  PaneNumber number = block_of(panes.begin()->first);
  append_source(block, name_.number);
  for (const auto& [pane, partial] : panes) {
    if (block_of(pane) != number) {
      if (auto written = store_->append(levels_, {level, id, number}, block); !written)
        return written;
      block.clear();
      append_source(block, name_.number);
      number = block_of(pane);
    }
    packed.clear();
    model::pack(partial, packed);
    append_pane(block, offset_in_block(pane), packed);
  }
  return store_->append(levels_, {level, id, number}, block);
}

}  // namespace ingest::archive
