// The conservation law under real overload: what a sender sent stands in the ledgers of its feed,
// to the last datagram, line and sample, and they add up whenever another thread reads them. Real
// sockets, a worker on its own thread, the real clock.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "ingest/codec/statsd.h"
#include "ingest/feed/stream_listener.h"
#include "ingest/feed/stream_peers.h"
#include "ingest/feed/udp_feed.h"
#include "ingest/feed/udp_group.h"
#include "ingest/feed/unix_datagram_feed.h"
#include "ingest/io/log.h"
#include "ingest/io/real_clock.h"
#include "ingest/io/socket.h"
#include "ingest/worker/worker.h"
#include "tests/support/temporary_folder.h"

namespace ingest::worker {
namespace {

/// Three lines: two good ones with three samples, a bad one.
constexpr std::string_view kDatagram = "hits:1|c\nBAD\nload.time:1:2|ms|#route:/pay";
constexpr std::uint64_t kLines = 3;
constexpr std::uint64_t kGoodLines = 2;
constexpr std::uint64_t kSamples = 3;
constexpr int kSenders = 2;

/// A worker with one feed, that folds and hands over on a thread of its own, and a thread that
/// reads its ledgers all the time.
class House {
 public:
  using Status = Worker::FeedStatus;

  House() {
    loop_ = *io::EventLoop::open(clock_);
    worker_ = std::make_unique<Worker>(
        Worker::Options{}, Worker::Parts{.loop = loop_.get(), .link = &link_, .wake_hub = [] {}});
    loop_->on_wake([this] {
      if (stop_) loop_->stop();
    });
  }
  House(const House&) = delete;
  House& operator=(const House&) = delete;
  ~House() { end(); }

  io::EventLoop& loop() { return *loop_; }
  Worker& worker() { return *worker_; }
  feed::ReceiveRoom& room() { return room_; }

  void begin() {
    worker_->start();
    thread_ = std::thread{[this] { loop_->run(); }};
    reader_ = std::thread{[this] {
      while (!stop_)
        look();
    }};
  }
  void end() {
    stop_ = true;
    loop_->wake();
    if (thread_.joinable()) thread_.join();
    if (reader_.joinable()) reader_.join();
  }
  Status status() const { return worker_->feeds().front(); }
  /// Waits until the ledgers say so; false when they do not in a long time.
  bool until(const std::function<bool(const Status&)>& holds) const {
    const MonoTime patience = clock_.mono() + std::chrono::seconds{60};
    while (!holds(status())) {
      if (clock_.mono() > patience) return false;
      std::this_thread::yield();
    }
    return true;
  }
  bool always_added_up() const { return adds_up_; }
  std::uint64_t looks() const { return looks_; }

 private:
  void look() {
    const Status now = status();
    if (!now.ledger.lines.adds_up() || !now.samples.adds_up()) adds_up_ = false;
    while (link_.to_hub.try_pop()) {  // in place of the hub
    }
    ++looks_;
  }

