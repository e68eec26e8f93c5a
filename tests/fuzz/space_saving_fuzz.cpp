// rooms: ingest/sketch
// Three SpaceSavings of one size, added to and merged as the input says, against exact counts. An
// input: the size, then steps of two bytes: where and what, and a weight.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "ingest/sketch/space_saving.h"

namespace {

using ingest::sketch::SpaceSaving;
using Exact = std::map<std::string, std::uint64_t>;

void expect(bool promise) {
  if (!promise) std::abort();
}

struct Pair {
  SpaceSaving sketch;
  Exact exact{};
};

void check(const Pair& pair) {
  const SpaceSaving& sketch = pair.sketch;
  const std::size_t counters = sketch.counters_max();
  expect(sketch.size() <= counters && sketch.floor() <= sketch.weight() / counters);
  Exact present;
  for (const SpaceSaving::Item& item : sketch.top(counters))
    expect(item.error <= item.estimate && present.emplace(item.key, item.error).second);
  expect(present.size() == sketch.size());
  std::uint64_t weight = 0;
  for (const auto& [key, truth] : pair.exact) {
    weight += truth;
    const std::uint64_t estimate = sketch.estimate(key);
    expect(truth <= estimate);
    const auto error = present.find(key);
    expect(error == present.end() ? estimate == sketch.floor() : estimate - error->second <= truth);
  }
  expect(weight == sketch.weight());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const SpaceSaving empty{1 + data[0] % 16U};
  std::array<Pair, 3> pairs{Pair{empty}, Pair{empty}, Pair{empty}};
  for (std::size_t i = 1; i + 1 < size; i += 2) {
    Pair& pair = pairs[data[i] % pairs.size()];
    const unsigned what = data[i] / pairs.size();
    if (what == 0) {  // merges its neighbour, which begins again
      Pair& other = pairs[data[i + 1] % pairs.size()];
      if (&other == &pair) continue;
      pair.sketch.merge(other.sketch);
      for (const auto& [key, count] : other.exact)
        pair.exact[key] += count;
      other = Pair{empty};
    } else {
      const std::string key(1 + what % 3U, static_cast<char>('a' + what % 26U));
      pair.sketch.add(key, data[i + 1]);
      pair.exact[key] += data[i + 1];
    }
  }
  for (const Pair& pair : pairs)
    check(pair);
  return 0;
}
