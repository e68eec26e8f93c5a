#pragma once
// WriteWish: what a request on one of the write paths asks for, read from its head alone. Pure
// text; no state.
//
//   POST /api/v1/write?format=statsd|influx|graphite|json[&precision=ms]
//   POST /write?db=telegraf[&precision=s]                  Influx 1
//   POST /api/v2/write?org=o&bucket=b[&precision=us]       Influx 2

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/content_coding.h"
#include "gateway/http/request.h"
#include "gateway/server/intake.h"
#include "ingest/base/result.h"

namespace gateway::server {

/// Whose API a path is: how its faults are written, and what its parameters mean.
enum class Dialect : std::uint8_t { Own, Influx1, Influx2 };
/// Own for any path that is not Influx's.
Dialect dialect_of(std::string_view path);
/// One of the three above, or Influx 1's /query: where auth.writers is asked.
bool is_writers_path(std::string_view path);
bool is_write_path(std::string_view path);

/// When a write is answered.
enum class Ack : std::uint8_t {
  Received,  // its lines count
  Durable,   // and are on disk: no crash forgets them
};

struct WriteWish {
  Dialect dialect = Dialect::Own;
  LineFormat format = LineFormat::Statsd;
  LineTimes times = LineTimes::Auto;
  http::ContentCoding coding = http::ContentCoding::Identity;
  Ack ack = Ack::Received;
  std::string batch;  // Weir-Batch-Id; empty: none
};
/// Why it cannot be met.
struct WishFault {
  int status = 400;
  std::string sentence;
};
/// `request` is on a write path. 400 for a parameter that means nothing, 415 for a coding of the
/// body that is not ours. Parameters that are not ours are ignored: clients
/// of Influx send several.
ingest::Result<WriteWish, WishFault> read_wish(const http::Request& request);

}  // namespace gateway::server
