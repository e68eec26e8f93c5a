#include "ingest/feed/tcp_feed.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "tests/ingest/codec/collected.h"

namespace ingest::feed {
namespace {

constexpr Millis kNoWait{0};

/// Loopback delivers before send() returns, so nothing here has to wait.
class TcpFeedTest : public ::testing::Test {
 protected:
  void start(std::size_t peers_max = TcpPeers::kPeersMax) {
    peers_ = std::make_unique<TcpPeers>(TcpPeers::Parts{.loop = loop_.get(),
                                                        .codec = std::make_unique<codec::Statsd>(),
                                                        .sink = &sink_,
                                                        .address = "127.0.0.1:1",
                                                        .idle_timeout = Millis{60'000},
                                                        .peers_max = peers_max,
                                                        .on_closed = [this] { ++closed_; }});
    auto listener =
        TcpListener::open(*loop_, *io::tcp_listen(*io::Address::parse("127.0.0.1:0")),
                          [this](io::Fd fd) { adopted_ += peers_->adopt(std::move(fd)) ? 1 : 0; });
    ASSERT_TRUE(listener) << listener.error().what;
    listener_ = std::move(*listener);
  }
  io::Fd connect() {
    auto fd = io::tcp_connect(listener_->address());
    EXPECT_TRUE(fd);
    turn();
    return fd ? std::move(*fd) : io::Fd{};
  }
  void send(const io::Fd& fd, std::string_view bytes) {
    ASSERT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    turn();
  }
  void turn() {
    loop_->turn(kNoWait);
    peers_->publish();
  }

  ManualClock clock_;
  std::unique_ptr<io::EventLoop> loop_ = *io::EventLoop::open(clock_);
  codec::Collected sink_;
  std::unique_ptr<TcpPeers> peers_;
  std::unique_ptr<TcpListener> listener_;
  int adopted_ = 0;
  int closed_ = 0;
};

TEST_F(TcpFeedTest, ReadsLinesOfSeveralPeers) {
  start();
  EXPECT_EQ(peers_->name(), "tcp/statsd");
  const io::Fd first = connect();
  const io::Fd second = connect();
  send(first, "a:1|c\na:");
  send(second, "b:2|c\nb:2");
  send(first, "12|c\n");
  send(second, "2|c\n");
  ASSERT_EQ(sink_.samples.size(), 4u);
  EXPECT_EQ(sink_.samples[2].value, 12);
  EXPECT_EQ(sink_.samples[3].value, 22);
  const FeedLedger ledger = peers_->ledger();
  EXPECT_EQ(ledger.connections.opened, 2u);
  EXPECT_EQ(ledger.lines.accepted, 4u);
  EXPECT_EQ(ledger.bytes, 26u);
}

TEST_F(TcpFeedTest, JoinsALineSplitAtAnyByte) {
  start();
  const std::string stream = "a:123|c\n";
  const io::Fd peer = connect();
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    send(peer, std::string_view{stream}.substr(0, cut));
    send(peer, std::string_view{stream}.substr(cut));
    ASSERT_EQ(sink_.samples.size(), cut);
    ASSERT_EQ(sink_.samples.back().value, 123);
  }
}

TEST_F(TcpFeedTest, CountsTheTailOfAPeerThatGoes) {
  start();
  io::Fd peer = connect();
  send(peer, "a:1|c\na:12");
  peer.reset();
  turn();
  EXPECT_EQ(sink_.samples.size(), 1u);
  const FeedLedger ledger = peers_->ledger();
  EXPECT_EQ(ledger.lines.cut.tcp_tail, 1u);
  EXPECT_TRUE(ledger.lines.adds_up());
  EXPECT_EQ(ledger.connections.closed, 1u);
  EXPECT_EQ(ledger.connections.idle, 0u);
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(peers_->open_peers(), 0u);
}

TEST_F(TcpFeedTest, ReadsWhatCameBeforeAReset) {
  start();
  io::Fd peer = connect();
  send(peer, "a:1|c\n");
  const linger abort{1, 0};
  ::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  peer.reset();
  turn();
  EXPECT_EQ(sink_.samples.size(), 1u);
  EXPECT_EQ(peers_->ledger().connections.closed, 1u);
}

TEST_F(TcpFeedTest, ABadLineLeavesTheConnectionOpen) {
  start();
  const io::Fd peer = connect();
  send(peer, "BAD\n\xff\xff\n" + std::string(70'000, 'x'));
  for (int i = 0; i < 10; ++i)
    turn();
  send(peer, "\na:1|c\n");
  for (int i = 0; i < 10; ++i)
    turn();
  EXPECT_EQ(sink_.samples.size(), 1u);
  const FeedLedger ledger = peers_->ledger();
  EXPECT_EQ(ledger.lines.rejected_for(codec::Reject::LineTooLong), 1u);
  EXPECT_EQ(ledger.lines.rejected_total(), 3u);
  EXPECT_EQ(ledger.connections.closed, 0u);
}

TEST_F(TcpFeedTest, ClosesAnIdlePeerAndNoOther) {
  start();
  const io::Fd idle = connect();
  const io::Fd busy = connect();
  send(idle, "tail");
  for (int second = 0; second < 80; ++second) {
    clock_.advance(Millis{1'000});
    if (second == 30) send(busy, "x");
    turn();
  }
  const FeedLedger ledger = peers_->ledger();
  EXPECT_EQ(ledger.connections.idle, 1u);
  EXPECT_EQ(ledger.connections.closed, 1u);
  EXPECT_EQ(ledger.lines.cut.tcp_tail, 1u);
  EXPECT_EQ(peers_->open_peers(), 1u);
  EXPECT_EQ(closed_, 1);
  char byte = 0;
  EXPECT_EQ(::recv(idle.get(), &byte, 1, MSG_DONTWAIT), 0);  // the peer sees the end
}

TEST_F(TcpFeedTest, SweepsAgainAfterAllPeersHadGone) {
  start();
  { const io::Fd first = connect(); }
  for (int i = 0; i < 100; ++i) {
    clock_.advance(Millis{1'000});
    turn();
  }
  const io::Fd second = connect();
  for (int i = 0; i < 100; ++i) {
    clock_.advance(Millis{1'000});
    turn();
  }
  EXPECT_EQ(peers_->ledger().connections.idle, 1u);
}

TEST_F(TcpFeedTest, RefusesPeersAboveTheCapAndCountsThem) {
  start(2);
  std::vector<io::Fd> peers;
  peers.reserve(5);
  for (int i = 0; i < 5; ++i)
    peers.push_back(connect());
  EXPECT_EQ(adopted_, 2);
  EXPECT_EQ(peers_->ledger().connections.refused, 3u);
  EXPECT_EQ(peers_->ledger().connections.opened, 2u);
  char byte = 0;
  EXPECT_EQ(::recv(peers[4].get(), &byte, 1, MSG_DONTWAIT), 0);
  peers[0].reset();
  turn();
  const io::Fd again = connect();
  EXPECT_EQ(adopted_, 3);
  EXPECT_EQ(closed_, 1);  // the refused were never adopted
}

TEST_F(TcpFeedTest, PausesAcceptingWhenNoDescriptorIsLeft) {
  start();
  const io::Fd client = *io::tcp_connect(listener_->address());
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  const rlimit none{3, old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  turn();
  turn();
  EXPECT_EQ(listener_->pauses(), 1u);  // not once for each turn
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &old), 0);
  EXPECT_EQ(adopted_, 0);
  clock_.advance(Millis{100});
  turn();
  turn();
  EXPECT_EQ(adopted_, 1);
}

TEST_F(TcpFeedTest, LeavesTheLoopCleanWhenItGoes) {
  start();
  const io::Fd peer = connect();
  listener_.reset();
  peers_.reset();
  ASSERT_EQ(::send(peer.get(), "a:1|c\n", 6, MSG_NOSIGNAL), 6);
  clock_.advance(Millis{120'000});
  loop_->turn(kNoWait);
  EXPECT_TRUE(sink_.samples.empty());
}

}  // namespace
}  // namespace ingest::feed
