// rooms: gateway/ws
// permessage-deflate's payloads: what is compressed is read back, the same after any messages
// before it; any payload gives the same message or fault from a used inflater as from a fresh one,
// and a limit changes nothing but whether it is too big.
#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway/ws/deflate.h"
#include "ingest/base/check.h"

namespace gateway::ws {
namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 20;

void check_round_trip(std::string_view message) {
  static Deflater used;
  static Inflater inflater;
  Deflater fresh;
  std::string payload;
  std::string again;
  used.compress(message, payload);
  fresh.compress(message, again);
  CHECK(payload == again);
  const auto back = inflater.inflate(ingest::as_bytes(payload), message.size());
  CHECK(back && ingest::as_text(*back) == message);
}

/// The message, or the fault's sentence behind a mark.
std::string inflated(Inflater& inflater, ingest::ByteView payload, std::size_t bytes_max) {
  const auto message = inflater.inflate(payload, bytes_max);
  if (message) CHECK(message->size() <= bytes_max);
  return message ? "+" + std::string{ingest::as_text(*message)}
                 : "-" + std::string{sentence_of(message.error())};
}

void check_any_payload(ingest::ByteView payload) {
  static Inflater used;
  Inflater fresh;
  const std::string message = inflated(used, payload, kPlenty);
  CHECK(inflated(fresh, payload, kPlenty) == message);
  if (!message.starts_with('+')) return;
  const std::size_t bytes = message.size() - 1;
  CHECK(inflated(used, payload, bytes) == message);
  if (bytes == 0) return;
  CHECK(inflated(used, payload, bytes - 1) ==
        "-" + std::string{sentence_of(SessionFault::MessageTooBig)});
}

}  // namespace
}  // namespace gateway::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gateway::ws::check_round_trip(ingest::as_text({data, size}));
  gateway::ws::check_any_payload({data, size});
  return 0;
}
