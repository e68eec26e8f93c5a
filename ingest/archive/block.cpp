#include "ingest/archive/block.h"

#include <algorithm>
#include <utility>

#include "ingest/base/byte_coding.h"
#include "ingest/model/packed_partial.h"

namespace ingest::archive {
namespace {

using Pane = BlockPanes::Pane;

constexpr std::size_t kSourceMark = kPanesPerBlock;

// Of those of one source the last one stays.
void order(std::vector<Pane>& all) {
  const auto place = [](const Pane& pane) { return std::pair{pane.offset, pane.source}; };
  const auto again = [&](const Pane& a, const Pane& b) { return place(a) >= place(b); };
  if (std::ranges::adjacent_find(all, again) == all.end()) return;  // the usual case
  std::ranges::stable_sort(all, {}, place);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i + 1 < all.size() && place(all[i]) == place(all[i + 1])) continue;
    all[kept++] = all[i];
  }
  all.resize(kept);
}

}  // namespace

PaneNumber block_of(PaneNumber pane) {
  return pane >= 0 ? pane / kPanesPerBlock : -((-pane + kPanesPerBlock - 1) / kPanesPerBlock);
}

std::size_t offset_in_block(PaneNumber pane) {
  return static_cast<std::size_t>(pane - block_of(pane) * kPanesPerBlock);
}

void append_source(std::vector<std::byte>& block, std::uint64_t source) {
  ByteWriter writer{block};
  writer.varint(kSourceMark);
  writer.varint(source);
}

void append_pane(std::vector<std::byte>& block, std::size_t offset,
                 std::span<const std::byte> packed) {
  ByteWriter writer{block};
  writer.varint(offset);
  writer.varint(packed.size());
  writer.bytes(packed);
}

BlockPanes read_block(std::span<const std::byte> block) {
  BlockPanes panes;
  panes.all.reserve(kPanesPerBlock);
  std::uint64_t source = 0;
  ByteReader reader{block};
  while (reader.left() > 0) {
    const std::size_t offset = reader.count(kSourceMark);
    if (offset == kSourceMark) {
      source = reader.varint();
      panes.whole = reader.good();
      continue;
    }
    const auto packed = reader.bytes(reader.count(model::kPackedBytesMax));
    panes.whole = reader.good();
    if (panes.whole) panes.all.push_back({offset, source, packed});
  }
  order(panes.all);
  return panes;
}

}  // namespace ingest::archive
