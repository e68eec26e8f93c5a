// rooms: ingest/archive
// Any bytes as a block on disk: its panes lie within it, in order and each once, and a block that
// is written of them anew reads back to the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "ingest/archive/block.h"
#include "ingest/base/check.h"

using namespace ingest::archive;  // NOLINT(google-build-using-namespace): one fuzz target, one room

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span{data, size});
  const BlockPanes panes = read_block(bytes);
  std::vector<std::byte> anew;
  const BlockPanes::Pane* before = nullptr;
  for (const BlockPanes::Pane& pane : panes.all) {
    CHECK(pane.offset < kPanesPerBlock);
    CHECK(pane.packed.data() >= bytes.data() && pane.packed.size() <= bytes.size());
    const auto place = std::pair(pane.offset, pane.source);
    CHECK(before == nullptr || std::pair(before->offset, before->source) < place);
    append_source(anew, pane.source);
    append_pane(anew, pane.offset, pane.packed);
    before = &pane;
  }
  const BlockPanes again = read_block(anew);
  CHECK(again.whole && again.all.size() == panes.all.size());
  for (std::size_t i = 0; i < again.all.size(); ++i) {
    CHECK(again.all[i].offset == panes.all[i].offset && again.all[i].source == panes.all[i].source);
    CHECK(std::ranges::equal(again.all[i].packed, panes.all[i].packed));
  }
  return 0;
}
