#pragma once
// LoadPool: packets of valid lines, made before the clock starts, so that sending them is all that
// a load costs. The same for the same wish. Owned by a load; a value.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/result.h"
#include "ingest/codec/format.h"
#include "ingest/model/sample.h"

namespace gateway::tools {

struct LoadWish {
  ingest::codec::Format format = ingest::codec::Format::Statsd;
  ingest::model::Kind kind = ingest::model::Kind::Timer;
  std::uint64_t series = 1'000;
  std::uint64_t tags = 0;              // of each line; without, the name tells the series
  std::uint64_t packet_bytes = 1'364;  // at most, where lines_per_packet is 0
  std::uint64_t lines_per_packet = 0;
  /// Different lines at least, besides some for each series: more than the server's caches hold
  /// because we sent them a moment ago.
  std::uint64_t lines_least = 200'000;
  enum class Ends : std::uint8_t { Between, Every };  // Every: of a stream
  Ends ends = Ends::Between;
};

class LoadPool {
 public:
  static constexpr std::uint64_t kSeriesMax = 2'000'000;
  static constexpr std::uint64_t kPacketBytesMax = 65'000;

  /// All packets are of one size and lie one behind the other. The error is a sentence: a format
  /// that does not know the kind, packets too small for a line or too large.
  static ingest::Result<LoadPool, std::string> make(const LoadWish& wish);

  std::size_t packets() const { return bytes_.size() / packet_bytes_; }
  std::size_t packet_bytes() const { return packet_bytes_; }
  std::uint64_t lines_per_packet() const { return lines_per_packet_; }
  /// `count` packets from the first one on; first + count is at most packets().
  std::string_view run(std::size_t first, std::size_t count) const {
    return std::string_view{bytes_}.substr(first * packet_bytes_, count * packet_bytes_);
  }

 private:
  LoadPool() = default;
  std::string bytes_;
  std::size_t packet_bytes_ = 0;
  std::uint64_t lines_per_packet_ = 0;
};

}  // namespace gateway::tools
