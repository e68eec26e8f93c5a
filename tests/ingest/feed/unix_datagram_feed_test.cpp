#include "ingest/feed/unix_datagram_feed.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/ingest/codec/collected.h"
#include "tests/support/temporary_folder.h"

namespace ingest::feed {
namespace {

class UnixDatagramFeedTest : public ::testing::Test {
 protected:
  void start(std::size_t message_bytes_max = ReceiveRoom::kMessageBytesMax) {
    room_ = std::make_unique<ReceiveRoom>(message_bytes_max);
    auto socket = io::UnixListener::open(path_, 0620, io::UnixType::Datagrams);
    ASSERT_TRUE(socket) << socket.error().what;
    auto feed = UnixDatagramFeed::open({.home = {.loop = loop_.get(), .sink = &sink_},
                                        .name = "unixgram/statsd",
                                        .address = "unixgram:" + path_,
                                        .socket = *std::move(socket),
                                        .codec = std::make_unique<codec::Statsd>(),
                                        .room = room_.get()});
    ASSERT_TRUE(feed) << feed.error().what;
    feed_ = std::move(*feed);
    sender_ = *io::unix_connect(path_, io::UnixType::Datagrams);
  }
  void send(std::string_view datagram) {
    ASSERT_EQ(::send(sender_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT),
              static_cast<ssize_t>(datagram.size()));
  }
  void turn(Millis wait = Millis{0}) {
    loop_->turn(wait);
    feed_->publish();
  }

  tests::support::TemporaryFolder folder_;
  std::string path_ = folder_.path("statsd.sock");
  ManualClock clock_;
  std::unique_ptr<io::EventLoop> loop_ = *io::EventLoop::open(clock_);
  codec::Collected sink_;
  std::unique_ptr<ReceiveRoom> room_;
  std::unique_ptr<UnixDatagramFeed> feed_;
  io::Fd sender_;
};

TEST_F(UnixDatagramFeedTest, TurnsDatagramsIntoSamplesAndALedgerThatAddsUp) {
  start();
  send("a:1|c\nBAD\nb:2|c");
  send("");
  send("c:3|g\n");
  turn();
  EXPECT_EQ(sink_.samples.size(), 3u);
  const FeedLedger ledger = feed_->ledger();
  EXPECT_EQ(ledger.datagrams.received, 3u);
  EXPECT_EQ(ledger.datagrams.offered(), 3u);
  EXPECT_EQ(ledger.bytes, 21u);
  EXPECT_EQ(ledger.lines.received, 4u);
  EXPECT_TRUE(ledger.lines.adds_up());
}

/// Each look at it takes a millisecond: half of a feed's share of a turn.
class BusyClock final : public Clock {
 public:
  WallTime wall() const override { return {}; }
  MonoTime mono() const override { return MonoTime{Millis{++looks_}}; }

 private:
  mutable int looks_ = 0;
};

TEST(UnixDatagramFeedTurn, StaysWithinItsBytesThoughLargeDatagramsFollowSmallOnes) {
  constexpr std::size_t kLarge = 60'000;
  constexpr std::size_t kLargeOnes = 10;  // as many as wait with the system's default
  const tests::support::TemporaryFolder folder;
  const BusyClock clock;
  const auto loop = *io::EventLoop::open(clock);
  codec::Collected sink;
  ReceiveRoom room;
  const std::string path = folder.path("statsd.sock");
  const auto feed = *UnixDatagramFeed::open(
      {.home = {.loop = loop.get(), .sink = &sink},
       .name = "unixgram/statsd",
       .address = "unixgram:" + path,
       .socket = *io::UnixListener::open(path, 0620, io::UnixType::Datagrams),
       .codec = std::make_unique<codec::Statsd>(),
       .room = &room});
  const auto bytes_of_a_turn = [&] {
    const std::uint64_t before = feed->ledger().bytes;
    loop->turn(Millis{0});
    feed->publish();
    return feed->ledger().bytes - before;
  };
  const io::Fd small = *io::unix_connect(path, io::UnixType::Datagrams);
  for (int turn = 0; turn < 20; ++turn) {
    for (int i = 0; i < 8; ++i)
      ASSERT_EQ(::send(small.get(), "a:1|c", 5, MSG_DONTWAIT), 5);
    while (bytes_of_a_turn() > 0) {
    }
  }
  std::vector<io::Fd> senders;
  const std::string large = "a:1|c|#" + std::string(kLarge - 7, 'k');
  for (std::size_t i = 0; i < kLargeOnes; ++i) {
    senders.push_back(*io::unix_connect(path, io::UnixType::Datagrams));
    ASSERT_EQ(::send(senders.back().get(), large.data(), large.size(), MSG_DONTWAIT),
              static_cast<ssize_t>(large.size()));
  }
  std::uint64_t all = 0;
  for (std::uint64_t now = bytes_of_a_turn(); now > 0; now = bytes_of_a_turn()) {
    EXPECT_LE(now, TurnShare::kBytesAtOnce);
    all += now;
  }
  EXPECT_EQ(all, kLarge * kLargeOnes);
}

TEST_F(UnixDatagramFeedTest, KeepsTheWholeLinesOfATruncatedDatagram) {
  start(14);
  send("a:1|c\nb:2|c\nc:3|c\n");
  turn();
  EXPECT_EQ(sink_.samples.size(), 2u);
  EXPECT_EQ(feed_->ledger().lines.cut.truncated, 1u);
  EXPECT_TRUE(feed_->ledger().lines.adds_up());
}

TEST_F(UnixDatagramFeedTest, HoldsNoDescriptorThatASenderPasses) {
  start();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const io::Fd reading{ends[0]};
  io::Fd passed{ends[1]};
  std::string line{"a:1|c"};
  iovec bytes{.iov_base = line.data(), .iov_len = line.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr& rights = *CMSG_FIRSTHDR(&message);
  rights = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  std::memcpy(CMSG_DATA(&rights), &ends[1], sizeof(int));
  ASSERT_EQ(::sendmsg(sender_.get(), &message, MSG_DONTWAIT), 5);
  passed.reset();
  turn();
  EXPECT_EQ(sink_.samples.size(), 1u);
  char nothing = 0;
  EXPECT_EQ(::read(reading.get(), &nothing, 1), 0) << "somebody still holds the other end";
}

TEST_F(UnixDatagramFeedTest, ItsFileHasTheModeThatIsAskedForAndGoesAtTheEnd) {
  start();
  struct stat found {};
  ASSERT_EQ(::lstat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0620U);
  feed_.reset();
  EXPECT_FALSE(folder_.holds("statsd.sock"));
}

TEST_F(UnixDatagramFeedTest, LosesNothingOfASenderThatWaitsForRoom) {
  constexpr std::uint64_t kSent = 20'000;  // the queue of a socket holds some hundred at most
  start();
  std::thread sender{[this] {
    for (std::uint64_t i = 0; i < kSent; ++i)
      ASSERT_EQ(::send(sender_.get(), "a:1|c\nb:2|c", 11, 0), 11);
  }};
  while (feed_->ledger().datagrams.received < kSent)
    turn(Millis{1'000});
  sender.join();
  const FeedLedger ledger = feed_->ledger();
  EXPECT_EQ(ledger.datagrams.offered(), kSent);
  EXPECT_EQ(ledger.lines.accepted, 2 * kSent);
  EXPECT_EQ(ledger.bytes, 11 * kSent);
}

}  // namespace
}  // namespace ingest::feed
