#pragma once
// Format: the text formats by name, and a codec for each: for whoever has a name alone (a file's
// head, a command line).

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "ingest/codec/codec.h"

namespace ingest::codec {

enum class Format : std::uint8_t { Statsd, Influx, Graphite, Json };
inline constexpr std::array kFormats{Format::Statsd, Format::Influx, Format::Graphite,
                                     Format::Json};

/// "statsd", "influx", "graphite", "json".
std::string_view format_name(Format format);
std::optional<Format> format_of(std::string_view name);
/// Where the format's lines end.
LineRule line_rule_of(Format format);
/// With the codec's own defaults.
std::unique_ptr<const Codec> make_codec(Format format);

}  // namespace ingest::codec
