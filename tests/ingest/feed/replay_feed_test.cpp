#include "ingest/feed/replay_feed.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "ingest/record/open_source.h"
#include "ingest/record/recording_writer.h"
#include "tests/support/temporary_folder.h"

namespace ingest::feed {
namespace {

using record::Kind;
using record::Transport;
using std::chrono::nanoseconds;

class Keeping final : public model::SampleSink {
 public:
  void take(std::span<const model::Sample> batch) override {
    for (const model::Sample& sample : batch)
      values.push_back(sample.value);
  }
  std::vector<double> values;
};

class ReplayFeedTest : public ::testing::Test {
 protected:
  ReplayFeedTest() {
    path_ = folder_.path("recording");
    auto opened = io::EventLoop::open(clock_);
    EXPECT_TRUE(opened);
    loop_ = *std::move(opened);
  }

  record::RecordingWriter recording(Transport transport,
                                    codec::Format format = codec::Format::Statsd) {
    std::filesystem::remove(path_);
    auto writer = record::RecordingWriter::create(
        {.path = path_,
         .header = {.format = format, .transport = transport, .address = "x", .started = {}}});
    EXPECT_TRUE(writer);
    return *std::move(writer);
  }
  static void add(record::RecordingWriter& writer, std::int64_t at_ms, std::string_view bytes,
                  std::uint32_t connection = 0, Kind kind = Kind::Data) {
    const nanoseconds at = Millis{at_ms};
    EXPECT_TRUE(writer.add({.kind = kind, .connection = connection, .at = at, .bytes = bytes}));
  }
  void play(record::Speed speed = 1.0, std::uint64_t rounds = 1,
            std::optional<codec::Format> format = {}) {
    auto source = record::open_source({.path = path_, .format = format});
    ASSERT_TRUE(source) << source.error().what;
    auto codec = codec::make_codec((*source)->header().format);
    feed_ = std::make_unique<ReplayFeed>(
        ReplayFeed::Parts{.home = {.loop = loop_.get(), .sink = &sink_},
                          .name = "replay/statsd",
                          .path = path_,
                          .source = *std::move(source),
                          .codec = std::move(codec),
                          .speed = speed,
                          .rounds = rounds,
                          .done = [this](const ReplayFeed::Done& done) { done_.push_back(done); }});
    loop_->turn(Millis{0});
  }
  /// Turns of the loop, during which the clock moves by that.
  void advance(Millis by) {
    clock_.advance(by);
    for (int i = 0; i < 5; ++i)
      loop_->turn(Millis{0});
  }
  FeedLedger ledger() {
    feed_->publish();
    return feed_->ledger();
  }

