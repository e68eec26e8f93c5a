#pragma once
// Status: what the server tells of ingest and of the past on disk, for /api/v1/status and
// /api/v1/rejected: joined from what workers, hub and archive have published.

#include <vector>

#include "gateway/cli/scrape_press.h"
#include "gateway/config/config.h"
#include "gateway/server/site.h"
#include "ingest/archive/archive.h"
#include "ingest/hub/hub.h"
#include "ingest/worker/worker.h"

namespace gateway::cli {

/// All of them outlive the site's answers.
struct StatusParts {
  std::vector<const ingest::worker::Worker*> workers;
  const ingest::hub::Hub* hub = nullptr;
  const ingest::archive::Archive* archive = nullptr;
  const config::Config* config = nullptr;
  const ScrapePress* press = nullptr;  // null: series are on no page of metrics
};

/// Before the threads start.
void tell_status(server::Site& site, StatusParts parts);

}  // namespace gateway::cli
