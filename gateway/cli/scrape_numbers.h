#pragma once
// The series of /metrics, and what telling them takes, as /metrics shows it.

#include "gateway/cli/scrape_press.h"
#include "gateway/server/metrics.h"
#include "ingest/hub/exposition_desk.h"

namespace gateway::cli {

/// The member `exposition` of /api/v1/status: what the last page of metrics told and left out, and
/// names and labels that were taken, since the start.
///   {"series":0,"families":0,"left_out":{"limit":0,"rule":0,"silent":0},
///    "clashes":{"name":0,"labels":0},"refused":0}
std::string scrapes_json(const ScrapePress::Counts& counts);

void write_scrapes(server::Sheet& sheet, const ScrapePress::Counts& counts,
                   const ingest::hub::ExpositionLedger& ledger);

}  // namespace gateway::cli
