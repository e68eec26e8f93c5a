#pragma once
// Block: the panes of one series at one level, at most kPanesPerBlock of them, as one value on
// disk. It grows by appending; a pane that comes again replaces the one before, so that filing a
// period twice after a crash changes nothing. Pure; any thread. It must not know keys or stores.
//
//   pane    offset varint (0 to 59), length varint, a packed partial
//   pane    ...

#include <array>
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

void append_pane(std::vector<std::byte>& block, std::size_t offset,
                 std::span<const std::byte> packed);

/// The panes of a block by offset; empty where there is none. They view `block`.
struct BlockPanes {
  std::array<std::span<const std::byte>, kPanesPerBlock> at;
  bool whole = true;  // false: what follows somewhere was damaged and left out
};
BlockPanes read_block(std::span<const std::byte> block);

}  // namespace ingest::archive
