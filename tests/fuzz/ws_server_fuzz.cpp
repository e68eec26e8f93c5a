// rooms: gateway/ws
// A client's bytes to a ServerSession. The first byte says where they are split.
#include "tests/fuzz/ws_story.h"

namespace gateway::ws::fuzz {

static void check_server(ingest::ByteView bytes, std::size_t split) {
  check_any_split(bytes, split, Role::Server, [](Inflater* inflater) {
    return ServerSession{kSmall, inflater};
  });
}

}  // namespace gateway::ws::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) gateway::ws::fuzz::check_server({data + 1, size - 1}, data[0]);
  return 0;
}
