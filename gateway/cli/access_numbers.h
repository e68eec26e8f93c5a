#pragma once
// access_numbers: who asks how much of what, and who was told to come back, as /metrics shows it.

#include "gateway/server/metrics.h"
#include "gateway/server/site.h"
#include "ingest/hub/discovery_desk.h"

namespace gateway::cli {

/// The limits of one identity or address.
void write_access(server::Sheet& sheet, const server::Site& site);
/// Questions about what there is, and the surveys of the series that answer them.
void write_discovery(server::Sheet& sheet, const ingest::hub::DiscoveryLedger& ledger);

}  // namespace gateway::cli
