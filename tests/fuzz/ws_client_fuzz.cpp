// rooms: gateway/ws
// A server's bytes to a ClientSession. The first byte says where they are split.
#include "tests/fuzz/ws_story.h"

namespace gateway::ws::fuzz {

static void check_client(ingest::ByteView bytes, std::size_t split) {
  SteadyMasks masks;
  check_any_split(bytes, split, Role::Client, [&](Inflater* inflater) {
    return ClientSession{masks, kSmall, inflater};
  });
}

}  // namespace gateway::ws::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) gateway::ws::fuzz::check_client({data + 1, size - 1}, data[0]);
  return 0;
}
