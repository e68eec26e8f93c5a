#include "ingest/feed/udp_feed.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <set>
#include <string>
#include <vector>

#include "ingest/codec/influx_line.h"
#include "tests/ingest/codec/collected.h"

namespace ingest::feed {
namespace {

constexpr Millis kNoWait{0};

io::Address parsed(const char* text) {
  return *io::Address::parse(text);
}

/// Loopback delivers a datagram before send() returns, so nothing here has to wait.
class UdpFeedTest : public ::testing::Test {
 protected:
  void start(std::size_t datagram_bytes_max = DatagramBuffers::kDatagramBytesMax,
             int receive_buffer = 0) {
    buffers_ = std::make_unique<DatagramBuffers>(datagram_bytes_max);
    auto group = open_udp_group(parsed("127.0.0.1:0"), 1, log_);
    ASSERT_TRUE(group) << group.error().what;
    if (receive_buffer > 0) {
      ::setsockopt(group->front().get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                   sizeof receive_buffer);
    }
    auto feed = UdpFeed::open(
        {loop_.get(), std::move(group->front()), std::move(codec_), &sink_, buffers_.get()});
    ASSERT_TRUE(feed) << feed.error().what;
    feed_ = std::move(*feed);
    sender_ = *io::udp_connect(parsed(feed_->address().c_str()));
  }
  void send(std::string_view datagram) {
    ASSERT_EQ(::send(sender_.get(), datagram.data(), datagram.size(), 0),
              static_cast<ssize_t>(datagram.size()));
  }
  void turn() {
    loop_->turn(kNoWait);
    feed_->publish();
  }

