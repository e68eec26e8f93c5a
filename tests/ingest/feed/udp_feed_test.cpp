#include "ingest/feed/udp_feed.h"

#include <gtest/gtest.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "ingest/codec/influx_line.h"
#include "ingest/feed/udp_group.h"
#include "tests/ingest/codec/collected.h"

namespace ingest::feed {
namespace {

constexpr Millis kNoWait{0};

io::Address parsed(const char* text) {
  return *io::Address::parse(text);
}

/// Remembers whom it was asked for, and by whom samples came.
class Book final : public codec::Collected {
 public:
  void take(std::span<const model::Sample> batch) override {
    for (const model::Sample& sample : batch)
      sources.push_back(sample.source);
    codec::Collected::take(batch);
  }
  std::uint32_t source_of(const IpAddress& sender) override {
    asked.push_back(sender);
    return static_cast<std::uint32_t>(asked.size());
  }
  std::vector<IpAddress> asked;
  std::vector<std::uint32_t> sources;
};

/// Loopback delivers a datagram before send() returns, so nothing here has to wait.
class UdpFeedTest : public ::testing::Test {
 protected:
  struct Start {
    std::size_t datagram_bytes_max = ReceiveRoom::kMessageBytesMax;
    int receive_buffer = 0;
    UdpFeed::Merge merge = UdpFeed::Merge::Yes;
    UdpFeed::Rest rest = UdpFeed::Rest::Never;
    const char* address = "127.0.0.1:0";
  };
  void start(const Start& how) {
    room_ = std::make_unique<ReceiveRoom>(how.datagram_bytes_max);
    auto group = open_udp_group(parsed(how.address), 1, log_);
    ASSERT_TRUE(group) << group.error().what;
    if (how.receive_buffer > 0) {
      ::setsockopt(group->front().get(), SOL_SOCKET, SO_RCVBUF, &how.receive_buffer,
                   sizeof how.receive_buffer);
    }
    int bytes = 0;
    socklen_t size = sizeof bytes;
    ::getsockopt(group->front().get(), SOL_SOCKET, SO_RCVBUF, &bytes, &size);
    receive_buffer_ = static_cast<std::size_t>(bytes);
    auto feed = UdpFeed::open({.home = {.loop = loop_.get(), .sink = &sink_},
                               .name = "udp/statsd",
                               .fd = std::move(group->front()),
                               .codec = std::move(codec_),
                               .room = room_.get(),
                               .merge = how.merge,
                               .rest = how.rest});
    ASSERT_TRUE(feed) << feed.error().what;
    feed_ = std::move(*feed);
    sender_ = *io::udp_connect(parsed(feed_->address().c_str()));
  }
  void start() { start(Start{}); }
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
  Book sink_;
  std::unique_ptr<const codec::Codec> codec_ = std::make_unique<codec::Statsd>();
  std::unique_ptr<ReceiveRoom> room_;
  std::size_t receive_buffer_ = 0;  // as the kernel counts: twice what was asked for
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
  for (std::size_t i = 0; i < ReceiveRoom::kMessagesMax; ++i)
    send("full:1|c");
  send("last:1|c");
  turn();
  EXPECT_EQ(sink_.samples.size(), ReceiveRoom::kMessagesMax + 1);
  EXPECT_EQ(sink_.samples.back().name, "last");
  send("one:1|c");
  turn();
  EXPECT_EQ(sink_.samples.size(), ReceiveRoom::kMessagesMax + 2);
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
  start({.datagram_bytes_max = 16});
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
  start({.datagram_bytes_max = 24});
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
  start({.datagram_bytes_max = 4});
  send("a:1|c");
  turn();
  EXPECT_TRUE(sink_.samples.empty());
  EXPECT_EQ(feed_->ledger().lines.received, 1u);
  EXPECT_EQ(feed_->ledger().lines.cut.truncated, 1u);
}

TEST_F(UdpFeedTest, CountsWhatTheKernelDropped) {
  constexpr std::uint64_t kSent = 5'000;
  start({.receive_buffer = 4'096});
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

// ---- datagrams that the kernel merged ----

/// Whether this kernel segments and merges at all (5.0): any other refusal is a failure. What is
/// skipped for it is said where nobody overlooks it.
bool has_segments(const io::Fd& sender) {
  int size = 0;
  socklen_t length = sizeof size;
  const bool segments = ::getsockopt(sender.get(), SOL_UDP, UDP_SEGMENT, &size, &length) == 0;
  const bool merges = ::getsockopt(sender.get(), SOL_UDP, UDP_GRO, &size, &length) == 0;
  if (segments && merges) return true;
  EXPECT_EQ(errno, ENOPROTOOPT);
  utsname kernel{};
  ::uname(&kernel);
  std::cerr << "\n*** UNTESTED HERE: merged datagrams; kernel " << kernel.release
            << " has no UDP_SEGMENT or UDP_GRO ***\n\n";
  return false;
}

/// Sends `datagrams` of one size each (the last may be shorter) with one call.
void send_segmented(const io::Fd& sender, std::string_view datagrams, int size) {
  ASSERT_EQ(::setsockopt(sender.get(), SOL_UDP, UDP_SEGMENT, &size, sizeof size), 0);
  ASSERT_EQ(::send(sender.get(), datagrams.data(), datagrams.size(), 0),
            static_cast<ssize_t>(datagrams.size()));
  const int off = 0;
  ::setsockopt(sender.get(), SOL_UDP, UDP_SEGMENT, &off, sizeof off);
}

TEST_F(UdpFeedTest, KeepsMergedDatagramsApart) {
  for (const auto merge : {UdpFeed::Merge::Yes, UdpFeed::Merge::No}) {
    codec_ = std::make_unique<codec::Statsd>();
    sink_.samples.clear();
    start({.merge = merge});
    // No line ends: joined, `a:1|c` and `b:2|c` would be no line, and "c:33" with "|c" would be.
    if (!has_segments(sender_)) GTEST_SKIP() << "this kernel has no UDP_SEGMENT or UDP_GRO";
    send_segmented(sender_, "a:1|cb:2|cc:333|c", 5);
    turn();
    ASSERT_EQ(sink_.samples.size(), 2u);
    EXPECT_EQ(sink_.samples[0].name, "a");
    EXPECT_EQ(sink_.samples[1].name, "b");
    const FeedLedger ledger = feed_->ledger();
    EXPECT_EQ(ledger.datagrams.received, 4u);
    EXPECT_EQ(ledger.datagrams.merged, merge == UdpFeed::Merge::Yes ? 4u : 0u);
    EXPECT_EQ(ledger.bytes, 17u);
    EXPECT_EQ(ledger.lines.received, 4u);
    EXPECT_EQ(ledger.lines.rejected_total(), 2u);
    EXPECT_TRUE(ledger.lines.adds_up());
  }
}

TEST_F(UdpFeedTest, TakesAsManyMergedDatagramsAsTheKernelMerges) {
  start();
  constexpr std::size_t kDatagrams = 64;
  constexpr std::size_t kBytes = 1'000;
  std::string all;
  for (std::size_t i = 0; i < kDatagrams; ++i)
    all += "n" + std::to_string(i % 10) + std::string(kBytes - 6, '.') + ":1|c";
  ASSERT_EQ(all.size(), kDatagrams * kBytes);
  if (!has_segments(sender_)) GTEST_SKIP() << "this kernel has no UDP_SEGMENT or UDP_GRO";
  send_segmented(sender_, all, kBytes);
  send("last:1|c");
  turn();
  const FeedLedger ledger = feed_->ledger();
  EXPECT_EQ(ledger.datagrams.received, kDatagrams + 1);
  EXPECT_EQ(ledger.lines.rejected_for(codec::Reject::NameTooLong), kDatagrams);
  EXPECT_EQ(ledger.bytes, all.size() + 8);
  ASSERT_EQ(sink_.samples.size(), 1u);
  EXPECT_EQ(sink_.samples[0].name, "last");
}

TEST_F(UdpFeedTest, LeavesAFloodOfMergedDatagramsToTheNextTurn) {
  start();
  constexpr std::size_t kBytes = 1'000;
  constexpr std::size_t kSegments = 60;
  constexpr std::size_t kSends = 40;  // 2.4 MB: what several turns take
  std::string all;
  for (std::size_t i = 0; i < kSegments; ++i)
    all += "a:1|c|#" + std::string(kBytes - 7, 'k');
  if (!has_segments(sender_)) GTEST_SKIP() << "this kernel has no UDP_SEGMENT or UDP_GRO";
  // Who is not root, and may not have so large a receive buffer, sends what fits into his.
  const std::size_t sends = std::min(kSends, receive_buffer_ / (4 * all.size()));
  if (sends < kSends)
    std::cerr << "\n*** a receive buffer of " << receive_buffer_ << " bytes: " << sends
              << " sends where " << kSends << " are meant ***\n";
  for (std::size_t i = 0; i < sends; ++i)
    send_segmented(sender_, all, kBytes);
  turn();
  EXPECT_EQ(feed_->ledger().bytes > 0, sends > 0);
  EXPECT_LE(feed_->ledger().bytes, 2 * TurnShare::kBytesAtOnce);
  for (std::size_t before = 0; feed_->ledger().bytes > before;) {
    before = feed_->ledger().bytes;
    turn();
    EXPECT_LE(feed_->ledger().bytes - before, 2 * TurnShare::kBytesAtOnce);
  }
  EXPECT_EQ(feed_->ledger().datagrams.kernel_dropped, 0u);
  EXPECT_EQ(feed_->ledger().datagrams.received, sends * kSegments);
}

TEST(ReadReach, AsksForFewLargeMessagesAndManySmallOnes) {
  ReadReach reach;
  EXPECT_EQ(reach.messages(), ReadReach::kMessagesLeast);
  for (int i = 0; i < 4; ++i)
    reach.came(1'400);
  EXPECT_EQ(reach.messages(), ReceiveRoom::kMessagesMax);
  reach.came(20'000);
  EXPECT_EQ(reach.messages(), 26u);
  reach.came(65'507);
  EXPECT_EQ(reach.messages(), ReadReach::kMessagesLeast);
  reach.came(0);  // nothing came, or empty ones
  EXPECT_EQ(reach.messages(), 2 * ReadReach::kMessagesLeast);
}

TEST(TurnShare, IsOverAfterItsTime) {
  TurnShare share;
  const MonoTime now{std::chrono::seconds{9}};
  share.begin(now);
  EXPECT_FALSE(share.is_over(now + TurnShare::kTimeMax - std::chrono::nanoseconds{1}));
  EXPECT_TRUE(share.is_over(now + TurnShare::kTimeMax));
}

TEST_F(UdpFeedTest, TellsDropsOfWhichItsThreadHasNotHeard) {
  constexpr std::uint64_t kSent = 1'000;
  start({.receive_buffer = 4'096});
  for (std::uint64_t i = 0; i < kSent; ++i)
    send("a:1|c");
  const FeedLedger early = feed_->ledger();  // as a scrape reads it, before any turn
  EXPECT_GT(early.datagrams.kernel_dropped, 0u);
  EXPECT_EQ(early.datagrams.received, 0u);
  turn();
  turn();
  const FeedLedger late = feed_->ledger();
  EXPECT_EQ(late.datagrams.kernel_dropped, early.datagrams.kernel_dropped);  // told once
  EXPECT_EQ(late.datagrams.offered(), kSent);
}

TEST_F(UdpFeedTest, SaysWhenItsDropsAreALowerBound) {
  start({.receive_buffer = 4'096});
  for (int i = 0; i < 1'000; ++i)
    send("a:1|c");
  turn();
  EXPECT_GT(feed_->ledger().datagrams.kernel_dropped, 0u);
  EXPECT_FALSE(feed_->ledger().datagrams.drops_are_lower_bound());
  if (!has_segments(sender_)) GTEST_SKIP() << "this kernel has no UDP_SEGMENT or UDP_GRO";
  send_segmented(sender_, "a:1|cb:2|c", 5);
  turn();
  EXPECT_TRUE(feed_->ledger().datagrams.drops_are_lower_bound());
}

// ---- rest ----

TEST_F(UdpFeedTest, RestsWhileDatagramsComeThickAndLosesNone) {
  start({.rest = UdpFeed::Rest::WhenThick});
  send("a:1|c");
  turn();
  EXPECT_EQ(sink_.samples.size(), 1u);  // the first waits for nothing
  send("b:1|c");
  turn();  // at the same moment: it rests from here on
  send("c:1|c");
  send("d:1|c");
  turn();
  EXPECT_EQ(sink_.samples.size(), 2u);
  clock_.advance(Millis{1});
  turn();
  EXPECT_EQ(sink_.samples.size(), 4u);
  send("e:1|c");
  send("f:1|c");
  turn();
  EXPECT_EQ(sink_.samples.size(), 4u);  // two came in a rest: it rests on
  clock_.advance(Millis{1});
  turn();
  EXPECT_EQ(sink_.samples.size(), 6u);
}

TEST_F(UdpFeedTest, WakesForEachOnceTheyComeThin) {
  start({.rest = UdpFeed::Rest::WhenThick});
  for (int i = 0; i < 2; ++i) {
    send("a:1|c");
    turn();
  }
  clock_.advance(Millis{1});
  turn();  // nothing came in a rest
  for (std::size_t i = 3; i < 10; ++i) {
    clock_.advance(Millis{1});
    send("a:1|c");
    turn();
    EXPECT_EQ(sink_.samples.size(), i);
  }
}

TEST_F(UdpFeedTest, AFloodGoesOnWithoutARest) {
  start({.rest = UdpFeed::Rest::WhenThick});
  send("a:1|c");
  turn();
  for (int i = 0; i < 600; ++i)
    send("a:1|c");
  turn();
  clock_.advance(Millis{1});
  for (int i = 0; i < 2; ++i)  // time stands still
    turn();
  EXPECT_EQ(sink_.samples.size(), 601u);
}

TEST_F(UdpFeedTest, ASmallReceiveBufferNeverRests) {
  start({.receive_buffer = 65'536, .rest = UdpFeed::Rest::WhenThick});
  for (std::size_t i = 1; i < 10; ++i) {
    send("a:1|c");
    turn();
    EXPECT_EQ(sink_.samples.size(), i);
  }
}

// ---- senders ----

TEST_F(UdpFeedTest, TellsTheSinkWhoSentEachDatagram) {
  start({.address = "0.0.0.0:0"});
  const std::uint16_t port = parsed(feed_->address().c_str()).port();
  const auto from = [&](const char* own, std::string_view text) {
    const io::Fd sender = *io::udp_bind(parsed(own), io::PortSharing::Alone);
    const io::Address to = parsed("127.0.0.1:0").with_port(port);
    ASSERT_EQ(::sendto(sender.get(), text.data(), text.size(), 0, to.data(), to.size()),
              static_cast<ssize_t>(text.size()));
  };
  from("127.0.0.1:0", "a:1|c\nb:1|c");
  from("127.0.0.1:0", "c:1|c");
  from("127.0.0.2:0", "d:1|c");
  turn();
  EXPECT_EQ(sink_.asked,
            (std::vector<IpAddress>{ip_of_v4({127, 0, 0, 1}), ip_of_v4({127, 0, 0, 2})}));
  EXPECT_EQ(sink_.sources, (std::vector<std::uint32_t>{1, 1, 1, 2}));
  from("127.0.0.2:0", "e:1|c");
  turn();  // an index holds for one turn
  EXPECT_EQ(sink_.asked.size(), 3u);
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
  ReceiveRoom room;
  auto group = *open_udp_group(parsed("127.0.0.1:0"), 3, log);
  std::vector<std::unique_ptr<UdpFeed>> feeds;
  feeds.reserve(group.size());
  for (io::Fd& fd : group) {
    feeds.push_back(*UdpFeed::open({.home = {.loop = loop.get(), .sink = &sink},
                                    .name = "udp/statsd",
                                    .fd = std::move(fd),
                                    .codec = std::make_unique<codec::Statsd>(),
                                    .room = &room}));
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

TEST(UdpGroup, RefusesThePortOfAGroup) {
  const io::Logger log{io::LogLevel::Error};
  const auto group = open_udp_group(parsed("127.0.0.1:0"), 3, log);
  ASSERT_TRUE(group);
  const io::Address taken = *io::local_address(group->front().get());
  for (const std::size_t count : {1U, 2U})
    EXPECT_FALSE(open_udp_group(taken, count, log));
}

}  // namespace
}  // namespace ingest::feed
