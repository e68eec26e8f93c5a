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

Result<tools::DemoFeed*> plug_shop(ingest::worker::Worker& worker, std::uint64_t seed) {
  const auto make =
      [seed](const ingest::feed::FeedHome& home) -> Result<std::unique_ptr<tools::DemoFeed>> {
    return std::make_unique<tools::DemoFeed>(home, seed);
  };
  return worker.add_feed(make);
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
  if (!demo.path.empty()) return plug_data(worker, demo, log);
  TRY(plug_shop(worker, demo.seed))->run_until(ingest::MonoTime::max());
  return {};
}

Result<void> plug_demo_on_demand(ingest::worker::Worker& worker, ingest::io::EventLoop& loop,
                                 const server::DemoSwitch& wanted) {
  tools::DemoFeed* const shop = TRY(plug_shop(worker, tools::DemoSource{}.seed));
  // The loop runs no more when the worker goes, and the feed with it.
  loop.on_wake([shop, &loop, &wanted] {
    if (wanted.is_on(loop.mono())) {
      shop->run_until(wanted.until());
    } else {
      shop->rest();
    }
  });
  return {};
}

}  // namespace gateway::cli
