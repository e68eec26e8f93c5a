#pragma once
// The series of /metrics, and what telling them takes, as /metrics shows it.

#include "gateway/cli/scrape_press.h"
#include "gateway/server/metrics.h"
#include "ingest/hub/exposition_desk.h"

namespace gateway::cli {

void write_scrapes(server::Sheet& sheet, const ScrapePress::Counts& counts,
                   const ingest::hub::ExpositionLedger& ledger);

}  // namespace gateway::cli
