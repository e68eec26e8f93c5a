#pragma once
// ReplayFiles: the configured replays. Their files open before any worker is built, so that a
// missing one is told at once; then each is played by one worker. Owned by FeedSockets.

#include <memory>
#include <string>
#include <vector>

#include "gateway/cli/feed_names.h"
#include "gateway/cli/seat.h"
#include "gateway/config/config.h"
#include "ingest/base/result.h"
#include "ingest/feed/replay_feed.h"
#include "ingest/io/log.h"
#include "ingest/record/source.h"

namespace gateway::cli {

class ReplayFiles {
 public:
  /// The error is a sentence that names the file. The log outlives the workers.
  ingest::Result<void> open(const config::ReplayFeed& feed, FeedNames& names,
                            const ingest::io::Logger& log);
  /// Once, before the threads start.
  ingest::Result<void> plug(Seat& seat);

 private:
  struct File {
    config::ReplayFeed feed;
    std::string name;
    std::unique_ptr<ingest::record::Source> source;
    const ingest::io::Logger* log = nullptr;
  };
  static std::unique_ptr<ingest::feed::ReplayFeed> make(File& file,
                                                        const ingest::feed::FeedHome& home);

  std::vector<File> files_;
};

}  // namespace gateway::cli
