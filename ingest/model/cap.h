#pragma once
// Cap: which limit a new series ran into, in a worker's table or in the hub's timeline. A value;
// who holds a cap decides.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ingest::model {

enum class Cap : std::uint8_t { Series, Names, SeriesPerName, ValuesPerTag, NewSeries, Memory };
constexpr std::size_t kCaps = 6;

/// As it is called in the configuration, limits. aside: "series", "series_per_name",
/// "new_series_per_source".
constexpr std::string_view cap_name(Cap cap) {
  switch (cap) {
    case Cap::Series:
      return "series";
    case Cap::Names:
      return "names";
    case Cap::SeriesPerName:
      return "series_per_name";
    case Cap::ValuesPerTag:
      return "values_per_tag";
    case Cap::NewSeries:
      return "new_series_per_source";
    case Cap::Memory:
      return "memory";
  }
  return "";
}

}  // namespace ingest::model
