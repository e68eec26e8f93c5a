#pragma once
// How the archive begins and what its end is called: what the wiring would do for it. The wiring's
// thread, before the others start and after they ended.

#include <functional>
#include <memory>

#include "gateway/config/config.h"
#include "gateway/server/batch_book.h"
#include "ingest/archive/archive.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/log.h"

namespace gateway::cli {

struct ArchiveParts {
  const ingest::Clock* clock = nullptr;
  const ingest::io::Logger* log = nullptr;
  std::function<void()> on_news;
  server::BatchBook* batches = nullptr;  // gets those of the process before; outlives the archive
};

/// As the configuration says; both outlive it. What was lost of it is told in the log.
ingest::Result<std::unique_ptr<ingest::archive::Archive>> open_archive(const config::Config& config,
                                                                       const ArchiveParts& parts);
/// Something that came last is not on disk.
ingest::Error not_kept(const config::Config& config);

}  // namespace gateway::cli
