#pragma once
// How a series and the spellings that lead to it lie in a BytePool's blocks: a head, then the raw
// bytes of a line. The first spelling of a series stands in the series' own record, so that a line
// seen before is compared, found and stamped within two cache lines. Plain data; its owner is the
// SeriesTable.
//
//   record:  | Text | series ... | name | field | tags |
//   alias:   | Text | owner      | name | field | tags |      a further spelling

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "ingest/base/clock.h"
#include "ingest/model/sample.h"
#include "ingest/series/byte_pool.h"

namespace ingest::series {

struct Text {
  std::uint16_t name_bytes = 0;
  std::uint16_t field_bytes = 0;
  std::uint16_t tags_bytes = 0;
  std::uint8_t kind : 2 = 0;
  std::uint8_t style : 3 = 0;
  std::uint8_t is_alias : 1 = 0;
  std::uint8_t remembered : 1 = 0;  // a line of these bytes finds it
  std::uint8_t duplicates = 0;      // tags that a later one of the same key replaced
};
static_assert(sizeof(Text) == 8);

struct SeriesRecord {
  Text text;
  std::uint32_t index = 0;  // with the generation: model::LocalSeries
  std::uint32_t generation = 0;
  WallTime last;                // when its last sample came
  std::uint32_t name = 0;       // in the NameBook
  std::uint32_t key_print = 0;  // the high half of its key's hash
  BytePool::Ref aliases = BytePool::kNone;
  std::uint8_t spellings = 0;  // that are remembered
  bool overflow : 1 = false;   // stands for others, on top of the caps
  bool folded : 1 = false;     // the hub counts it in an overflow series, for its cap
  std::uint8_t cap : 4 = 0;    // then: a model::Cap
  std::uint16_t told = 0;      // then: when the hub said so, in seconds that wrap
};
static_assert(sizeof(SeriesRecord) == 40);

struct Alias {
  Text text;
  BytePool::Ref owner = BytePool::kNone;
  BytePool::Ref next = BytePool::kNone;
};

inline std::size_t text_bytes(const model::RawKey& raw) {
  return raw.name.size() + raw.field.size() + raw.tags.size();
}

inline Text text_of(model::Kind kind, const model::RawKey& raw) {
  Text text;
  text.name_bytes = static_cast<std::uint16_t>(raw.name.size());
  text.field_bytes = static_cast<std::uint16_t>(raw.field.size());
  text.tags_bytes = static_cast<std::uint16_t>(raw.tags.size());
  text.kind = static_cast<std::uint8_t>(kind) & 3U;
  text.style = static_cast<std::uint8_t>(raw.style) & 7U;
  return text;
}

/// Behind the head of a block.
inline void write_bytes(char* to, const model::RawKey& raw) {
  to = std::copy(raw.name.begin(), raw.name.end(), to);
  to = std::copy(raw.field.begin(), raw.field.end(), to);
  std::copy(raw.tags.begin(), raw.tags.end(), to);
}

/// The bytes of a block as a codec saw them; lives as long as the block.
inline model::RawKey raw_of(const Text& text, const char* bytes) {
  const char* const field = bytes + text.name_bytes;
  const char* const tags = field + text.field_bytes;
  return {.name = {bytes, text.name_bytes},
          .tags = {tags, text.tags_bytes},
          .style = static_cast<model::TagStyle>(text.style),
          .field = {field, text.field_bytes}};
}

inline bool same_text(const Text& text, const char* bytes, model::Kind kind,
                      const model::RawKey& raw) {
  if (text.name_bytes != raw.name.size() || text.field_bytes != raw.field.size() ||
      text.tags_bytes != raw.tags.size() || text.kind != static_cast<std::uint8_t>(kind) ||
      text.style != static_cast<std::uint8_t>(raw.style)) {
    return false;
  }
  const auto same = [](const char* held, std::string_view part) {
    return part.empty() || std::memcmp(held, part.data(), part.size()) == 0;
  };
  const char* const field = bytes + raw.name.size();
  return same(bytes, raw.name) && same(field, raw.field) &&
         same(field + raw.field.size(), raw.tags);
}

}  // namespace ingest::series
