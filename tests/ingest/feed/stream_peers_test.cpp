#include "ingest/feed/stream_peers.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "ingest/base/ip_address.h"
#include "ingest/feed/stream_listener.h"
#include "tests/ingest/codec/collected.h"
#include "tests/support/temporary_folder.h"

namespace ingest::feed {
namespace {

constexpr Millis kNoWait{0};

/// Says who was asked of it.
class Doorkeeper final : public codec::Collected {
 public:
  std::uint32_t source_of(const IpAddress& sender) override {
    senders.push_back(sender);
    return 0;
  }
  bool allows(const IpAddress& /*sender*/) const override { return allowed; }

  std::vector<IpAddress> senders;
  bool allowed = true;
};

/// Loopback delivers before send() returns, so nothing here has to wait.
class StreamFeed : public ::testing::Test {
 protected:
  void start(std::size_t peers_max = StreamPeers::kPeersMax) {
    listen(*io::tcp_listen(*io::Address::parse("127.0.0.1:0")), peers_max);
  }
  void listen(StreamListener::Listening listening, std::size_t peers_max = StreamPeers::kPeersMax) {
    peers_ = std::make_unique<StreamPeers>(
        StreamPeers::Parts{.home = {.loop = loop_.get(), .sink = &sink_},
                           .name = "tcp/statsd",
                           .address = "127.0.0.1:1",
                           .codec = std::make_unique<codec::Statsd>(),
                           .room = &room_,
                           .idle_timeout = Millis{60'000},
                           .peers_max = peers_max,
                           .peers_per_address_max = per_address_,
                           .on_closed = [this] { ++closed_; },
                           .admits = admits_});
    auto listener =
        StreamListener::open(*loop_, std::move(listening), [this](io::Accepted accepted) {
          adopted_ += peers_->adopt(std::move(accepted.fd), accepted.peer) ? 1 : 0;
        });
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
  Doorkeeper sink_;
  ReceiveRoom room_;
  /// Of a peer that begins with "token T", until `taken_away_`.
  static bool has_token(std::string_view line) { return line == "token T"; }
  void admit_by_token() {
    admits_ = [this](std::string_view line, const IpAddress& sender) -> StreamPeers::Parts::Holds {
      admitted_ = sender;
      if (!has_token(line)) return {};
      return [this] { return !taken_away_; };
    };
  }
  std::function<StreamPeers::Parts::Holds(std::string_view, const IpAddress&)> admits_;
  IpAddress admitted_{};
  bool taken_away_ = false;
  std::size_t per_address_ = StreamPeers::kPeersPerAddressMax;
  std::unique_ptr<StreamPeers> peers_;
  std::unique_ptr<StreamListener> listener_;
  int adopted_ = 0;
  int closed_ = 0;
};

TEST_F(StreamFeed, ReadsLinesOfSeveralPeers) {
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

TEST_F(StreamFeed, JoinsALineSplitAtAnyByte) {
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

TEST_F(StreamFeed, CountsTheTailOfAPeerThatGoes) {
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

/// Ends the connection as a program does that is killed with bytes unread.
void reset(io::Fd& peer) {
  const linger abort{1, 0};
  ::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  peer.reset();
}

TEST_F(StreamFeed, ReadsWhatWaitsWhenTheResetComes) {
  start();
  io::Fd peer = connect();
  const std::string text = "a:1|c\nb:2|c\nc:";
  ASSERT_EQ(::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
  reset(peer);
  turn();
  turn();
  EXPECT_EQ(sink_.samples.size(), 2u);
  const FeedLedger ledger = peers_->ledger();
  EXPECT_EQ(ledger.bytes, text.size());
  EXPECT_EQ(ledger.lines.received, 3u);
  EXPECT_EQ(ledger.lines.cut.tcp_tail, 1u);
  EXPECT_EQ(ledger.connections.closed, 1u);
}

TEST_F(StreamFeed, ReadsAllThatAPeerLeftBehind) {
  start();
  std::string text;
  while (text.size() < 900'000)  // more than is read in one turn
    text += "a:1|c\n";
  for (const bool half : {false, true}) {  // closed, or only its own half
    const std::uint64_t before = peers_->ledger().bytes;
    io::Fd peer = connect();
    const int room = 4 << 20;
    ::setsockopt(peer.get(), SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    const ssize_t sent = ::send(peer.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ASSERT_GT(sent, 300'000);
    if (half) {
      ::shutdown(peer.get(), SHUT_WR);
    } else {
      peer.reset();
    }
    for (int i = 0; i < 1'000 && peers_->open_peers() > 0; ++i) {
      loop_->turn(Millis{100});
      peers_->publish();
    }
    EXPECT_EQ(peers_->ledger().bytes - before, static_cast<std::uint64_t>(sent));
    EXPECT_EQ(peers_->open_peers(), 0u);
  }
  EXPECT_TRUE(peers_->ledger().lines.adds_up());
}

TEST_F(StreamFeed, ReadsWhatCameBeforeAReset) {
  start();
  io::Fd peer = connect();
  send(peer, "a:1|c\n");
  reset(peer);
  turn();
  EXPECT_EQ(sink_.samples.size(), 1u);
  EXPECT_EQ(peers_->ledger().connections.closed, 1u);
}

TEST_F(StreamFeed, ABadLineLeavesTheConnectionOpen) {
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

TEST_F(StreamFeed, ClosesAnIdlePeerAndNoOther) {
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

TEST_F(StreamFeed, SweepsAgainAfterAllPeersHadGone) {
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

TEST_F(StreamFeed, RefusesPeersAboveTheCapAndCountsThem) {
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

/// As accept() gives it on a Unix socket.
io::Address unix_peer() {
  sockaddr_storage storage{};
  storage.ss_family = AF_UNIX;
  return io::Address::from(storage);
}

/// Each look at it takes half a millisecond.
class BusyClock final : public Clock {
 public:
  WallTime wall() const override { return {}; }
  MonoTime mono() const override { return MonoTime{Millis{++looks_} / 2}; }

 private:
  mutable int looks_ = 0;
};

TEST(StreamFeedTurn, EndsInTimeAndServesEveryoneInTurn) {
  constexpr int kPeers = 12;
  const BusyClock clock;
  const auto loop = *io::EventLoop::open(clock);
  codec::Collected sink;
  ReceiveRoom room;
  StreamPeers peers{{.home = {.loop = loop.get(), .sink = &sink},
                     .name = "tcp/statsd",
                     .address = "",
                     .codec = std::make_unique<codec::Statsd>(),
                     .room = &room,
                     .on_closed = {},
                     .admits = {}}};
  std::array<io::Fd, kPeers> senders;
  for (int i = 0; i < kPeers; ++i) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    senders.at(static_cast<std::size_t>(i)) = io::Fd{ends[0]};
    ASSERT_TRUE(peers.adopt(io::Fd{ends[1]}, unix_peer()));
    const std::string line = "from" + std::to_string(i) + ":1|c\n";
    ASSERT_EQ(::send(ends[0], line.data(), line.size(), 0), static_cast<ssize_t>(line.size()));
  }
  std::set<std::string> names;
  int turns = 0;
  for (; turns < 20 && names.size() < kPeers; ++turns) {
    // The first one sends on and on: it comes after those that wait.
    ASSERT_EQ(::send(senders[0].get(), "from0:1|c\n", 10, 0), 10);
    sink.samples.clear();
    loop->turn(kNoWait);
    EXPECT_GT(sink.samples.size(), 0u);
    EXPECT_LE(sink.samples.size(), 6u);  // of four peers, or five
    for (const codec::Kept& sample : sink.samples)
      names.insert(sample.name);
  }
  EXPECT_EQ(names.size(), std::size_t{kPeers});
  EXPECT_GT(turns, 2);
}

TEST_F(StreamFeed, NoAddressKeepsTheOthersOut) {
  per_address_ = 2;
  start(4);
  const auto from = [this](const char* address) {
    const io::Address here = *io::Address::parse(address);
    io::Fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    EXPECT_EQ(::bind(fd.get(), here.data(), here.size()), 0);
    const io::Address to = listener_->address();
    EXPECT_EQ(::connect(fd.get(), to.data(), to.size()), 0);
    turn();
    return fd;
  };
  std::vector<io::Fd> greedy;
  greedy.reserve(5);
  for (int i = 0; i < 5; ++i)
    greedy.push_back(from("127.0.0.1:0"));
  EXPECT_EQ(peers_->open_peers(), 2u);
  EXPECT_EQ(peers_->ledger().connections.crowded, 3u);
  EXPECT_EQ(peers_->ledger().connections.refused, 0u);
  char byte = 0;
  EXPECT_EQ(::recv(greedy[4].get(), &byte, 1, MSG_DONTWAIT), 0);
  const io::Fd other = from("127.0.0.2:0");
  EXPECT_EQ(peers_->open_peers(), 3u);
  greedy[0].reset();
  turn();
  const io::Fd again = from("127.0.0.1:0");  // in the place of the one that went
  EXPECT_EQ(peers_->open_peers(), 3u);
  EXPECT_EQ(peers_->ledger().connections.crowded, 3u);
}

/// Sends, and is gone by a reset before anybody accepted it.
void reset_after(const io::Address& to, std::string_view bytes) {
  const io::Fd fd = *io::tcp_connect(to);
  ASSERT_EQ(::send(fd.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ASSERT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
}

TEST_F(StreamFeed, KnowsWhoWasResetBeforeItWasAdopted) {
  start();
  reset_after(listener_->address(), "a:1|c\n");
  turn();
  turn();
  ASSERT_EQ(sink_.senders.size(), 1u);  // asked of the rules, under its own address
  EXPECT_EQ(ip_text(sink_.senders[0]), "127.0.0.1");
}

TEST_F(StreamFeed, AResetGetsNobodyPastTheAllowList) {
  sink_.allowed = false;
  start();
  reset_after(listener_->address(), "a:1|c\n");
  turn();
  turn();
  EXPECT_EQ(adopted_, 0);
  EXPECT_EQ(peers_->ledger().connections.refused, 1u);
  EXPECT_TRUE(sink_.samples.empty());
}

TEST_F(StreamFeed, AResetGetsNobodyPastTheCapOfItsAddress) {
  per_address_ = 1;
  start();
  const io::Fd first = connect();
  reset_after(listener_->address(), "a:1|c\n");
  turn();
  EXPECT_EQ(peers_->ledger().connections.crowded, 1u);
}

TEST_F(StreamFeed, RefusesAPeerOfWhomNothingIsKnown) {
  start();
  EXPECT_FALSE(peers_->adopt(*io::tcp_connect(listener_->address()), io::Address{}));
  peers_->publish();
  EXPECT_EQ(peers_->ledger().connections.refused, 1u);
}

TEST_F(StreamFeed, SendersOfAUnixSocketAreHeldByTheCapAlone) {
  const tests::support::TemporaryFolder folder;
  const std::string path = folder.path("feed.sock");
  per_address_ = 1;
  listen(*io::UnixListener::open(path, 0600), 3);
  std::vector<io::Fd> peers;
  for (int i = 0; i < 4; ++i) {
    peers.push_back(*io::unix_connect(path));
    turn();
  }
  EXPECT_EQ(peers_->open_peers(), 3u);
  EXPECT_EQ(peers_->ledger().connections.refused, 1u);
  EXPECT_EQ(peers_->ledger().connections.crowded, 0u);
}

TEST_F(StreamFeed, AListenerThatPausesMayBeAskedForWhoWaitsAndGoes) {
  start();
  const io::Fd client = *io::tcp_connect(listener_->address());
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  const rlimit none{3, old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  turn();
  listener_->take_waiting();
  EXPECT_EQ(listener_->pauses(), 1u);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &old), 0);
  listener_.reset();
  clock_.advance(Millis{100});
  turn();  // no timer of it is left
}

TEST_F(StreamFeed, PausesAcceptingWhenNoDescriptorIsLeft) {
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

TEST_F(StreamFeed, LeavesTheLoopCleanWhenItGoes) {
  start();
  const io::Fd peer = connect();
  listener_.reset();
  peers_.reset();
  ASSERT_EQ(::send(peer.get(), "a:1|c\n", 6, MSG_NOSIGNAL), 6);
  clock_.advance(Millis{120'000});
  loop_->turn(kNoWait);
  EXPECT_TRUE(sink_.samples.empty());
}

// ---- who may send ----

TEST_F(StreamFeed, AdmitsByTheFirstLineSplitAtAnyByte) {
  admit_by_token();
  start();
  const std::string stream = "token T\r\na:1|c\n";
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    const io::Fd peer = connect();
    if (cut > 0) send(peer, std::string_view{stream}.substr(0, cut));
    if (cut < stream.size()) send(peer, std::string_view{stream}.substr(cut));
    ASSERT_EQ(sink_.samples.size(), cut + 1) << cut;
  }
  const FeedLedger ledger = peers_->ledger();
  EXPECT_EQ(ledger.lines.received, stream.size() + 1);  // the first line is none of the format
  EXPECT_EQ(ledger.connections.denied, 0u);
}

TEST_F(StreamFeed, ClosesAndCountsWhoIsNotAdmitted) {
  admit_by_token();
  start();
  const std::vector<std::string> wrong{"a:1|c\n", "token U\na:1|c\n", "\ntoken T\n",
                                       std::string(StreamPeers::kFirstLineBytesMax + 1, 'x')};
  for (const std::string& bytes : wrong) {
    const io::Fd peer = connect();
    send(peer, bytes);
    char byte = 0;
    EXPECT_LE(::recv(peer.get(), &byte, 1, MSG_DONTWAIT), 0) << bytes;
    EXPECT_EQ(peers_->open_peers(), 0u);
  }
  const FeedLedger ledger = peers_->ledger();
  EXPECT_EQ(ledger.connections.denied, wrong.size());
  EXPECT_EQ(ledger.connections.closed, wrong.size());
  EXPECT_EQ(ledger.lines.received, 0u);
  EXPECT_TRUE(sink_.samples.empty());
  EXPECT_EQ(closed_, static_cast<int>(wrong.size()));
}

TEST_F(StreamFeed, WhoseTokenIsTakenAwayIsClosedAndCounted) {
  admit_by_token();
  start();
  const io::Fd first = connect();
  send(first, "token T\na:1|c\n");
  const io::Fd waiting = connect();  // has shown nothing yet
  EXPECT_EQ(admitted_, *parse_ip("127.0.0.1"));
  clock_.advance(StreamPeers::kLookEvery);
  turn();
  EXPECT_EQ(peers_->open_peers(), 2u);
  taken_away_ = true;
  clock_.advance(StreamPeers::kLookEvery);
  turn();
  EXPECT_EQ(peers_->open_peers(), 1u);
  char byte = 0;
  EXPECT_EQ(::recv(first.get(), &byte, 1, MSG_DONTWAIT), 0);
  const FeedLedger ledger = peers_->ledger();
  EXPECT_EQ(ledger.connections.revoked, 1u);
  EXPECT_EQ(ledger.connections.closed, 1u);
  EXPECT_EQ(ledger.lines.accepted, 1u) << "what it had sent counts";
  EXPECT_EQ(closed_, 1);
  // Nobody is left to look at, and who comes later is looked at again.
  taken_away_ = false;
  send(waiting, "token T\n");
  taken_away_ = true;
  clock_.advance(StreamPeers::kLookEvery);
  turn();
  EXPECT_EQ(peers_->open_peers(), 0u);
  clock_.advance(StreamPeers::kLookEvery);
  turn();
  taken_away_ = false;
  const io::Fd later = connect();
  send(later, "token T\n");
  taken_away_ = true;
  clock_.advance(StreamPeers::kLookEvery);
  turn();
  EXPECT_EQ(peers_->ledger().connections.revoked, 3u);
}

TEST_F(StreamFeed, WhoeverIsNotAdmittedYetKeepsNoPlaceByTrickling) {
  admit_by_token();
  start();
  const io::Fd admitted = connect();
  send(admitted, "token T\n");
  const io::Fd stranger = connect();
  for (int i = 0; i < 8; ++i) {
    clock_.advance(Millis{15'000});
    turn();
    if (peers_->open_peers() == 1) break;
    send(stranger, "t");
    send(admitted, "a:1|c\n");
  }
  EXPECT_EQ(peers_->open_peers(), 1u);
  EXPECT_EQ(peers_->ledger().connections.idle, 1u);
  send(admitted, "a:1|c\n");
  EXPECT_EQ(peers_->open_peers(), 1u);
}

// ---- over a Unix socket ----

TEST_F(StreamFeed, ReadsLinesOverAUnixSocketWhoseFileGoesAtTheEnd) {
  const tests::support::TemporaryFolder folder;
  const std::string path = folder.path("statsd.sock");
  listen(*io::UnixListener::open(path, 0660));
  io::Fd peer = *io::unix_connect(path);
  turn();
  send(peer, "a:1|c\nb:");
  send(peer, "2|c\nc:3");
  peer.reset();
  turn();
  EXPECT_EQ(sink_.samples.size(), 2u);
  EXPECT_EQ(peers_->ledger().lines.cut.tcp_tail, 1u);
  listener_.reset();
  EXPECT_FALSE(folder.holds("statsd.sock"));
}

}  // namespace
}  // namespace ingest::feed
