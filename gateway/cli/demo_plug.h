#pragma once
// The feed of `weir demo`: a made-up shop, or somebody's rows.

#include "gateway/tools/demo_source.h"
#include "ingest/base/result.h"
#include "ingest/io/log.h"
#include "ingest/worker/worker.h"

namespace gateway::cli {

/// Before the worker's loop runs. A file that cannot be read is said.
ingest::Result<void> plug_demo(ingest::worker::Worker& worker, const tools::DemoSource& demo,
                               const ingest::io::Logger& log);

}  // namespace gateway::cli
