// rooms: ingest/codec
#include "ingest/codec/statsd.h"
#include "tests/fuzz/codec_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ingest::codec::Statsd codec;
  return ingest::codec::check_codec(codec, ingest::codec::Views::InBlock, data, size);
}
