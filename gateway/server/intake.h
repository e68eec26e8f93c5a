#pragma once
// Intake: where the lines of request bodies go. What the handlers of the write paths see of the
// ingest side: no codecs, no feeds. The wiring gives each worker one; that worker's thread only.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "gateway/server/peer.h"
#include "ingest/base/clock.h"
#include "ingest/model/annotation.h"

namespace gateway::server {

enum class LineFormat : std::uint8_t { Statsd, Influx, Graphite, Json };

/// What the times of Influx lines count; Auto: their size tells.
enum class LineTimes : std::uint8_t {
  Auto,
  Nanoseconds,
  Microseconds,
  Milliseconds,
  Seconds,
  Minutes,
  Hours
};

/// The lines of one body.
struct Lines {
  LineFormat format = LineFormat::Statsd;
  LineTimes times = LineTimes::Auto;
  std::string_view text;  // whole and plain
  Peer from;
};

/// What became of them; blank lines and comments are neither.
struct Taken {
  struct Fault {
    std::uint64_t line = 0;   // as an editor counts, from 1
    std::string_view reason;  // "bad_value"; static
  };
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  std::vector<Fault> faults;  // the first few
};

/// The lines of one body on their way.
class LineReading {
 public:
  LineReading() = default;
  LineReading(const LineReading&) = delete;
  LineReading& operator=(const LineReading&) = delete;
  virtual ~LineReading() = default;
  /// Takes some more of them, work for well below a millisecond; how many bytes are left. What is
  /// accepted counts at once.
  virtual std::size_t take_some() = 0;
  /// What became of those taken so far.
  virtual Taken taken() const = 0;
};

/// What became of an event.
enum class Noted : std::uint8_t {
  Kept,     // it is on its way to the hub
  Limited,  // its sender sent more than it may
  Future,   // further ahead than time.future
  Crowded,  // more came at this worker than leave with a tick
};

class Intake {
 public:
  /// A body of so many bytes is one call of take_some().
  static constexpr std::size_t kSliceBytes = std::size_t{16} * 1024;

  Intake() = default;
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;
  virtual ~Intake() = default;
  /// How long this client should wait before it writes again, as it wrote more than it may
  /// (http.writers_rate); 0: not at all. Asked before a body is taken.
  virtual std::chrono::nanoseconds wait_of(const Peer& client) = 0;
  /// The intake and the text of `lines` outlive the reading.
  virtual std::unique_ptr<LineReading> begin(const Lines& lines) = 0;
  /// An event, not longer than what is kept. It counts against its sender's rate as a sample does.
  virtual Noted note(ingest::model::KeptAnnotation event, const Peer& client) = 0;
  /// The time of its own arrivals: all that was taken so far came by then.
  virtual ingest::WallTime now() const = 0;
};

}  // namespace gateway::server
