#pragma once
// Sample: one reading as a codec found it. Views point into the received bytes and die with them.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ingest/base/clock.h"
#include "ingest/base/ip_address.h"
#include "ingest/model/annotation.h"
#include "ingest/model/rejected_line.h"

namespace ingest::model {

enum class Kind : std::uint8_t { Counter, Gauge, Timer, Set };

/// "counter", "gauge", "timer", "set".
std::string_view kind_name(Kind kind);

/// How the raw tag bytes of a line are written.
enum class TagStyle : std::uint8_t {
  Colon,      // route:/pay,host:a     (DogStatsD)
  Equals,     // route=/pay,host=a     (InfluxDB, Librato, SignalFx spellings of StatsD)
  Semicolon,  // route=/pay;host=a     (Graphite)
  Escaped,    // route=/pay,host=a\ b  (Influx line protocol, its backslashes still there)
  Quoted,     // "route":"/pay","host":"a"  (JSON without escapes)
  Nul,        // route NUL /pay NUL host NUL a NUL  (JSON, whose strings may hold all but a NUL)
};

/// Name and tags as they stand in the line, already checked by the codec against the limits below,
/// UTF-8 and NUL.
struct RawKey {
  std::string_view name{};
  std::string_view tags{};
  TagStyle style = TagStyle::Colon;
  /// Influx line protocol: where not empty, the series is called name.field. Of style Escaped, as
  /// the name then is.
  std::string_view field{};
};

constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kTagKeyBytesMax = 128;
constexpr std::size_t kTagValueBytesMax = 256;
constexpr std::size_t kTagsMax = 32;

/// A sample rate as the decimal that was written, so that 7|c|@0.07 is exactly 100. 0 < numerator
/// <= denominator, both at most 10^9.
struct Rate {
  std::uint32_t numerator = 1;
  std::uint32_t denominator = 1;
};

/// Weights are integers of 2^-20 of an event, so that they merge exactly in any order.
using Weight = std::uint64_t;
constexpr Weight kWeightOne = Weight{1} << 20;
/// One event seen at `rate`: 1/rate events, rounded to the nearest 2^-20.
constexpr Weight weight_of(Rate rate) {
  return (kWeightOne * rate.denominator + rate.numerator / 2) / rate.numerator;
}

enum class GaugeChange : std::uint8_t { Set, Add };

struct Sample {
  Kind kind = Kind::Counter;
  GaugeChange change = GaugeChange::Set;  // gauges only
  /// Who sent it: what SampleSink::source_of() gave; 0 is the feed itself. SampleBatch writes it.
  std::uint32_t source = 0;
  RawKey key{};
  double value = 0;                // finite; counters, gauges, timers
  double value_low = 0;            // what is left of an integer above 2^53: value + value_low is it
  std::string_view member{};       // sets only
  Rate rate{};                     // counters and timers only
  std::optional<WallTime> time{};  // none: the arrival time
};

/// What codecs feed. One call takes a batch of at most kBatchMax samples, in line order.
class SampleSink {
 public:
  static constexpr std::size_t kBatchMax = 64;
  SampleSink() = default;
  SampleSink(const SampleSink&) = delete;
  SampleSink& operator=(const SampleSink&) = delete;
  virtual ~SampleSink() = default;
  /// The views in `batch` live until take() returns.
  virtual void take(std::span<const Sample> batch) = 0;
  /// Views in `annotation` live until note() returns. Whoever does not show annotations drops them:
  /// the codec has counted them.
  virtual void note(const Annotation& /*annotation*/) {}
  /// As note(), of a line that was dropped. May come as often as lines do.
  virtual void reject(const RejectedLine& /*line*/) {}
  /// What SampleBatch::from() wants for samples of this sender; asked once for a datagram, a read
  /// of a stream or a request, never for a sample. Holds until this turn of the loop ends: until
  /// then the batch has to be flushed, and what comes later asks again. A sender that the feed does
  /// not allow has an index, too: its samples are counted, and go nowhere else.
  virtual std::uint32_t source_of(const IpAddress& /*sender*/) { return 0; }
  /// Whether the feed allows this sender. For the door, where there is one: a stream or a request
  /// is refused there. Datagrams need not ask.
  virtual bool allows(const IpAddress& /*sender*/) const { return true; }
  /// How long this sender should wait before it sends more; 0: not at all. For a door that can tell
  /// it so, and then refuses: counted.
  virtual std::chrono::nanoseconds wait_of(const IpAddress& /*sender*/) { return {}; }
};

}  // namespace ingest::model
