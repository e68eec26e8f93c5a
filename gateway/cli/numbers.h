#pragma once
// Numbers: the ledgers of feeds, workers, hub and publisher as /metrics shows them. Reads only what
// is published for any thread.

#include <span>

#include "gateway/publish/publisher.h"
#include "gateway/server/batch_book.h"
#include "gateway/server/dealer.h"
#include "gateway/server/hub_port.h"
#include "gateway/server/listener.h"
#include "gateway/server/metrics.h"
#include "ingest/hub/hub.h"
#include "ingest/worker/worker.h"

namespace gateway::cli {

/// Where every datagram, line and sample went, by feed, summed over the workers.
void write_feeds(server::Sheet& sheet, std::span<const ingest::worker::Worker* const> workers);
void write_workers(server::Sheet& sheet, std::span<const ingest::worker::Worker* const> workers);
void write_hub(server::Sheet& sheet, const ingest::hub::HubLedger& ledger);
void write_publisher(server::Sheet& sheet, const publish::Ledger& ledger);
/// Who came in, and who found no room.
void write_door(server::Sheet& sheet, const server::ListenerCounts& door,
                const server::Dealer& dealer);
void write_batches(server::Sheet& sheet, const server::BatchBook& book);
void write_mail(server::Sheet& sheet, const server::HubPort& port);

}  // namespace gateway::cli
