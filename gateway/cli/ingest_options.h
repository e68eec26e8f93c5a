#pragma once
// The configuration as the ingest side reads it: one worker's options, the hub's, and the
// archive's.

#include <cstdint>

#include "gateway/config/config.h"
#include "ingest/archive/archive.h"
#include "ingest/hub/hub.h"
#include "ingest/worker/worker.h"

namespace gateway::cli {

ingest::worker::Worker::Options ingest_options(const config::Config& config, std::uint32_t index);
ingest::hub::Hub::Options hub_options(const config::Config& config);
ingest::archive::Archive::Options archive_options(const config::Config& config);

}  // namespace gateway::cli
