#pragma once
// Site: what all workers serve alike: settings, embedded files, the numbers behind /metrics and
// /readyz. Built by the wiring before the threads start, outlives them; read by all workers.

#include <atomic>
#include <functional>

#include "gateway/server/dealer.h"
#include "gateway/server/metrics.h"
#include "gateway/server/settings.h"

namespace gateway::server {

struct Site {
  const Settings& settings;
  const Metrics& metrics;
  const Dealer& dealer;  // for the number of connections
};

}  // namespace gateway::server
