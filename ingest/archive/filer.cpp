#include "ingest/archive/filer.h"

#include <array>
#include <utility>

#include "ingest/archive/block.h"
#include "ingest/model/packed_partial.h"

namespace ingest::archive {

Result<Filer> Filer::open(const SegmentName& name, const std::string& path, BlockStore& store) {
  return Filer{name, TRY(MappedFile::open(path)), store};
}

Result<Filer::Step> Filer::step() {
  if (!read_) {
    read_ = !read_some();
    return Step::More;
  }
  for (std::size_t done = 0; done < kDeltasAStep && next_ < series_.size(); ++next_)
    done += TRY(file_series(series_[next_]));
  if (next_ < series_.size()) return Step::More;
  TRY(store_->commit(name_.start + levels_.period()));
  return Step::Done;
}

// ---- reading: each series' deltas become a list, in the order they came ----

bool Filer::read_some() {
  const auto entries = records_.next();
  if (!entries) return false;
  EntryReader reader{*entries};
  while (const auto entry = reader.next())
    take(*entry);
  return true;
}

void Filer::take(const Entry& entry) {
  if (entry.what == Entry::What::Born) {
    auto key = read_key(entry.kind, entry.key);
    if (!key) return;
    const auto [found, is_new] =
        by_place_.try_emplace(Reader::place_of(*key), static_cast<std::uint32_t>(series_.size()));
    if (is_new) series_.push_back({*std::move(key), kEnd, kEnd});
    if (number_to_series_.size() <= entry.number)
      number_to_series_.resize(entry.number + std::size_t{1}, kEnd);
    number_to_series_[entry.number] = found->second;
    return;
  }
  const bool known =
      entry.number < number_to_series_.size() && number_to_series_[entry.number] != kEnd;
  if (!known) {
    ++counts_.damaged;  // its birth was in a record that is lost
    return;
  }
  Series& series = series_[number_to_series_[entry.number]];
  const auto place = static_cast<std::uint32_t>(deltas_.size());
  deltas_.push_back({entry.pane, entry.packed, kEnd});
  (series.last == kEnd ? series.first : deltas_[series.last].next) = place;
  series.last = place;
}

// ---- filing ----

Result<std::size_t> Filer::file_series(const Series& series) {
  Panes panes;
  std::size_t count = 1;
  for (std::uint32_t at = series.first; at != kEnd; at = deltas_[at].next, ++count) {
    auto packed = deltas_[at].packed;
    auto partial = model::unpack(packed);
    if (!partial || partial->kind() != series.key.kind()) {
      ++counts_.damaged;
      continue;
    }
    const auto [pane, is_new] = panes.try_emplace(deltas_[at].pane, *std::move(partial));
    // NOLINTNEXTLINE(bugprone-use-after-move): try_emplace() moves only where nothing stood
    if (!is_new) pane->second.merge(*partial);
    ++counts_.deltas;
  }
  if (panes.empty()) return count;
  ++counts_.series;
  const ArchiveId id = TRY(store_->id_of(series.key, name_.start));
  TRY(append(id, Rollup::Base, panes));
  for (const Rollup level : {Rollup::Ten, Rollup::Sixty}) {
    if (levels_.exists(level)) TRY(append(id, level, roll_up(panes, level)));
  }
  return count;
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
