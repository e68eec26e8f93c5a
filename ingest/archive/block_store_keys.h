#pragma once
// How blocks, parts and series are named in RocksDB. For the files of BlockStore alone. Pure.

#include <rocksdb/slice.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "ingest/archive/entry.h"
#include "ingest/archive/reader.h"
#include "ingest/base/byte_coding.h"

namespace ingest::archive {

using rocksdb::Slice;

constexpr char kSeriesMark = 'k';
constexpr char kFiledMark = 'f';
constexpr char kMissingMark = 'm';
constexpr std::size_t kIdBytes = sizeof(std::uint64_t);

inline Slice slice_of(std::span<const std::byte> bytes) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::span<const std::byte> bytes_of(const Slice& slice) {
  return std::as_bytes(std::span{slice.data(), slice.size()});
}

inline void append_number(std::string& key, std::uint64_t number) {
  for (std::size_t i = kIdBytes; i-- > 0;)
    key.push_back(static_cast<char>(number >> (8 * i)));
}
/// In the order of block numbers, those before the epoch too.
inline std::uint64_t sortable(PaneNumber block) {
  return static_cast<std::uint64_t>(block) ^ (std::uint64_t{1} << 63U);
}
inline std::string block_key(ArchiveId series, PaneNumber block) {
  std::string key;
  append_number(key, series);
  append_number(key, sortable(block));
  return key;
}
inline PaneNumber block_of_key(const Slice& key) {
  std::uint64_t number = 0;
  for (std::size_t i = kIdBytes; i < key.size(); ++i)
    number = number << 8U | static_cast<unsigned char>(key[i]);
  return static_cast<PaneNumber>(number ^ (std::uint64_t{1} << 63U));
}

inline ArchiveId series_of_key(const Slice& key) {
  ArchiveId series = 0;
  for (std::size_t i = 0; i < std::min(kIdBytes, key.size()); ++i)
    series = series << 8U | static_cast<unsigned char>(key[i]);
  return series;
}

/// Blocks of one length of panes that begin in one stretch of time.
struct PartName {
  std::int64_t pane_ms = 0;
  std::int64_t start_ms = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): what clang 14 makes of <=>
  auto operator<=>(const PartName&) const = default;

  std::string text() const { return std::to_string(pane_ms) + '@' + std::to_string(start_ms); }
  static std::optional<PartName> read(std::string_view text) {
    PartName name;
    const char* const end = text.data() + text.size();
    const auto pane = std::from_chars(text.data(), end, name.pane_ms);
    if (pane.ec != std::errc{} || pane.ptr == end || *pane.ptr != '@') return std::nullopt;
    const auto start = std::from_chars(pane.ptr + 1, end, name.start_ms);
    if (start.ec != std::errc{} || start.ptr != end || name.pane_ms <= 0) return std::nullopt;
    return name;
  }
  // A part is what Levels says of a base pane of its length, whatever level it was.
  Levels levels() const { return Levels{Millis{pane_ms}}; }
  WallTime start() const { return wall_from_ms(start_ms); }
  WallTime end() const { return start() + levels().part(Rollup::Base); }
};

inline std::optional<std::pair<ArchiveId, WallTime>> read_series(const Slice& value) {
  ByteReader reader{bytes_of(value)};
  const ArchiveId id = reader.u64();
  const WallTime seen = wall_from_ms(static_cast<std::int64_t>(reader.u64()));
  if (!reader.good()) return std::nullopt;
  return std::pair{id, seen};
}

inline std::optional<model::SeriesKey> read_place(std::string_view place) {
  if (place.size() < 2) return std::nullopt;
  const int kind = place.back() - '0';
  if (kind < 0 || kind > static_cast<int>(model::Kind::Set)) return std::nullopt;
  return read_key(static_cast<model::Kind>(kind), place.substr(0, place.size() - 2));
}

}  // namespace ingest::archive
