// rooms: ingest/archive
// Any bytes as a segment of the checkpoint: what the reader gives lies within it and is accounted
// for to the byte, and whatever stood around a whole record, that record is found. Besides, any
// bytes as entries with a checksum that holds, as another program's bug would leave them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ingest/archive/segment.h"
#include "ingest/archive/segment_deltas.h"
#include "ingest/base/check.h"
#include "ingest/model/packed_partial.h"

namespace {

using namespace ingest::archive;  // NOLINT(google-build-using-namespace): one fuzz target, one room

using Bytes = std::span<const std::byte>;

void check_segment(Bytes bytes) {
  SegmentReader reader{bytes};
  std::size_t given = 0;
  while (const auto entries = reader.next()) {
    CHECK(entries->data() >= bytes.data());
    CHECK(entries->data() + entries->size() <= bytes.data() + bytes.size());
    given += entries->size();
  }
  CHECK(reader.whole_until() <= bytes.size());
  CHECK(given + reader.damaged_bytes() <= reader.whole_until());
}

void check_entries(Bytes bytes) {
  std::size_t entries = 0;
  EntryReader reader{bytes};
  std::vector<std::byte> written;
  while (const auto entry = reader.next()) {
    ++entries;
    written.clear();
    if (entry->what == Entry::What::Born) {
      write_born(written, entry->number, entry->kind, entry->key);
    } else {
      write_delta(written, entry->number, entry->pane, entry->packed);
    }
    const auto again = EntryReader{written}.next();
    CHECK(again && again->what == entry->what && again->number == entry->number);
    CHECK(again->pane == entry->pane && again->key == entry->key);
  }
  SegmentDeltas deltas;
  deltas.take(bytes);
  std::size_t taken = deltas.damaged();
  for (std::size_t i = 0; i < deltas.series(); ++i) {
    taken += deltas.size(i) + 1;
    for (const auto& [pane, partial] : deltas.merged(i)) {
      CHECK(partial.kind() == deltas.key(i).kind());
      std::vector<std::byte> packed;
      ingest::model::pack(partial, packed);
      Bytes view{packed};
      CHECK(ingest::model::unpack(view));
    }
  }
  CHECK(taken <= entries);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes bytes = std::as_bytes(std::span{data, size}).subspan(1);
  data[0] % 2 == 0 ? check_segment(bytes) : check_entries(bytes);
  return 0;
}
