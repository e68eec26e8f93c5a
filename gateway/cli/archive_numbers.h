#pragma once
// The archive's ledger as /metrics shows it.

#include "gateway/server/metrics.h"
#include "ingest/archive/archive.h"
#include "ingest/hub/hub.h"

namespace gateway::cli {

void write_archive(server::Sheet& sheet, const ingest::archive::ArchiveLedger& ledger,
                   const ingest::hub::HubLedger& hub);

}  // namespace gateway::cli
