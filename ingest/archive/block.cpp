#include "ingest/archive/block.h"

#include "ingest/base/byte_coding.h"
#include "ingest/model/packed_partial.h"

namespace ingest::archive {

PaneNumber block_of(PaneNumber pane) {
  return pane >= 0 ? pane / kPanesPerBlock : -((-pane + kPanesPerBlock - 1) / kPanesPerBlock);
}

std::size_t offset_in_block(PaneNumber pane) {
  return static_cast<std::size_t>(pane - block_of(pane) * kPanesPerBlock);
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
  ByteReader reader{block};
  while (reader.left() > 0) {
    const std::size_t offset = reader.count(kPanesPerBlock - 1);
    const auto packed = reader.bytes(reader.count(model::kPackedBytesMax));
    panes.whole = reader.good();
    if (!panes.whole) return panes;
    panes.at.at(offset) = packed;
  }
  return panes;
}

}  // namespace ingest::archive
