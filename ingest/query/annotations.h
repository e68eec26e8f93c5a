#pragma once
// Annotations: the events and service checks there are, as the hub last looked. Immutable once
// made; the hub makes a new one at the tick after a change and hands it to every worker, so that
// reading them costs the hub nothing per request. What it holds is shared with the ones before.

#include <cstdint>
#include <vector>

#include "ingest/model/annotation.h"

namespace ingest::query {

struct NumberedAnnotation {
  std::uint64_t id = 0;  // in the order in which they came, from 1; of this run of the server
  model::KeptAnnotationPtr what;
};

struct Annotations {
  std::vector<NumberedAnnotation> log;           // by time, then id
  std::vector<model::KeptAnnotationPtr> checks;  // the last word of each, by name, host, tags
  std::uint64_t newest = 0;                      // the id given out last; 0: none
};

}  // namespace ingest::query
