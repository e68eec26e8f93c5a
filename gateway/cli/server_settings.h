#pragma once
// The configuration as the gateway's side reads it: what does not depend on this run.

#include "gateway/config/config.h"
#include "gateway/publish/publisher.h"
#include "gateway/server/settings.h"

namespace gateway::cli {

server::Settings server_settings(const config::Config& config);
/// Without epoch and workers.
publish::Publisher::Options publisher_options(const config::Config& config);

}  // namespace gateway::cli
