#include "ingest/codec/format.h"

#include "ingest/codec/graphite.h"
#include "ingest/codec/influx_line.h"
#include "ingest/codec/json_lines.h"
#include "ingest/codec/statsd.h"

namespace ingest::codec {

std::string_view format_name(Format format) {
  switch (format) {
    case Format::Statsd:
      return "statsd";
    case Format::Influx:
      return "influx";
    case Format::Graphite:
      return "graphite";
    case Format::Json:
      return "json";
  }
  return "";
}

std::optional<Format> format_of(std::string_view name) {
  for (const Format format : kFormats) {
    if (format_name(format) == name) return format;
  }
  return std::nullopt;
}

LineRule line_rule_of(Format format) {
  return format == Format::Influx ? LineRule::Quoted : LineRule::Newline;
}

std::unique_ptr<const Codec> make_codec(Format format) {
  switch (format) {
    case Format::Statsd:
      break;
    case Format::Influx:
      return std::make_unique<InfluxLine>();
    case Format::Graphite:
      return std::make_unique<Graphite>();
    case Format::Json:
      return std::make_unique<JsonLines>();
  }
  return std::make_unique<Statsd>();
}

}  // namespace ingest::codec
