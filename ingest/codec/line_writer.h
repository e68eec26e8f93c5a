#pragma once
// LineWriter: the way back of the codecs: one reading -> a line of a format, for tools that send.
// Pure. What it writes, our codecs read as just that reading; what a format cannot say is refused
// with a sentence that names the fault, never changed. Not for the hot path.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/codec/format.h"
#include "ingest/model/sample.h"

namespace ingest::codec {

struct Reading {
  struct Tag {
    std::string key;
    std::string value;  // may be empty, but in Influx and Graphite
  };
  model::Kind kind = model::Kind::Counter;
  model::GaugeChange change = model::GaugeChange::Set;  // Add: the gauge changes by the value
  std::string name;
  std::vector<Tag> tags;
  std::string value;             // a decimal, written digit for digit; of a set its member
  std::string rate;              // a decimal above 0 up to 1, as 0.1; empty: 1
  std::optional<WallTime> time;  // none: the server's time of arrival
};

/// Appends the line with its end. On a fault `out` is as it was; the error is a sentence without a
/// final stop: `Graphite knows gauges alone, not a set`.
///
/// Influx: name.field is written as field `field` of `name`, cut at the last dot, so that the
/// series is called so again; a name without a dot gets the field `value`.
Result<void, std::string> write_line(Format format, const Reading& reading, std::string& out);

}  // namespace ingest::codec
