#pragma once
// The feed of `weir demo`: a made-up shop, or somebody's rows; and that shop for who asks for it
// in a browser.

#include <memory>
#include <optional>

#include "gateway/cli/seat.h"
#include "gateway/server/demo_switch.h"
#include "gateway/tools/demo_source.h"
#include "ingest/base/result.h"
#include "ingest/io/log.h"

namespace gateway::cli {

/// Before the seat's loop runs. Without a source a shop that rests until the switch, which outlives
/// the seat, is on; with one it runs from the start, and there is no switch. A file that cannot be
/// read is said.
ingest::Result<std::unique_ptr<server::DemoSwitch>> plug_demo(
    Seat& seat, const std::optional<tools::DemoSource>& source, const ingest::io::Logger& log);

}  // namespace gateway::cli
