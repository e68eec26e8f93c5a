#include "ingest/archive/reader.h"

namespace ingest::archive {

std::string Reader::place_of(const model::SeriesKey& key) {
  std::string place{key.bytes()};
  place.push_back('\0');
  place.push_back(static_cast<char>('0' + static_cast<int>(key.kind())));
  return place;
}

}  // namespace ingest::archive
