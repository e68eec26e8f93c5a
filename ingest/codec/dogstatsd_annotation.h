#pragma once
// DogStatsD events and service checks: remarks on time, no measurements.
//
//   _e{5,4}:title|text|d:1700000000|h:host|p:low|t:error|#route:/pay
//   _sc|db.up|2|d:1700000000|h:host|#env:prod|m:no answer
//
// Format: docs.datadoghq.com "DogStatsD datagram format". Pure, no allocation.

#include <cstdint>

#include "ingest/codec/lines.h"
#include "ingest/codec/scan.h"
#include "ingest/model/sample.h"

namespace ingest::codec {

struct ReadAnnotation {
  model::Annotation annotation;  // its views look into the line
  std::uint64_t unknown_fields = 0;
};

/// Whether the line is an event or a service check, and not a metric of such a name.
bool is_annotation(const Cursor& line);

/// A line that is_annotation().
Fault read_annotation(Cursor line, ReadAnnotation& out);

}  // namespace ingest::codec
