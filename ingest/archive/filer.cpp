#include "ingest/archive/filer.h"

#include <utility>
#include <vector>

#include "ingest/archive/block.h"
#include "ingest/model/packed_partial.h"

namespace ingest::archive {

Result<Filer> Filer::open(const SegmentName& name, const std::string& path, BlockStore& store) {
  return Filer{name, TRY(SegmentBytes::read(path)), store};
}

Result<Filer::Step> Filer::step() {
  if (!read_) {
    read_ = !read_some();
    return Step::More;
  }
  for (std::size_t done = 0; done < kDeltasAStep && next_ < deltas_.series(); ++next_) {
    done += 1 + deltas_.size(next_);
    TRY(file_series(next_));
  }
  if (next_ < deltas_.series()) return Step::More;
  TRY(store_->commit(name_.start + levels_.period()));
  return Step::Done;
}

bool Filer::read_some() {
  const auto entries = records_.next();
  if (!entries) return false;
  deltas_.take(*entries);
  return true;
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
