#include "gateway/cli/status.h"

#include <string>
#include <string_view>
#include <utility>

#include "gateway/cli/archive_numbers.h"
#include "gateway/cli/health.h"
#include "gateway/cli/rejects.h"
#include "gateway/cli/scrape_numbers.h"

namespace gateway::cli {
namespace {

using ingest::worker::Worker;

std::string ingest_of(const StatusParts& parts) {
  return ingest_json(parts.workers, parts.config->limits, parts.hub->ledger());
}

std::string rejected_of(const StatusParts& parts, std::string_view feed) {
  std::vector<Worker::RejectsPtr> views;
  for (const Worker* worker : parts.workers)
    views.push_back(worker->rejects());
  return rejects_json(views, feed);
}

}  // namespace

void tell_status(server::Site& site, StatusParts parts) {
  site.archive_away = [archive = parts.archive] { return archive->ledger().degraded; };
  site.archive = [archive = parts.archive, max_bytes = parts.config->archive.max_bytes] {
    return archive_json(archive->ledger(), max_bytes);
  };
  if (parts.press != nullptr)
    site.exposition = [press = parts.press] { return scrapes_json(press->counts()); };
  site.rejected = [parts](std::string_view feed) { return rejected_of(parts, feed); };
  site.ingest = [parts = std::move(parts)] { return ingest_of(parts); };
}

}  // namespace gateway::cli
