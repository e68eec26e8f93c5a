#include "gateway/cli/demo_plug.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "gateway/tools/data_feed.h"
#include "gateway/tools/demo_feed.h"
#include "ingest/feed/feed.h"

namespace gateway::cli {

using ingest::Result;

namespace {

Result<void> plug_shop(ingest::worker::Worker& worker, std::uint64_t seed) {
  const auto make =
      [seed](const ingest::feed::FeedHome& home) -> Result<std::unique_ptr<tools::DemoFeed>> {
    return std::make_unique<tools::DemoFeed>(home, seed);
  };
  TRY(worker.add_feed(make));
  return {};
}

Result<void> plug_data(ingest::worker::Worker& worker, const tools::DemoSource& demo,
                       const ingest::io::Logger& log) {
  tools::DataRows rows = TRY(tools::DataRows::read(demo.path));
  log.info("demo_data",
           {{"path", demo.path}, {"rows", rows.size()}, {"without_a_time", rows.left_out()}});
  const tools::DataFeed::Pace pace{demo.lasts, demo.rounds};
  const auto make =
      [&](const ingest::feed::FeedHome& home) -> Result<std::unique_ptr<tools::DataFeed>> {
    return std::make_unique<tools::DataFeed>(home, std::move(rows), pace);
  };
  TRY(worker.add_feed(make));
  return {};
}

}  // namespace

Result<void> plug_demo(ingest::worker::Worker& worker, const tools::DemoSource& demo,
                       const ingest::io::Logger& log) {
  return demo.path.empty() ? plug_shop(worker, demo.seed) : plug_data(worker, demo, log);
}

}  // namespace gateway::cli