  io::Logger log_{io::LogLevel::Error};
  ManualClock clock_;
  std::unique_ptr<io::EventLoop> loop_ = *io::EventLoop::open(clock_);
  codec::Collected sink_;
  std::unique_ptr<const codec::Codec> codec_ = std::make_unique<codec::Statsd>();
  std::unique_ptr<DatagramBuffers> buffers_;
  std::unique_ptr<UdpFeed> feed_;
  io::Fd sender_;
};

TEST_F(UdpFeedTest, TurnsDatagramsIntoSamplesAndALedgerThatAddsUp) {
  start();
  EXPECT_EQ(feed_->name(), "udp/statsd");
  send("a:1|c\nBAD\nb:2|ms|#k:v\n");
  send("c:3|g");
  turn();
  ASSERT_EQ(sink_.samples.size(), 3u);
  EXPECT_EQ(sink_.samples[1].tags, "k:v");
  EXPECT_EQ(sink_.samples[2].name, "c");
  const FeedLedger ledger = feed_->ledger();
  EXPECT_EQ(ledger.datagrams.received, 2u);
  EXPECT_EQ(ledger.datagrams.kernel_dropped, 0u);
  EXPECT_EQ(ledger.bytes, 27u);
  EXPECT_EQ(ledger.lines.received, 4u);
  EXPECT_EQ(ledger.lines.accepted, 3u);
  EXPECT_EQ(ledger.lines.rejected_for(codec::Reject::MissingValue), 1u);
  EXPECT_TRUE(ledger.lines.adds_up());
}

TEST_F(UdpFeedTest, PublishesOnlyAtTheEndOfATurn) {
  start();
  send("a:1|c");
  loop_->turn(kNoWait);
  EXPECT_EQ(feed_->ledger().datagrams.received, 0u);
  feed_->publish();
  EXPECT_EQ(feed_->ledger().datagrams.received, 1u);
}

TEST_F(UdpFeedTest, TakesOneBatchFromManyDatagrams) {
  start();
  for (int i = 0; i < 10; ++i)
    send("a:1|c");
  turn();
  EXPECT_EQ(sink_.calls, 1u);
  EXPECT_EQ(sink_.samples.size(), 10u);
}

TEST_F(UdpFeedTest, AnEmptyDatagramIsHarmless) {
  start();
  send("");
  send("a:1|c");
  turn();
  EXPECT_EQ(sink_.samples.size(), 1u);
  EXPECT_EQ(feed_->ledger().datagrams.received, 2u);
  EXPECT_EQ(feed_->ledger().lines.received, 1u);
}

TEST_F(UdpFeedTest, ParsesExactlyOneAfterAFullBatch) {
  start();
  for (std::size_t i = 0; i < DatagramBuffers::kDatagramsMax; ++i)
    send("full:1|c");
  send("last:1|c");
  turn();
  EXPECT_EQ(sink_.samples.size(), DatagramBuffers::kDatagramsMax + 1);
  EXPECT_EQ(sink_.samples.back().name, "last");
  send("one:1|c");
  turn();
  EXPECT_EQ(sink_.samples.size(), DatagramBuffers::kDatagramsMax + 2);
  EXPECT_EQ(sink_.samples.back().name, "one");
}

TEST_F(UdpFeedTest, LeavesAFloodToTheNextTurn) {
  start();
  for (int i = 0; i < 300; ++i)
    send("a:1|c");
  turn();
  EXPECT_EQ(sink_.samples.size(), 256u);
  turn();
  EXPECT_EQ(sink_.samples.size(), 300u);
}

TEST_F(UdpFeedTest, KeepsTheWholeLinesOfATruncatedDatagram) {
  start(16);
  send("a:1|c\nb:2|c\nc:3|c\nd:4|c\n");  // cut within c
  send("e:5|c");
  turn();
  ASSERT_EQ(sink_.samples.size(), 3u);
  EXPECT_EQ(sink_.samples[0].name, "a");
  EXPECT_EQ(sink_.samples[1].name, "b");
  EXPECT_EQ(sink_.samples[2].name, "e");
  const FeedLedger ledger = feed_->ledger();
  EXPECT_EQ(ledger.lines.cut.truncated, 1u);
  EXPECT_TRUE(ledger.lines.adds_up());
}

TEST_F(UdpFeedTest, ADatagramCutWithinAStringKeepsTheLinesBeforeIt) {
  codec_ = std::make_unique<codec::InfluxLine>();
  start(24);
  EXPECT_EQ(feed_->name(), "udp/influx");
  send("a f=1\nm s=\"two\nlines\nand more\",f=1\n");  // cut behind a newline of the string
  turn();
  ASSERT_EQ(sink_.samples.size(), 1u);
  EXPECT_EQ(sink_.samples[0].key.name(), "a.f");
  const FeedLedger ledger = feed_->ledger();
  EXPECT_EQ(ledger.lines.received, 2u);
  EXPECT_EQ(ledger.lines.cut.truncated, 1u);
  EXPECT_TRUE(ledger.lines.adds_up());
}

TEST_F(UdpFeedTest, ATruncatedDatagramWithoutALineEndIsOneCutLine) {
  start(4);
  send("a:1|c");
  turn();
  EXPECT_TRUE(sink_.samples.empty());
  EXPECT_EQ(feed_->ledger().lines.received, 1u);
  EXPECT_EQ(feed_->ledger().lines.cut.truncated, 1u);
}

TEST_F(UdpFeedTest, CountsWhatTheKernelDropped) {
  constexpr std::uint64_t kSent = 5'000;
  start(DatagramBuffers::kDatagramBytesMax, 4'096);
  for (std::uint64_t i = 0; i < kSent; ++i)
    send("a:1|c");
  for (int i = 0; i < 100; ++i)
    turn();
  const FeedLedger ledger = feed_->ledger();
  EXPECT_GT(ledger.datagrams.kernel_dropped, 0u);
  EXPECT_GT(ledger.datagrams.received, 0u);
  EXPECT_EQ(ledger.datagrams.offered(), kSent);
  EXPECT_EQ(ledger.lines.accepted, ledger.datagrams.received);
}

TEST_F(UdpFeedTest, StopsReadingWhenItGoes) {
  start();
  send("a:1|c");
  feed_.reset();
  loop_->turn(kNoWait);
  clock_.advance(Millis{5'000});
  loop_->turn(kNoWait);
  EXPECT_TRUE(sink_.samples.empty());
}

TEST(UdpGroup, SharesOnePortAmongItsSockets) {
  const io::Logger log{io::LogLevel::Error};
  for (const char* text : {"127.0.0.1:0", "[::1]:0"}) {
    const auto group = open_udp_group(parsed(text), 4, log);
    ASSERT_TRUE(group) << group.error().what;
    std::set<std::string> addresses;
    for (const io::Fd& fd : *group)
      addresses.insert(io::local_address(fd.get())->text());
    EXPECT_EQ(group->size(), 4u);
    EXPECT_EQ(addresses.size(), 1u);
    EXPECT_NE(io::local_address(group->front().get())->port(), 0);
  }
}

TEST(UdpGroup, LosesNothingAmongItsSockets) {
  const io::Logger log{io::LogLevel::Error};
  ManualClock clock;
  const auto loop = *io::EventLoop::open(clock);
  codec::Collected sink;
  DatagramBuffers buffers;
  auto group = *open_udp_group(parsed("127.0.0.1:0"), 3, log);
  std::vector<std::unique_ptr<UdpFeed>> feeds;
  feeds.reserve(group.size());
  for (io::Fd& fd : group) {
    feeds.push_back(*UdpFeed::open(
        {loop.get(), std::move(fd), std::make_unique<codec::Statsd>(), &sink, &buffers}));
  }
  for (int i = 0; i < 50; ++i) {  // each sender is another port, so the kernel deals them out
    const io::Fd sender = *io::udp_connect(parsed(feeds[0]->address().c_str()));
    ASSERT_EQ(::send(sender.get(), "a:1|c", 5, 0), 5);
  }
  loop->turn(kNoWait);
  EXPECT_EQ(sink.samples.size(), 50u);
}

TEST(UdpGroup, RefusesAPortOfAnotherEvenOneThatWouldShareIt) {
  const io::Logger log{io::LogLevel::Error};
  for (const auto sharing : {io::PortSharing::Alone, io::PortSharing::Group}) {
    const auto other = io::udp_bind(parsed("127.0.0.1:0"), sharing);
    ASSERT_TRUE(other);
    const io::Address taken = *io::local_address(other->get());
    for (const std::size_t count : {1U, 2U}) {
      const auto group = open_udp_group(taken, count, log);
      ASSERT_FALSE(group);
      EXPECT_NE(group.error().what.find("address already in use; stop the other program"),
                std::string::npos);
    }
  }
}

}  // namespace
}  // namespace ingest::feed
