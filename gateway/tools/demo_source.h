#pragma once
// DemoSource: what `weir demo` shows: a made-up shop, or somebody's data. A value.

#include <cstdint>
#include <string>

#include "ingest/base/clock.h"

namespace gateway::tools {

struct DemoSource {
  std::uint64_t seed = 1;         // of the shop (DemoLoad)
  std::string path;               // of a file of rows (DataRows); empty: the shop
  ingest::Millis lasts{600'000};  // one round of that file
  std::uint64_t rounds = 0;       // of it; 0: until the end
};

}  // namespace gateway::tools
