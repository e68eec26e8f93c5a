// rooms: ingest/model ingest/sketch
// Any bytes as packed partials, one after the other. What is accepted packs again, to bytes that
// read back to the same bytes, and merges with its neighbours of the same kind, packed or not.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "ingest/model/packed_partial.h"

namespace {

using ingest::model::pack;
using ingest::model::Partial;
using ingest::model::unpack;

void expect(bool promise) {
  if (!promise) std::abort();
}

std::vector<std::byte> packed(const Partial& partial) {
  std::vector<std::byte> bytes;
  pack(partial, bytes);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::span<const std::byte> rest = std::as_bytes(std::span{data, size});
  std::array<Partial, 4> sums{
      Partial{ingest::model::Kind::Counter}, Partial{ingest::model::Kind::Gauge},
      Partial{ingest::model::Kind::Timer}, Partial{ingest::model::Kind::Set}};
  while (!rest.empty()) {
    const std::size_t before = rest.size();
    const auto partial = unpack(rest);
    if (!partial) {
      expect(rest.size() == before);
      break;
    }
    expect(rest.size() < before);
    const std::vector<std::byte> once = packed(*partial);
    expect(once.size() <= ingest::model::kPackedBytesMax);
    std::span<const std::byte> view{once};
    const auto again = unpack(view);
    expect(again.has_value() && view.empty() && packed(*again) == once);
    Partial& sum = sums[static_cast<std::size_t>(partial->kind())];
    Partial packed_sum = sum;
    sum.merge(*partial);
    expect(ingest::model::merge_packed(once, packed_sum) && packed(packed_sum) == packed(sum));
  }
  for (const Partial& sum : sums) {
    const std::vector<std::byte> bytes = packed(sum);
    std::span<const std::byte> view{bytes};
    expect(unpack(view).has_value());
  }
  return 0;
}
