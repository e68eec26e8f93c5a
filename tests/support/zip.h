#pragma once
// What other people's programs compress: bodies of requests for tests.

#include <zlib.h>

#include <string>
#include <string_view>

#include "ingest/base/check.h"

namespace tests::support {

/// `bits` as zlib's deflateInit2() takes them.
inline std::string zipped(std::string_view text, int bits) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
inline std::string gzip(std::string_view text) {
  return zipped(text, 15 + 16);
}
/// RFC 1950, what HTTP calls deflate.
inline std::string zlib_format(std::string_view text) {
  return zipped(text, 15);
}

}  // namespace tests::support
