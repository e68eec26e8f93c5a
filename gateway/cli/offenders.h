#pragma once
// The worst offenders of all workers together, for /metrics and the health page: who ran into caps
// and limits in the last 5 to 10 minutes. Any thread.

#include <cstddef>
#include <span>

#include "gateway/server/metrics.h"
#include "ingest/worker/worker.h"

namespace gateway::cli {

/// Metric names, and senders, that a scrape shows: a family of labels from outside stays small.
constexpr std::size_t kOffendersShown = 10;

ingest::series::OffendersView offenders_of(std::span<const ingest::worker::Worker* const> workers);
/// weir_ingest_offenders{name,cap,tag} and weir_ingest_offender_sources{source,offence}.
void write_offenders(server::Sheet& sheet, const ingest::series::OffendersView& offenders);

}  // namespace gateway::cli
