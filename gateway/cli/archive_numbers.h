#pragma once
// The archive's ledger as /metrics and the status show it.

#include <cstdint>
#include <string>

#include "gateway/server/metrics.h"
#include "ingest/archive/archive.h"
#include "ingest/hub/hub.h"

namespace gateway::cli {

void write_archive(server::Sheet& sheet, const ingest::archive::ArchiveLedger& ledger,
                   const ingest::hub::HubLedger& hub);

/// The member `archive` of GET /api/v1/status:
///
///   {"state":"ok","bytes":0,"max_bytes":0,"checkpoint_bytes":0,"waiting_bytes":0,"oldest":null,
///    "holes":0,"holes_ms":0,"deltas_lost":0,"shed":0}
///
/// `state` is off, ok, degraded (the past cannot be filed) or away (nothing can be written).
std::string archive_json(const ingest::archive::ArchiveLedger& ledger, std::uint64_t max_bytes);

}  // namespace gateway::cli