  io::RealClock clock_;
  model::HubLink link_;
  std::unique_ptr<io::EventLoop> loop_;
  feed::ReceiveRoom room_;
  std::unique_ptr<Worker> worker_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> adds_up_{true};
  std::atomic<std::uint64_t> looks_{0};
  std::thread thread_;
  std::thread reader_;
};

/// Several threads, each with a socket of its own, send `each` datagrams or blocks as fast as the
/// kernel takes them.
void flood(const std::function<io::Fd()>& connect, std::string_view bytes, std::uint64_t each) {
  std::vector<std::thread> senders;
  for (int i = 0; i < kSenders; ++i) {
    senders.emplace_back([&] {
      const io::Fd fd = connect();
      for (std::uint64_t n = 0; n < each; ++n) {
        ASSERT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
      }
    });
  }
  for (std::thread& sender : senders)
    sender.join();
}

/// `blocks` texts as kDatagram came through.
void expect_all(const House& house, std::uint64_t blocks, std::size_t bytes_each) {
  const House::Status status = house.status();
  EXPECT_EQ(status.ledger.bytes, blocks * bytes_each);
  EXPECT_EQ(status.ledger.lines.received, blocks * kLines);
  EXPECT_EQ(status.ledger.lines.accepted, blocks * kGoodLines);
  EXPECT_EQ(status.ledger.lines.rejected_total(), blocks);
  EXPECT_EQ(status.samples.produced, blocks * kSamples);
  EXPECT_EQ(status.samples.own, blocks * kSamples);
  EXPECT_TRUE(house.always_added_up());
  EXPECT_GT(house.looks(), 0U);
}

TEST(Conservation, OfAUdpFloodThatTheKernelHasToDrop) {
  constexpr std::uint64_t kEach = 40'000;
  House house;
  const io::Logger log{io::LogLevel::Error};
  auto group = *feed::open_udp_group(*io::Address::parse("127.0.0.1:0"), 1, log);
  const int small = 16'384;
  ::setsockopt(group[0].get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  const auto fed = house.worker().add_feed([&](const feed::FeedHome& home) {
    return feed::UdpFeed::open({.home = home,
                                .name = "udp/statsd",
                                .fd = std::move(group[0]),
                                .codec = std::make_unique<codec::Statsd>(),
                                .room = &house.room()});
  });
  ASSERT_TRUE(fed);
  const io::Address to = *io::Address::parse((*fed)->address());
  const auto connect = [&] { return *io::udp_connect(to); };
  flood(connect, kDatagram, 500);  // nobody reads yet: some are dropped for certain
  house.begin();
  flood(connect, kDatagram, kEach);
  constexpr std::uint64_t kSent = kSenders * (kEach + 500);
  ASSERT_TRUE(house.until([](const House::Status& now) {
    return now.ledger.datagrams.offered() >= kSent;
  })) << house.status().ledger.datagrams.offered();
  const auto datagrams = house.status().ledger.datagrams;
  EXPECT_EQ(datagrams.offered(), kSent);
  EXPECT_GT(datagrams.kernel_dropped, 0U);
  EXPECT_FALSE(datagrams.drops_are_lower_bound());
  expect_all(house, datagrams.received, kDatagram.size());
}

// One port, a socket for each of several workers: what the kernel drops of any of them is counted.
TEST(Conservation, OfAUdpFloodOverSeveralSocketsOfOnePort) {
  constexpr std::uint64_t kEach = 2'000;
  constexpr std::size_t kSockets = 3;
  constexpr std::uint64_t kConnections = 16;  // of different ports, so that all sockets get some
  const io::Logger log{io::LogLevel::Error};
  auto group = *feed::open_udp_group(*io::Address::parse("127.0.0.1:0"), kSockets, log);
  std::array<std::unique_ptr<House>, kSockets> houses;
  std::string address;
  for (std::size_t i = 0; i < kSockets; ++i) {
    House& house = *(houses.at(i) = std::make_unique<House>());
    const int small = 16'384;
    ::setsockopt(group[i].get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    const auto fed = house.worker().add_feed([&](const feed::FeedHome& home) {
      return feed::UdpFeed::open({.home = home,
                                  .name = "udp/statsd",
                                  .fd = std::move(group[i]),
                                  .codec = std::make_unique<codec::Statsd>(),
                                  .room = &house.room()});
    });
    ASSERT_TRUE(fed);
    address = (*fed)->address();
  }
  const io::Address to = *io::Address::parse(address);
  const auto connect = [&] { return *io::udp_connect(to); };
  for (std::uint64_t n = 0; n < kConnections; n += kSenders)
    flood(connect, kDatagram, 500);  // nobody reads yet: some are dropped for certain
  for (const auto& house : houses)
    house->begin();
  for (std::uint64_t n = 0; n < kConnections; n += kSenders)
    flood(connect, kDatagram, kEach);
  constexpr std::uint64_t kSent = kConnections * (kEach + 500);
  const auto offered = [&] {
    std::uint64_t sum = 0;
    for (const auto& house : houses)
      sum += house->status().ledger.datagrams.offered();
    return sum;
  };
  ASSERT_TRUE(houses[0]->until([&](const House::Status&) { return offered() >= kSent; }))
      << offered();
  EXPECT_EQ(offered(), kSent);
  std::uint64_t dropped = 0;
  for (const auto& house : houses) {
    const auto datagrams = house->status().ledger.datagrams;
    EXPECT_GT(datagrams.received, 0U);
    dropped += datagrams.kernel_dropped;
    expect_all(*house, datagrams.received, kDatagram.size());
  }
  EXPECT_GT(dropped, 0U);
}

TEST(Conservation, OfAUnixDatagramFloodLosesNothing) {
  constexpr std::uint64_t kEach = 20'000;
  House house;
  const tests::support::TemporaryFolder folder;
  const std::string path = folder.path("statsd.sock");
  const auto fed = house.worker().add_feed([&](const feed::FeedHome& home) {
    return feed::UnixDatagramFeed::open(
        {.home = home,
         .name = "unixgram/statsd",
         .address = "unixgram:" + path,
         .socket = *io::UnixListener::open(path, 0600, io::UnixType::Datagrams),
         .codec = std::make_unique<codec::Statsd>(),
         .room = &house.room()});
  });
  ASSERT_TRUE(fed);
  house.begin();
  flood([&] { return *io::unix_connect(path, io::UnixType::Datagrams); }, kDatagram, kEach);
  ASSERT_TRUE(house.until(
      [](const House::Status& now) { return now.ledger.datagrams.offered() >= kSenders * kEach; }));
  EXPECT_EQ(house.status().ledger.datagrams.received, kSenders * kEach);
  expect_all(house, kSenders * kEach, kDatagram.size());
}

/// Streams of whole texts; the last bytes of each are a line without its end.
void expect_streams_whole(feed::StreamListener::Listening listening,
                          const std::function<io::Fd(const io::Address&)>& connect) {
  constexpr std::uint64_t kEach = 2'000;
  constexpr int kTextsABlock = 20;
  std::string block;
  for (int i = 0; i < kTextsABlock; ++i)
    block += std::string{kDatagram} + "\n";
  House house;
  const auto fed = house.worker().add_feed(
      [&](const feed::FeedHome& home) -> Result<std::unique_ptr<feed::StreamPeers>> {
        return std::make_unique<feed::StreamPeers>(
            feed::StreamPeers::Parts{.home = home,
                                     .name = "tcp/statsd",
                                     .address = "",
                                     .codec = std::make_unique<codec::Statsd>(),
                                     .room = &house.room(),
                                     .on_closed = {},
                                     .admits = {}});
      });
  ASSERT_TRUE(fed);
  feed::StreamPeers& peers = **fed;
  const auto listener = *feed::StreamListener::open(
      house.loop(), std::move(listening),
      [&](io::Accepted accepted) { peers.adopt(std::move(accepted.fd), accepted.peer); });
  const io::Address to = listener->address();
  house.begin();
  flood([&] { return connect(to); }, block, kEach);
  ASSERT_TRUE(house.until(
      [](const House::Status& now) { return now.ledger.connections.closed == kSenders; }));
  expect_all(house, kSenders * kEach * kTextsABlock, kDatagram.size() + 1);
  {
    const io::Fd torn = connect(to);
    ASSERT_EQ(::send(torn.get(), "hits:1", 6, MSG_NOSIGNAL), 6);
  }
  ASSERT_TRUE(house.until(
      [](const House::Status& now) { return now.ledger.connections.closed == kSenders + 1; }));
  EXPECT_EQ(house.status().ledger.lines.cut.tcp_tail, 1U);
  EXPECT_TRUE(house.always_added_up());
  house.end();  // before the listener goes from its loop
}

TEST(Conservation, OfATcpFloodLosesNothing) {
  expect_streams_whole(*io::tcp_listen(*io::Address::parse("127.0.0.1:0")),
                       [](const io::Address& to) { return *io::tcp_connect(to); });
}

TEST(Conservation, OfAUnixStreamFloodLosesNothing) {
  const tests::support::TemporaryFolder folder;
  const std::string path = folder.path("statsd.sock");
  expect_streams_whole(*io::UnixListener::open(path, 0600),
                       [&](const io::Address&) { return *io::unix_connect(path); });
}

}  // namespace
}  // namespace ingest::worker
