// Lines that could not be read, kept for people: a bounded sample, whatever comes.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "ingest/codec/statsd.h"
#include "ingest/worker/worker.h"

namespace ingest::worker {
namespace {

MonoTime at(std::int64_t ms) {
  return MonoTime{} + Millis{ms};
}

model::RejectedLine line(std::string_view text, std::size_t column = 1) {
  return {.text = text, .reason = "bad_value", .column = column};
}

std::vector<KeptReject> lines(const RejectLog& log) {
  return log.view("").lines;
}

TEST(RejectLog, KeepsTheNewestInTheirOrder) {
  RejectLog log;
  for (int i = 0; i < 50; ++i)
    log.keep(line("line " + std::to_string(i)), wall_from_ms(i), "local");
  ASSERT_EQ(lines(log).size(), RejectLog::kLinesMax);
  for (std::size_t i = 0; i < RejectLog::kLinesMax; ++i)
    EXPECT_EQ(lines(log)[i].text, "line " + std::to_string(50 - RejectLog::kLinesMax + i));
}

TEST(RejectLog, OfAFloodItAdmitsTheFirstOfEachSecondAndCountsTheOthers) {
  RejectLog log;
  std::size_t admitted = 0;
  for (std::int64_t ms = 0; ms < 3'000; ++ms)
    admitted += log.admits(at(ms)) ? 1U : 0U;
  EXPECT_EQ(admitted, 3 * RejectLog::kASecondMax);
  EXPECT_EQ(log.view("").passed_over, 3'000 - admitted);
  EXPECT_TRUE(log.admits(at(60'000))) << "a lone line after a pause";
}

TEST(RejectLog, OfALongLineItKeepsWhatStandsAroundTheFault) {
  const std::string text = std::string(5'000, 'a') + "X" + std::string(5'000, 'b');
  RejectLog log;
  log.keep(line(text, 5'001), WallTime{}, "local");
  log.keep(line(text, 1), WallTime{}, "local");
  log.keep(line(text, text.size() + 1), WallTime{}, "local");
  for (const KeptReject& kept : lines(log)) {
    EXPECT_EQ(kept.bytes, text.size());
    EXPECT_EQ(kept.text, text.substr(kept.skipped, RejectLog::kTextBytesMax));
    EXPECT_EQ(kept.text.size(), RejectLog::kTextBytesMax);
    EXPECT_GE(kept.column, kept.skipped + 1);
    EXPECT_LE(kept.column, kept.skipped + kept.text.size() + 1);
  }
  EXPECT_EQ(lines(log)[0].text[lines(log)[0].column - 1 - lines(log)[0].skipped], 'X');
}

TEST(RejectLog, AShortLineIsKeptWhole) {
  RejectLog log;
  const std::string text(RejectLog::kTextBytesMax, 'a');
  log.keep(line(text, text.size() + 1), wall_from_ms(7), "192.0.2.1");
  const KeptReject kept = lines(log).front();
  EXPECT_EQ(kept.text, text);
  EXPECT_EQ(kept.skipped, 0U);
  EXPECT_EQ(kept.sender, "192.0.2.1");
  EXPECT_EQ(to_ms(kept.time), 7);
}

class LineFeed final : public feed::Feed {
 public:
  LineFeed(const feed::FeedHome& home, std::string name)
      : Feed(std::move(name), ""), sink_(*home.sink), batch_(sink_) {}
  void send(const IpAddress& sender, const std::string& lines) {
    batch_.from(sink_.source_of(sender));
    statsd_.parse(lines, book().lines, batch_);
    batch_.flush();
  }

 private:
  model::SampleSink& sink_;
  codec::Statsd statsd_;
  codec::SampleBatch batch_;
};

struct House {
  LineFeed& add(const std::string& name) {
    return **worker.add_feed([&](const feed::FeedHome& home) {
      return Result<std::unique_ptr<LineFeed>>{std::make_unique<LineFeed>(home, name)};
    });
  }
  /// A turn of the loop that ends, a quarter of a second later.
  void turn() {
    clock.advance(Millis{250});
    loop->turn(Millis{0});
    worker.publish();
  }

  ManualClock clock;
  std::unique_ptr<io::EventLoop> loop = *io::EventLoop::open(clock);
  model::HubLink link;
  Worker worker{{}, {.loop = loop.get(), .link = &link, .wake_hub = [] {}}};
};

TEST(WorkerRejects, StandByFeedWithReasonPlaceAndSender) {
  House house;
  LineFeed& first = house.add("first/statsd");
  LineFeed& second = house.add("second/statsd");
  house.turn();
  EXPECT_TRUE(house.worker.rejects()->empty());
  first.send(*parse_ip("192.0.2.7"), "good:1|c\nbad:0x10|c\n");
  second.send(IpAddress{}, "worse:1");
  house.turn();
  const Worker::RejectsView all = *house.worker.rejects();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].feed, "first/statsd");
  ASSERT_EQ(all[0].lines.size(), 1U);
  EXPECT_EQ(all[0].lines[0].text, "bad:0x10|c");
  EXPECT_EQ(all[0].lines[0].reason, "bad_value");
  EXPECT_EQ(all[0].lines[0].column, 5U);
  EXPECT_EQ(all[0].lines[0].sender, "192.0.2.7");
  EXPECT_EQ(all[1].lines[0].text, "worse:1");
  EXPECT_EQ(all[1].lines[0].sender, "local");
}

TEST(WorkerRejects, AFloodOfOneFeedPushesOutNothingOfAnother) {
  House house;
  LineFeed& loud = house.add("loud/statsd");
  LineFeed& quiet = house.add("quiet/statsd");
  quiet.send(IpAddress{}, "only:one");
  std::string flood;
  for (int i = 0; i < 1'000; ++i)
    flood += "x\n";
  for (int i = 0; i < 40; ++i) {
    loud.send(IpAddress{}, flood);
    house.turn();
  }
  const Worker::RejectsView all = *house.worker.rejects();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].lines.size(), RejectLog::kLinesMax);
  const auto counted = all[0].passed_over + 40 / 4 * RejectLog::kASecondMax;
  EXPECT_EQ(counted, 40'000U);
  EXPECT_EQ(all[1].lines[0].text, "only:one");
}

}  // namespace
}  // namespace ingest::worker
