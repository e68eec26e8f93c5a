// Two workers' threads and a hub's thread over real links, fed from a UDP socket, while others read
// the ledgers: for the thread sanitizer as much as for the totals.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cmath>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "ingest/codec/statsd.h"
#include "ingest/feed/udp_feed.h"
#include "ingest/feed/udp_group.h"
#include "ingest/hub/hub.h"
#include "ingest/io/log.h"
#include "ingest/io/socket.h"
#include "ingest/worker/worker.h"

namespace ingest::hub {
namespace {

constexpr std::size_t kWorkers = 2;
constexpr std::size_t kSenders = 8;  // the kernel deals datagrams by their source
constexpr int kSteps = 200;
constexpr int kDatagramsAStep = 20;
constexpr Millis kStep{50};
/// Longer than the test's own time, so that no thread can be so slow that a sample is late.
constexpr Millis kLateness{60'000};

/// Moved by one thread, read by all; both clocks are one number.
class SharedClock final : public Clock {
 public:
  WallTime wall() const override { return wall_from_ms(1'700'000'000'000 + passed_ms_); }
  MonoTime mono() const override { return MonoTime{Millis{1'000 + passed_ms_}}; }
  void advance(Millis by) { passed_ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> passed_ms_{0};
};

query::Query query_of(const std::string& json) {
  const auto query = query::parse_query(json, {});
  EXPECT_TRUE(query);
  return query ? *query : query::Query{};
}

/// What the newest window of each stream said last; and now and then somebody comes or goes.
class Sink final : public query::UpdateSink {
 public:
  Hub* hub = nullptr;
  std::map<query::StreamId, double> totals;
  void update(const query::Update& update) override {
    if (update.revision != query::Revision::Newest || update.values.empty()) return;
    totals[update.stream] = update.values.front();
  }
  void tick_done(WallTime /*now*/) override {
    if (passing_) {
      hub->unwatch(*passing_);
      passing_.reset();
    } else if (const auto watched = hub->watch(query_of(R"({"metric":"qu*"})"))) {
      passing_ = *watched;
    }
  }

 private:
  std::optional<query::StreamId> passing_;
};

class House {
 public:
  House() {
    auto sockets = *feed::open_udp_group(*io::Address::parse("127.0.0.1:0"), kWorkers,
                                         io::Logger{io::LogLevel::Error});
    const io::Address address = *io::local_address(sockets.front().get());
    for (auto& sender : senders_)
      sender = *io::udp_connect(address);
    std::vector<Hub::Worker> peers;
    for (std::uint32_t index = 0; index < kWorkers; ++index) {
      build_seat(index, std::move(sockets[index]));
      peers.push_back({&seats_[index].link, [loop = seats_[index].loop.get()] { loop->wake(); }});
    }
    hub_ = std::make_unique<Hub>(
        Hub::Options{.allowed_lateness = kLateness, .retention = 2 * kLateness}, std::move(peers),
        *hub_loop_);
    hub_->publish_to(sink_);
    sink_.hub = hub_.get();
    hub_->on_catalogue([this](const auto& made) { catalogue_series_ = made->series; });
    hits_ = *hub_->watch(query_of(R"({"metric":"hits","stats":["count"],"window":"60s"})"));
    hub_->start();
    hub_loop_->on_wake([this] {
      if (workers_done_ == kWorkers) hub_loop_->stop();
    });
  }

  void run() {
    std::thread hub{[this] { hub_loop_->run(); }};
    std::vector<std::thread> workers;
    for (Seat& seat : seats_)
      workers.emplace_back([this, &seat] { run_worker(seat); });
    std::thread reader{[this] { read_ledgers(); }};
    send_everything();
    stop_ = true;
    wake_all();
    for (std::thread& each : workers)
      each.join();
    hub.join();
    reader.join();
  }

  /// Ends the hub; what a stream says of all time then.
  double hits() {
    hub_->drain();
    return sink_.totals[hits_];
  }
  double quiet() {
    const auto id =
        *hub_->watch(query_of(R"({"metric":"quiet","stats":["count"],"window":"60s"})"));
    hub_->drain();
    return sink_.totals[id];
  }
  HubLedger ledger() const { return hub_->ledger(); }
  std::uint64_t produced() const {
    std::uint64_t samples = 0;
    for (const Seat& seat : seats_)
      samples += seat.worker->feeds().front().samples.produced;
    return samples;
  }
  bool always_added_up() const { return adds_up_; }
  std::uint64_t catalogue_series() const { return catalogue_series_; }

 private:
  struct Seat {
    model::HubLink link;
    std::unique_ptr<io::EventLoop> loop;
    feed::ReceiveRoom room;
    std::unique_ptr<worker::Worker> worker;
  };

  void build_seat(std::uint32_t index, io::Fd socket) {
    Seat& seat = seats_[index];
    seat.loop = *io::EventLoop::open(clock_);
    seat.worker = std::make_unique<worker::Worker>(
        worker::Worker::Options{.index = index, .allowed_lateness = kLateness},
        worker::Worker::Parts{.loop = seat.loop.get(), .link = &seat.link, .wake_hub = [this] {
                                hub_loop_->wake();
                              }});
    // Of a clock that stands still most of the time a rest would never end.
    ASSERT_TRUE(seat.worker->add_feed([&](const feed::FeedHome& home) {
      return feed::UdpFeed::open({.home = home,
                                  .name = "udp/statsd",
                                  .fd = std::move(socket),
                                  .codec = std::make_unique<codec::Statsd>(),
                                  .room = &seat.room,
                                  .rest = feed::UdpFeed::Rest::Never});
    }));
    seat.loop->on_wake([this, &seat] {
      if (stop_) seat.loop->stop();
    });
  }
  void run_worker(Seat& seat) {
    seat.worker->start();
    seat.loop->run();
    while (!seat.worker->drain()) {
      hub_loop_->wake();
      std::this_thread::yield();
    }
    ++workers_done_;
    hub_loop_->wake();
  }
  void send_everything() {
    std::uint64_t sent = 0;
    for (int step = 0; step < kSteps; ++step) {
      for (int i = 0; i < kDatagramsAStep; ++i) {
        const std::string text =
            "hits:1|c|#host:" + std::to_string(i) + "\nquiet:1:1|ms|#i:" + std::to_string(step % 7);
        const io::Fd& sender = senders_[static_cast<std::size_t>(i) % kSenders];
        ASSERT_EQ(::send(sender.get(), text.data(), text.size(), 0),
                  static_cast<ssize_t>(text.size()));
        sent += 3;
      }
      clock_.advance(kStep);
      wake_all();
      while (produced() < sent)  // so that the kernel never has to drop one
        std::this_thread::yield();
    }
  }
  void wake_all() {
    for (Seat& seat : seats_)
      seat.loop->wake();
    hub_loop_->wake();
  }
  void read_ledgers() {
    while (!stop_) {
      for (const Seat& seat : seats_) {
        const auto status = seat.worker->feeds().front();
        if (!status.samples.adds_up() || !status.ledger.lines.adds_up()) adds_up_ = false;
      }
      if (hub_->ledger().partials_unknown > 0) adds_up_ = false;
    }
  }

  SharedClock clock_;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> workers_done_{0};
  std::atomic<bool> adds_up_{true};
  std::uint64_t catalogue_series_ = 0;
  std::array<io::Fd, kSenders> senders_;
  Sink sink_;
  std::unique_ptr<io::EventLoop> hub_loop_ = *io::EventLoop::open(clock_);
  std::array<Seat, kWorkers> seats_;
  std::unique_ptr<Hub> hub_;
  query::StreamId hits_ = 0;
};

TEST(HubThreads, EverySampleOfASocketReachesAStream) {
  House house;
  house.run();
  constexpr double kDatagrams = double{kSteps} * kDatagramsAStep;
  EXPECT_EQ(house.produced(), static_cast<std::uint64_t>(3 * kDatagrams));
  EXPECT_EQ(house.hits(), kDatagrams);
  EXPECT_EQ(house.quiet(), 2 * kDatagrams);
  EXPECT_EQ(house.ledger().partials_late, 0U);
  EXPECT_EQ(house.ledger().partials_unknown, 0U);
  EXPECT_GT(house.ledger().ticks, 1U);
  EXPECT_EQ(house.catalogue_series(), 20U + 7U);
  EXPECT_TRUE(house.always_added_up());
}

}  // namespace
}  // namespace ingest::hub
