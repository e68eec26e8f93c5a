#include "gateway/cli/numbers.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "gateway/server/metrics.h"
#include "ingest/feed/feed.h"
#include "ingest/io/event_loop.h"

namespace gateway::cli {
namespace {

/// A feed whose lines gave these remarks.
class Remarked final : public ingest::feed::Feed {
 public:
  explicit Remarked(const ingest::codec::LineLedger::Notes& notes)
      : Feed("tcp/influx", "127.0.0.1:1") {
    book().lines.notes = notes;
    publish();
  }
};

TEST(Numbers, PartsOfGoodLinesThatWereLeftOutAreCounted) {
  ingest::ManualClock clock;
  const auto loop = *ingest::io::EventLoop::open(clock);
  ingest::model::HubLink link;
  ingest::worker::Worker worker{
      ingest::worker::Worker::Options{},
      ingest::worker::Worker::Parts{.loop = loop.get(), .link = &link, .wake_hub = {}}};
  ASSERT_TRUE(worker.add_feed([](const auto&) {
    return ingest::Result<std::unique_ptr<Remarked>>{
        std::make_unique<Remarked>(ingest::codec::LineLedger::Notes{
            .rate_ignored = 2, .unknown_field = 3, .string_field = 4})};
  }));
  const std::array<const ingest::worker::Worker*, 1> workers{&worker};
  server::Metrics metrics{"0"};
  metrics.add([&](server::Sheet& sheet) { write_feeds(sheet, workers); });
  const std::string page = metrics.text();
  for (const char* note : {"rate_ignored\"} 2\n", "unknown_field\"} 3\n", "string_field\"} 4\n"}) {
    const std::string line = R"(weir_ingest_notes_total{feed="tcp/influx",note=")";
    EXPECT_NE(page.find(line + note), std::string::npos) << note << page;
  }
}

TEST(Numbers, WhatBecameOfEventsAndServiceChecksIsCounted) {
  ingest::hub::HubLedger ledger;
  ledger.annotations = {.kept = 5,
                        .unchanged = 4,
                        .outdated = 3,
                        .late = 2,
                        .aged = 1,
                        .evicted = 6,
                        .checks_evicted = 7,
                        .held = 8,
                        .checks = 9,
                        .bytes = 10};
  server::Metrics metrics{"0"};
  metrics.add([&](server::Sheet& sheet) { write_hub(sheet, ledger); });
  const std::string page = metrics.text();
  for (const char* line :
       {R"(weir_annotations_total{result="kept"} 5)",
        R"(weir_annotations_total{result="unchanged"} 4)",
        R"(weir_annotations_total{result="outdated"} 3)",
        R"(weir_annotations_total{result="late"} 2)", R"(weir_annotations_left_total{why="age"} 1)",
        R"(weir_annotations_left_total{why="count"} 6)", "weir_checks_evicted_total 7",
        "weir_annotations_kept 8", "weir_checks 9", "weir_annotations_bytes 10"}) {
    EXPECT_NE(page.find(std::string{line} + "\n"), std::string::npos) << line << page;
  }
}

}  // namespace
}  // namespace gateway::cli
