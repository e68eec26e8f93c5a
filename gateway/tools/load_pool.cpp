#include "gateway/tools/load_pool.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <random>

#include "ingest/base/check.h"
#include "ingest/codec/line_writer.h"

namespace gateway::tools {
namespace {

using ingest::Failure;
using ingest::codec::Reading;
using ingest::model::Kind;

/// How often each series is met in the pool, about.
constexpr std::uint64_t kTurns = 4;

std::string padded(std::uint64_t number, int digits) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%0*llu", digits,  // NOLINT(*-vararg): padding
                static_cast<unsigned long long>(number));
  return text.data();
}

/// Readings whose lines are all of one length.
class Readings {
 public:
  explicit Readings(const LoadWish& wish) : wish_(wish) { reading_.kind = wish.kind; }

  const Reading& next() {
    const std::uint64_t series = random_() % wish_.series;
    reading_.name =
        wish_.tags > 0 ? "bench.ingest.time" : "bench.ingest.n" + padded(series, 7) + ".time";
    reading_.tags.clear();
    for (std::uint64_t tag = 0; tag < wish_.tags; ++tag) {
      reading_.tags.push_back(
          {"tag" + padded(tag, 2),
           tag == 0 ? "v" + padded(series, 7) : "v" + padded((series * 31 + tag) % 40, 2)});
    }
    reading_.value = wish_.kind == Kind::Set ? "member" + padded(random_() % 10'000, 4) : number();
    return reading_;
  }

 private:
  /// Log-normal around 20, as latencies are, with seven characters.
  std::string number() {
    constexpr double kLeast = 1;
    constexpr double kMost = 99'999;
    const double value = std::clamp(std::exp(normal_(random_)), kLeast, kMost);
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "%.6f", value);  // NOLINT(*-vararg): digits
    constexpr std::size_t kCharacters = 7;
    std::string digits{text.data(), kCharacters};
    if (digits.back() == '.') digits.back() = '0';  // never: 99999.x has its point before
    return digits;
  }

  const LoadWish& wish_;
  Reading reading_;
  std::mt19937_64 random_{1};
  std::normal_distribution<double> normal_{3, 1};
};

/// How many lines of so many bytes, with their ends, one packet has.
std::uint64_t lines_in_packet(const LoadWish& wish, std::size_t line_bytes) {
  if (wish.lines_per_packet > 0) return wish.lines_per_packet;
  const std::size_t end = wish.ends == LoadWish::Ends::Between ? 1 : 0;
  return (wish.packet_bytes + end) / line_bytes;
}

}  // namespace

ingest::Result<LoadPool, std::string> LoadPool::make(const LoadWish& wish) {
  CHECK(wish.series > 0);
  Readings readings{wish};
  std::string line;
  TRY(write_line(wish.format, readings.next(), line));
  LoadPool pool;
  pool.lines_per_packet_ = lines_in_packet(wish, line.size());
  if (pool.lines_per_packet_ == 0)
    return Failure{"a line has " + std::to_string(line.size()) +
                   " bytes: more than a datagram of " + std::to_string(wish.packet_bytes)};
  const std::size_t cut = wish.ends == LoadWish::Ends::Between ? 1 : 0;
  pool.packet_bytes_ = pool.lines_per_packet_ * line.size() - cut;
  if (pool.packet_bytes_ > kPacketBytesMax)
    return Failure{"a datagram would have " + std::to_string(pool.packet_bytes_) +
                   " bytes, more than " + std::to_string(kPacketBytesMax)};
  const std::uint64_t lines = std::max(wish.lines_least, kTurns * wish.series);
  const std::uint64_t packets = (lines + pool.lines_per_packet_ - 1) / pool.lines_per_packet_;
  pool.bytes_.reserve(packets * (pool.packet_bytes_ + 1));
  for (std::uint64_t packet = 0; packet < packets; ++packet) {
    for (std::uint64_t i = 0; i < pool.lines_per_packet_; ++i)
      TRY(write_line(wish.format, readings.next(), pool.bytes_));
    pool.bytes_.resize(pool.bytes_.size() - cut);
  }
  CHECK(pool.bytes_.size() == packets * pool.packet_bytes_);
  return pool;
}

}  // namespace gateway::tools
