#pragma once
// Block: the panes of one series at one level, at most kPanesPerBlock of them, as one value on
// disk. It grows by appending what one segment of the checkpoint had for it; a pane is the merge of
// what all segments had. What comes again from the same segment replaces what it said before: so
// filing a segment twice after a crash changes nothing, and what comes late, by another segment, is
// added. Pure; any thread. It must not know keys or stores.
//
//   source  60, varint: the number of the segment that the panes behind it came from
//   pane    offset varint (0 to 59), length varint, a packed partial

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ingest/archive/levels.h"

namespace ingest::archive {

/// `pane` within its block.
std::size_t offset_in_block(PaneNumber pane);
/// The number of the block that holds `pane`.
PaneNumber block_of(PaneNumber pane);

/// Where the panes that are appended next come from.
void append_source(std::vector<std::byte>& block, std::uint64_t source);
void append_pane(std::vector<std::byte>& block, std::size_t offset,
                 std::span<const std::byte> packed);

/// What is in a block: by offset, then by source, each once. The bytes are the block's.
struct BlockPanes {
  struct Pane {
    std::size_t offset = 0;
    std::uint64_t source = 0;
    std::span<const std::byte> packed;
  };
  std::vector<Pane> all;
  bool whole = true;  // false: what follows somewhere was damaged and left out
};
BlockPanes read_block(std::span<const std::byte> block);

}  // namespace ingest::archive
