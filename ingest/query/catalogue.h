#pragma once
// Catalogue: which metrics exist, as the hub last looked. Immutable once made; the hub makes a new
// one each second and hands it to every worker, so that discovery costs the hub nothing per
// request.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/sample.h"

namespace ingest::query {

struct TagValue {
  std::string value;
  std::uint64_t series = 0;
};
struct TagKey {
  std::string key;
  std::vector<TagValue> values;  // by series count, then by value; at most kCatalogueValuesMax
};
constexpr std::size_t kCatalogueValuesMax = 100;

struct Metric {
  std::string name;
  model::Kind kind = model::Kind::Counter;
  std::uint64_t series = 0;
  WallTime last_seen;
  std::vector<TagKey> tags;  // in key order
};

struct Catalogue {
  std::vector<Metric> metrics;  // by name, then kind
  std::uint64_t series = 0;
};

}  // namespace ingest::query
