#pragma once
// The feed of `weir demo`: a made-up shop, or somebody's rows; and that shop for who asks for it
// in a browser.

#include "gateway/server/demo_switch.h"
#include "gateway/tools/demo_source.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/log.h"
#include "ingest/worker/worker.h"

namespace gateway::cli {

/// A shop that rests until the switch is on. Before the worker's loop runs; the switch outlives
/// it, and `loop`, the worker's, is woken when it changes.
ingest::Result<void> plug_demo_on_demand(ingest::worker::Worker& worker,
                                         ingest::io::EventLoop& loop,
                                         const server::DemoSwitch& wanted);
/// Before the worker's loop runs. A file that cannot be read is said.
ingest::Result<void> plug_demo(ingest::worker::Worker& worker, const tools::DemoSource& demo,
                               const ingest::io::Logger& log);

}  // namespace gateway::cli