  ManualClock clock_;
  std::unique_ptr<io::EventLoop> loop_;
  tests::support::TemporaryFolder folder_;
  std::string path_;
  Keeping sink_;
  std::vector<ReplayFeed::Done> done_;
  std::unique_ptr<ReplayFeed> feed_;
};

TEST_F(ReplayFeedTest, PlaysEachRecordWhenItIsDue) {
  auto writer = recording(Transport::Udp);
  add(writer, 0, "a:1|c");
  add(writer, 1'000, "a:2|c");
  add(writer, 3'000, "a:3|c");
  ASSERT_TRUE(writer.finish({}));
  play();
  EXPECT_EQ(sink_.values, (std::vector<double>{1}));
  advance(Millis{999});
  EXPECT_EQ(sink_.values.size(), 1u);
  advance(Millis{1});
  EXPECT_EQ(sink_.values.size(), 2u);
  EXPECT_TRUE(done_.empty());
  advance(Millis{2'000});
  EXPECT_EQ(sink_.values, (std::vector<double>{1, 2, 3}));
  ASSERT_EQ(done_.size(), 1u);
  EXPECT_EQ(done_.front().ending.how, record::Ending::How::Whole);
  EXPECT_EQ(done_.front().totals.records, 3u);
  EXPECT_EQ(ledger().datagrams.received, 3u);
}

TEST_F(ReplayFeedTest, AtSpeedTenASecondTakesATenth) {
  auto writer = recording(Transport::Udp);
  add(writer, 0, "a:1|c");
  add(writer, 1'000, "a:2|c");
  ASSERT_TRUE(writer.finish({}));
  play(10.0);
  advance(Millis{99});
  EXPECT_EQ(sink_.values.size(), 1u);
  advance(Millis{1});
  EXPECT_EQ(sink_.values.size(), 2u);
}

TEST_F(ReplayFeedTest, RoundsFollowEachOther) {
  auto writer = recording(Transport::Udp);
  add(writer, 0, "a:1|c");
  add(writer, 100, "a:2|c");
  ASSERT_TRUE(writer.finish({}));
  play(1.0, 3);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(done_.empty());
    advance(Millis{100});
  }
  advance(Millis{100});
  EXPECT_EQ(sink_.values, (std::vector<double>{1, 2, 1, 2, 1, 2}));
  ASSERT_EQ(done_.size(), 1u);
  EXPECT_EQ(done_.front().rounds, 3u);
}

TEST_F(ReplayFeedTest, OneTurnTakesABoundedSlice) {
  auto writer = recording(Transport::Udp);
  const std::string datagram = "a:1|c\n" + std::string(60'000, '\n');
  for (int i = 0; i < 20; ++i)
    add(writer, 0, datagram);
  ASSERT_TRUE(writer.finish({}));
  play(record::Speed{});
  const std::size_t first = sink_.values.size();
  EXPECT_GT(first, 0u);
  EXPECT_LE(first * datagram.size(), ReplayFeed::kSliceBytes + datagram.size());
  for (int turns = 0; turns < 20 && done_.empty(); ++turns)
    loop_->turn(Millis{0});
  EXPECT_EQ(sink_.values.size(), 20u);
}

TEST_F(ReplayFeedTest, DatagramsStayApartAndACutOneKeepsItsWholeLines) {
  auto writer = recording(Transport::Udp);
  add(writer, 0, "a:1");
  add(writer, 0, "2|c\na:3|c\na:4", 0, Kind::Cut);
  ASSERT_TRUE(writer.finish({}));
  play();
  EXPECT_EQ(sink_.values, (std::vector<double>{3}));
  const FeedLedger seen = ledger();
  EXPECT_EQ(seen.lines.cut.truncated, 1u);
  EXPECT_EQ(seen.lines.rejected_total(), 2u);
  EXPECT_TRUE(seen.lines.adds_up());
}

TEST_F(ReplayFeedTest, ConnectionsAreReadAsTheyWere) {
  auto writer = recording(Transport::Tcp);
  add(writer, 0, "a:1|c\n", 1);
  add(writer, 0, "a:2|c\n", 2);
  add(writer, 0, "a:99", 1);  // closed within a line
  add(writer, 0, "", 1, Kind::Closed);
  add(writer, 0, "a:3|c\na:98", 2);  // the recording ends within a line
  ASSERT_TRUE(writer.finish({}));
  play();
  EXPECT_EQ(sink_.values, (std::vector<double>{1, 2, 3}));
  const FeedLedger seen = ledger();
  EXPECT_EQ(seen.lines.cut.tcp_tail, 2u);
  EXPECT_EQ(seen.lines.accepted, 3u);
  EXPECT_TRUE(seen.lines.adds_up());
  EXPECT_EQ(seen.connections.opened, 2u);
  EXPECT_EQ(seen.connections.closed, 2u);
  EXPECT_EQ(seen.bytes, 6u + 6 + 4 + 10);
}

TEST_F(ReplayFeedTest, ALineOfManyRecordsIsOne) {
  const std::string line = "a:" + std::string(40, '0') + "7|c\n";
  for (std::size_t cut = 1; cut < line.size(); ++cut) {
    auto writer = recording(Transport::Tcp);
    add(writer, 0, std::string_view{line}.substr(0, cut), 1);
    add(writer, 0, std::string_view{line}.substr(cut), 1);
    ASSERT_TRUE(writer.finish({}));
    sink_.values.clear();
    play();
    ASSERT_EQ(sink_.values, (std::vector<double>{7})) << cut;
  }
}

TEST_F(ReplayFeedTest, AFileOfLinesCountsItsLastLineToo) {
  std::ofstream{path_} << "a:1|c\nbad\na:2|c";
  play(1.0, 2, codec::Format::Statsd);
  advance(Millis{0});
  EXPECT_EQ(sink_.values, (std::vector<double>{1, 2, 1, 2}));
  const FeedLedger seen = ledger();
  EXPECT_EQ(seen.lines.received, 6u);
  EXPECT_EQ(seen.lines.rejected_total(), 2u);
  EXPECT_TRUE(seen.lines.adds_up());
}

TEST_F(ReplayFeedTest, ACutFileIsPlayedUpToItsLastWholeRecord) {
  auto writer = recording(Transport::Udp);
  add(writer, 0, "a:1|c");
  add(writer, 0, "a:2|c");
  ASSERT_TRUE(writer.flush());
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 1);
  play(1.0, 5);
  EXPECT_EQ(sink_.values, (std::vector<double>{1}));
  ASSERT_EQ(done_.size(), 1u);
  EXPECT_EQ(done_.front().ending.how, record::Ending::How::Cut);
  EXPECT_EQ(done_.front().rounds, 1u);
}

/// The same bytes, read by the codec at once.
FeedLedger at_once(codec::Format format, const std::vector<std::string>& datagrams, Keeping& sink) {
  FeedLedger ledger;
  codec::SampleBatch batch{sink};
  for (const std::string& datagram : datagrams) {
    ++ledger.datagrams.received;
    codec::make_codec(format)->parse(datagram, ledger.lines, batch);
    batch.flush();
  }
  return ledger;
}

TEST_F(ReplayFeedTest, GivesWhatTheLiveFeedGaveInAllFormats) {
  const std::vector<std::pair<codec::Format, std::vector<std::string>>> cases{
      {codec::Format::Statsd, {"a:1|c\nb:2|ms|#k:v", "bad", "g:+4|g\nu:x|s\n", "_sc|a|0", ""}},
      {codec::Format::Influx, {"m,t=a f=1,g=2i 1700000000", "m s=\"x\ny\",f=3\n# no", "m f="}},
      {codec::Format::Graphite, {"a.b;k=v 1.5 1700000000\na.b 2 -1\n", "a 1", "\n\n"}},
      {codec::Format::Json,
       {R"({"name":"x","value":1})", "{", "{\"name\":\"u\",\"values\":[1,2]}\n"}}};
  for (const auto& [format, datagrams] : cases) {
    auto writer = recording(Transport::Udp, format);
    for (const std::string& datagram : datagrams)
      add(writer, 0, datagram);
    ASSERT_TRUE(writer.finish({}));
    sink_.values.clear();
    play();
    Keeping live;
    const FeedLedger wanted = at_once(format, datagrams, live);
    const FeedLedger seen = ledger();
    EXPECT_EQ(sink_.values, live.values);
    EXPECT_FALSE(live.values.empty());
    EXPECT_EQ(seen.lines.received, wanted.lines.received);
    EXPECT_EQ(seen.lines.accepted, wanted.lines.accepted);
    EXPECT_EQ(seen.lines.rejected, wanted.lines.rejected);
    EXPECT_EQ(seen.datagrams.received, wanted.datagrams.received);
    EXPECT_TRUE(seen.lines.adds_up());
  }
}

}  // namespace
}  // namespace ingest::feed
