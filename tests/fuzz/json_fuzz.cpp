// rooms: ingest/codec
#include "ingest/codec/json_lines.h"
#include "tests/fuzz/codec_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ingest::codec::JsonLines codec;
  return ingest::codec::check_codec(codec, ingest::codec::Views::Anywhere, data, size);
}
