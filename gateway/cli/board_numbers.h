#pragma once
// Saved dashboards as /metrics shows them.

#include "gateway/boards/shelf.h"
#include "gateway/server/metrics.h"

namespace gateway::cli {

void write_boards(server::Sheet& sheet, const boards::Shelf::Counts& counts);

}  // namespace gateway::cli
