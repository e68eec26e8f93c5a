#pragma once
// The configuration as the ingest side reads it: one worker's options, the hub's, and the
// archive's.

#include <cstddef>
#include <cstdint>

#include "gateway/config/config.h"
#include "ingest/archive/archive.h"
#include "ingest/hub/hub.h"
#include "ingest/worker/worker.h"

namespace gateway::cli {

/// `workers`; auto is a core for each, but the hub's.
std::size_t worker_count(const config::Config& config);
ingest::worker::Worker::Options ingest_options(const config::Config& config, std::uint32_t index);
ingest::hub::Hub::Options hub_options(const config::Config& config);
ingest::archive::Archive::Options archive_options(const config::Config& config);

}  // namespace gateway::cli
