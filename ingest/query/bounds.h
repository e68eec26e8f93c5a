#pragma once
// Bounds: what somebody may see of the series, shared by all that he asks. Immutable; any thread.

#include <memory>
#include <vector>

#include "ingest/query/query.h"

namespace ingest::query {

/// Matchers that are joined to everything he asks; null: he sees every series.
using Bounds = std::shared_ptr<const std::vector<Matcher>>;

}  // namespace ingest::query
