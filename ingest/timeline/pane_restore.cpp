// How a PaneStore takes the closed panes of a former life.

#include <algorithm>
#include <iterator>
#include <map>

#include "ingest/base/check.h"
#include "ingest/model/packed_partial.h"
#include "ingest/timeline/pane_store.h"

namespace ingest::timeline {
namespace {

constexpr std::size_t kBase = static_cast<std::size_t>(Rollup::Base);

void merge_into(std::vector<std::byte>& here, std::span<const std::byte> more) {
  std::span<const std::byte> before = here;
  auto merged = model::unpack(before);
  const auto added = model::unpack(more);
  CHECK(merged && added);
  merged->merge(*added);
  here.clear();
  model::pack(*merged, here);
}

}  // namespace

void PaneStore::restore(SeriesIndex series, std::span<const PackedPane> closed) {
  if (closed.empty()) return;
  CHECK(closed.back().number < open_);
  Kept& kept = kept_[series];
  if (kept.kind == model::Kind::Gauge) restore_value(kept, closed);
  PaneLog& log = kept.logs[kBase];
  if (!log.empty() && log.newest() >= closed.front().number) {
    restore_among(kept, closed);
    return;
  }
  for (const PackedPane& pane : closed)
    log.append(pane.number, pane.packed, blocks_);
  panes_ += closed.size();
}

void PaneStore::restore_value(Kept& kept, std::span<const PackedPane> closed) {
  for (const PackedPane& pane : closed) {
    std::span<const std::byte> packed = pane.packed;
    if (const auto partial = model::unpack(packed)) kept.total.add(*partial);
  }
}

// A log grows at its end alone: it is written anew. Rare: what came late, or around the end of a
// segment.
void PaneStore::restore_among(Kept& kept, std::span<const PackedPane> closed) {
  PaneLog& log = kept.logs[kBase];
  std::map<PaneNumber, std::vector<std::byte>> all;
  log.each(log.front(), log.newest() + 1, [&](const PaneLog::Record& record) {
    all.try_emplace(all.end(), record.number, record.packed.begin(), record.packed.end());
  });
  for (const PackedPane& pane : closed) {
    const auto [here, is_new] =
        all.try_emplace(pane.number, pane.packed.begin(), pane.packed.end());
    if (!is_new) merge_into(here->second, pane.packed);
  }
  panes_ -= log.size();
  log.clear(blocks_);
  for (const auto& [number, packed] : all)
    log.append(number, packed, blocks_);
  panes_ += log.size();
}

}  // namespace ingest::timeline
