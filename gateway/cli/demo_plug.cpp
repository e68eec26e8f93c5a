#include "gateway/cli/demo_plug.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "gateway/tools/data_feed.h"
#include "gateway/tools/demo_feed.h"
#include "ingest/feed/feed.h"
#include "ingest/io/event_loop.h"

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

std::unique_ptr<server::DemoSwitch> plug_switch(Seat& seat, tools::DemoFeed& shop) {
  ingest::io::EventLoop& loop = seat.gateway->loop();
  auto wanted = std::make_unique<server::DemoSwitch>([&loop] { loop.wake(); });
  // The loop runs no more when the worker goes, and the feed with it.
  loop.on_wake([&shop, &loop, wanted = wanted.get()] {
    if (wanted->is_on(loop.mono())) {
      shop.run_until(wanted->until());
    } else {
      shop.rest();
    }
  });
  return wanted;
}

}  // namespace

Result<std::unique_ptr<server::DemoSwitch>> plug_demo(
    Seat& seat, const std::optional<tools::DemoSource>& source, const ingest::io::Logger& log) {
  ingest::worker::Worker& worker = *seat.ingest;
  if (source && !source->path.empty()) {
    TRY(plug_data(worker, *source, log));
    return std::unique_ptr<server::DemoSwitch>{};
  }
  tools::DemoFeed& shop = *TRY(plug_shop(worker, source.value_or(tools::DemoSource{}).seed));
  if (!source) return plug_switch(seat, shop);
  shop.run_until(ingest::MonoTime::max());
  return std::unique_ptr<server::DemoSwitch>{};
}

}  // namespace gateway::cli
