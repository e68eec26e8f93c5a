#pragma once
// SeriesKey: what a series is: kind, name, and tags sorted by key, the last of duplicates winning.
// A value; canonical, so equal series have equal keys byte for byte.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/model/sample.h"

namespace ingest::model {

struct TagView {
  std::string_view key;
  std::string_view value;
};

class SeriesKey {
 public:
  SeriesKey() = default;
  /// Sorts, and lets the last of duplicate keys win. Adds the number of duplicates dropped to
  /// *duplicates if given.
  SeriesKey(Kind kind, std::string_view name, std::vector<TagView> tags,
            std::uint32_t* duplicates = nullptr);
  /// Reads the raw name, field and tags by their style. An element without a separator is a key
  /// with an empty value; empty elements are skipped.
  static SeriesKey from_raw(Kind kind, const RawKey& raw, std::uint32_t* duplicates = nullptr);

  /// The name that from_raw() would give, in place of what `to` holds.
  static void write_name(const RawKey& raw, std::string& to);

  Kind kind() const { return kind_; }
  std::string_view name() const;
  /// In key order; views live as long as this key.
  std::vector<TagView> tags() const;
  /// The value of a tag, empty when absent.
  std::string_view tag(std::string_view key) const;
  bool has_tag(std::string_view key) const;
  /// The canonical bytes: name NUL key NUL value NUL key NUL value ... (none of them holds a NUL).
  std::string_view bytes() const { return bytes_; }
  /// Another one in each process, see hash_seed.h.
  std::uint64_t hash() const;

  bool operator==(const SeriesKey& other) const = default;
  // NOLINTNEXTLINE(modernize-use-nullptr): the check mistakes the zero inside <=> for a pointer
  auto operator<=>(const SeriesKey& other) const = default;

 private:
  Kind kind_ = Kind::Counter;
  std::string bytes_;
};

}  // namespace ingest::model
