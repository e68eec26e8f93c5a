#pragma once
// Weir: everything that serves, in one thread and with a clock that the test moves: a UDP feed, the
// hub, the publisher and a House. The archive's thread is the hub's turn.

#include <nlohmann/json.hpp>

#include "gateway/publish/publisher.h"
#include "ingest/codec/statsd.h"
#include "ingest/feed/udp_feed.h"
#include "ingest/feed/udp_group.h"
#include "ingest/hub/hub.h"
#include "ingest/worker/worker.h"
#include "tests/gateway/server/house.h"

namespace tests {

struct Weir {
  /// `query_cost_max` is limits.query_cost.
  explicit Weir(gateway::server::Settings settings = {}, std::uint64_t query_cost_max = 100'000'000)
      : house(std::move(settings)) {
    auto opened = ingest::io::EventLoop::open(house.clock);
    CHECK(opened.has_value());
    hub_loop = *std::move(opened);
    house.wake_hub = [this] { hub_loop->wake(); };
    house.hub_turn = [this] { hub_loop->turn(0ms); };
    const auto wake_worker = [this] { house.worker->loop().wake(); };
    ingest = std::make_unique<ingest::worker::Worker>(
        ingest::worker::Worker::Options{},
        ingest::worker::Worker::Parts{.loop = &house.worker->loop(),
                                      .link = &link,
                                      .wake_hub = [this] { hub_loop->wake(); }});
    hub = std::make_unique<ingest::hub::Hub>(
        ingest::hub::Hub::Options{.query_cost_max = query_cost_max, .restores_from = {}},
        std::vector<ingest::hub::Hub::Worker>{{.link = &link, .wake = wake_worker}}, *hub_loop);
    publisher = std::make_unique<gateway::publish::Publisher>(
        gateway::publish::Publisher::Options{.epoch = house.settings.rules.epoch,
                                             .ring = {},
                                             .table = {},
                                             .query_cost_max = query_cost_max},
        *hub, *house.hub);
    hub->publish_to(*publisher);
    publisher->ask_of(hub->discovery());
    publisher->ask_of(hub->look_back([this](std::unique_ptr<ingest::archive::Job>& job) {
      jobs.push_back(std::move(job));
      return true;
    }));
    hub->on_annotations([this](const auto& news) { publisher->annotations(news); });
    hub->on_catalogue([this](auto catalogue) { publisher->catalogue(std::move(catalogue)); });
    hub_loop->on_wake([this] {
      house.hub->drain([this](const gateway::publish::ToHub& mail) { publisher->handle(mail); });
    });
    hub_loop->on_turn_end([this] {
      house.hub->flush();
      std::erase_if(jobs, [](const auto& job) {
        return job->turn(nullptr) == ingest::archive::Job::Turn::Done;
      });
    });
    open_feed();
    ingest->start();
    hub->start();
    house.turn(2);
  }
  Weir(const Weir&) = delete;
  Weir& operator=(const Weir&) = delete;
  ~Weir() {
    house.hub_turn = nullptr;
    house.wake_hub = nullptr;
  }

  void open_feed() {
    const auto any = ingest::io::Address::parse("127.0.0.1:0");
    auto sockets = ingest::feed::open_udp_group(*any, 1, house.log);
    CHECK(sockets.has_value());
    const auto bound = ingest::io::local_address(sockets->front().get());
    CHECK(bound.has_value());
    auto fed = ingest->add_feed([&](const ingest::feed::FeedHome& home) {
      return ingest::feed::UdpFeed::open({.home = home,
                                          .name = "udp/statsd",
                                          .fd = std::move(sockets->front()),
                                          .codec = std::make_unique<ingest::codec::Statsd>(),
                                          .room = &room,
                                          .rest = ingest::feed::UdpFeed::Rest::Never});
    });
    CHECK(fed.has_value());
    auto connected = ingest::io::udp_connect(*bound);
    CHECK(connected.has_value());
    sender = *std::move(connected);
  }
  void datagram(std::string_view line) {
    CHECK(::send(sender.get(), line.data(), line.size(), 0) == static_cast<ssize_t>(line.size()));
    house.turn(2);
  }
  /// To the next tick and a little beyond it.
  void tick() {
    house.clock.advance(250ms);
    for (int i = 0; i < 4; ++i)
      house.turn();
  }

  House house;
  ingest::model::HubLink link;
  std::unique_ptr<ingest::io::EventLoop> hub_loop;
  std::unique_ptr<ingest::hub::Hub> hub;
  std::unique_ptr<gateway::publish::Publisher> publisher;
  std::vector<std::unique_ptr<ingest::archive::Job>> jobs;  // of the archive's thread
  ingest::feed::ReceiveRoom room;
  std::unique_ptr<ingest::worker::Worker> ingest;
  ingest::io::Fd sender;
};

}  // namespace tests
