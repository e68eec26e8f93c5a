#pragma once
// What the tools' options have in common: formats and addresses by their names.

#include <optional>
#include <string>

#include "gateway/tools/target.h"
#include "ingest/base/result.h"
#include "ingest/codec/format.h"

namespace gateway::cli {

/// The error says what is allowed: `--format "stats" is unknown, allowed is statsd, ...`.
inline ingest::Result<ingest::codec::Format, std::string> read_format(const std::string& name) {
  const auto format = ingest::codec::format_of(name);
  if (format) return *format;
  return ingest::Failure{"--format \"" + name +
                         "\" is unknown, allowed is statsd, influx, graphite or json"};
}

/// As typed, or the format's usual port of this machine.
inline ingest::Result<tools::Target, std::string> read_target(const std::string& text,
                                                              ingest::codec::Format format) {
  if (!text.empty()) {
    auto target = tools::parse_target(text);
    if (!target) return ingest::Failure{"--to " + target.error()};
    return target;
  }
  tools::Target target;
  target.port = tools::usual_port(format);
  return target;
}

}  // namespace gateway::cli
