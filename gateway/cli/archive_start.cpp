#include "gateway/cli/archive_start.h"

#include <algorithm>
#include <vector>

#include "gateway/cli/archive_path.h"
#include "gateway/cli/ingest_options.h"

namespace gateway::cli {

using ingest::Millis;
using ingest::archive::Archive;

ingest::Result<std::unique_ptr<Archive>> open_archive(const config::Config& config,
                                                      const ArchiveParts& parts) {
  const auto restore = [parts](const std::vector<ingest::archive::BatchLog::Found>& batches) {
    for (const auto& batch : batches) {
      const Millis age = std::max(parts.clock->wall() - batch.at, Millis{0});
      parts.batches->restore(batch.id, parts.clock->mono() - age, batch.result);
    }
  };
  Archive::Options options = archive_options(config);
  options.on_news = parts.on_news;
  options.on_batches = restore;
  if (options.path.empty() && !config.archive.path.empty())
    parts.log->warn("archive_off",
                    {{"why", "archive.path is in a home folder, and there is none"}});
  auto archive = TRY(Archive::open(options, *parts.clock, *parts.log));
  restore(archive->batches());
  return archive;
}

ingest::Error not_kept(const config::Config& config) {
  return {0, "what came last could not be put into " + archive_path(config) +
                 ": it is lost; the log says why and how much"};
}

}  // namespace gateway::cli
