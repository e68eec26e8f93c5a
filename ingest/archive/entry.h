#pragma once
// Entries: births and deltas as bytes, between the hub and the archive and in checkpoint segments.
// A number names a series from its birth on, within one run or one segment. Pure; any thread.
//
//   born    1, number varint, kind 1 byte, length varint, the key's canonical bytes
//   delta   2, number varint, pane zigzag, length varint, a packed partial (model/packed_partial.h)

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ingest/archive/levels.h"
#include "ingest/base/byte_coding.h"
#include "ingest/model/partial.h"
#include "ingest/model/series_key.h"

namespace ingest::archive {

struct Entry {
  enum class What : std::uint8_t { Born = 1, Delta = 2 };
  What what = What::Born;
  std::uint32_t number = 0;
  model::Kind kind = model::Kind::Counter;  // Born
  std::string_view key{};                   // Born: canonical bytes
  PaneNumber pane = 0;                      // Delta
  std::span<const std::byte> packed{};      // Delta
};

void write_born(std::vector<std::byte>& out, std::uint32_t number, model::Kind kind,
                std::string_view key);
void write_delta(std::vector<std::byte>& out, std::uint32_t number, PaneNumber pane,
                 std::span<const std::byte> packed);

/// Entries one after the other; what they view lives as long as the bytes.
class EntryReader {
 public:
  explicit EntryReader(std::span<const std::byte> bytes) : reader_(bytes) {}
  /// Nothing at the end, and where something else than an entry stands.
  std::optional<Entry> next();

 private:
  ByteReader reader_;
};

/// A key of its canonical bytes; nothing when they are not such.
std::optional<model::SeriesKey> read_key(model::Kind kind, std::string_view bytes);

}  // namespace ingest::archive
