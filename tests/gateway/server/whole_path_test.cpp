// The main path in one thread and with a clock that the test moves: a StatsD datagram in, `snap`
// and `u` out over a real WebSocket. Every object is the one that serves.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "gateway/publish/publisher.h"
#include "ingest/codec/statsd.h"
#include "ingest/feed/udp_feed.h"
#include "ingest/feed/udp_group.h"
#include "ingest/hub/hub.h"
#include "ingest/worker/worker.h"
#include "tests/gateway/server/house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

using nlohmann::json;
namespace publish = gateway::publish;

struct Weir {
  Weir() {
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
        ingest::hub::Hub::Options{},
        std::vector<ingest::hub::Hub::Worker>{{.link = &link, .wake = wake_worker}}, *hub_loop);
    publisher = std::make_unique<publish::Publisher>(
        publish::Publisher::Options{.epoch = house.settings.rules.epoch, .ring = {}, .table = {}},
        *hub, *house.hub);
    hub->publish_to(*publisher);
    publisher->ask_of(hub->look_back([this](std::unique_ptr<ingest::archive::Job>& job) {
      jobs.push_back(std::move(job));
      return true;
    }));
    hub->on_annotations([this](const auto& news) { publisher->annotations(news); });
    hub->on_catalogue([this](auto catalogue) { publisher->catalogue(std::move(catalogue)); });
    hub_loop->on_wake([this] {
      house.hub->drain([this](publish::ToHub&& mail) { publisher->handle(std::move(mail)); });
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
  std::unique_ptr<publish::Publisher> publisher;
  std::vector<std::unique_ptr<ingest::archive::Job>> jobs;  // of the archive's thread
  ingest::feed::ReceiveRoom room;
  std::unique_ptr<ingest::worker::Worker> ingest;
  ingest::io::Fd sender;
};

json message(Visitor& visitor) {
  return json::parse(visitor.text(), nullptr, false);
}

/// The next `u` that has rows, ticking meanwhile.
json update_with_rows(Weir& weir, Visitor& visitor, int ticks) {
  for (int i = 0; i < ticks; ++i) {
    weir.tick();
    visitor.poll();
    while (!visitor.heard().empty()) {
      json heard = message(visitor);
      if (heard.value("t", "") == "u" && !heard["i"].empty()) return heard;
    }
  }
  return {};
}

constexpr std::string_view kSub =
    R"({"t":"sub","id":1,"rate":"250ms","q":{"metric":"checkout.latency","by":["route"],)"
    R"("window":"10s","slide":"1s","stats":["count","p99","max"]}})";

TEST(WholePath, ADatagramIsThereWhenThePastIsAskedFor) {
  Weir weir;
  const std::int64_t start = ingest::to_ms(weir.house.clock.wall());
  weir.datagram("checkout.latency:40|ms|#route:/pay\ncheckout.latency:60|ms|#route:/buy");
  for (int i = 0; i < 8; ++i)
    weir.tick();
  Visitor visitor(weir.house);
  const std::string answer = visitor.get(
      "/api/v1/query_range?metric=checkout.latency&by=route&stats=count,max&window=1s&start=" +
      std::to_string(start - 1'000));
  const json body = json::parse(answer.substr(answer.find("\r\n\r\n") + 4), nullptr, false);
  ASSERT_EQ(body.value("k", json{}), json::parse(R"([["/buy"],["/pay"]])")) << answer;
  const json& counts = body["c"][0][0];
  const auto at = static_cast<std::size_t>(std::ranges::find(counts, json(1)) - counts.begin());
  ASSERT_LT(at, body["ts"].size());
  EXPECT_EQ(body["c"][1][0][at], 60);
  EXPECT_EQ(body["c"][1][1][at], 40);
  EXPECT_TRUE(body["next"].is_null());
  const std::string none =
      visitor.get("/api/v1/query_range?metric=nothing&start=" + std::to_string(start - 1'000));
  EXPECT_NE(none.find(R"("k":[])"), std::string::npos) << none;
}

TEST(WholePath, ADatagramReachesASubscriberWithinATick) {
  Weir weir;
  Visitor browser(weir.house);
  ASSERT_TRUE(browser.upgrade(text_frame(kSub)));
  const json subd = message(browser);
  ASSERT_EQ(subd["t"], "subd") << subd;
  EXPECT_EQ(subd["fields"], json::parse(R"(["count","max","p99"])"));
  weir.tick();
  weir.tick();
  const json snap = message(browser);
  ASSERT_EQ(snap["t"], "snap") << snap;
  EXPECT_EQ(snap["n"], 0);

  weir.datagram("checkout.latency:12.5|ms|#route:/pay");
  const json u = update_with_rows(weir, browser, 2);
  ASSERT_EQ(u["t"], "u") << u;
  EXPECT_EQ(u["n"], 1);
  EXPECT_EQ(u["d"]["k"], json::parse(R"([["/pay"]])"));
  EXPECT_EQ(u["c"], json::parse("[[1],[12.5],[12.5]]"));
}

TEST(WholePath, TwoReadersGetTheSameBytesEncodedOnce) {
  Weir weir;
  Visitor one(weir.house);
  Visitor two(weir.house);
  for (Visitor* visitor : {&one, &two})
    ASSERT_TRUE(visitor->upgrade(text_frame(kSub)));
  const json first = message(one);
  const json second = message(two);
  EXPECT_EQ(first["ch"], second["ch"]);
  for (int i = 0; i < 3; ++i)
    weir.tick();
  one.text();
  two.text();
  const std::uint64_t encoded = weir.publisher->ledger().read().frames_encoded;
  const std::uint64_t sent = weir.house.worker->counts().frames_sent.get();
  weir.datagram("checkout.latency:3|ms|#route:/a");
  weir.tick();
  weir.tick();
  std::string all_one;
  std::string all_two;
  one.poll();
  two.poll();
  while (!one.heard().empty())
    all_one += one.text();
  while (!two.heard().empty())
    all_two += two.text();
  EXPECT_NE(all_one.find("/a"), std::string::npos);
  const auto from = [](const std::string& text) { return text.substr(text.find(R"({"t":"u")")); };
  EXPECT_EQ(from(all_one), from(all_two));
  const std::uint64_t encodings = weir.publisher->ledger().read().frames_encoded - encoded;
  EXPECT_GE(encodings, 1U);
  EXPECT_LE(weir.house.worker->counts().frames_sent.get() - sent, 2 * encodings);
}

TEST(WholePath, WhatIsRefusedByTheHubIsToldAndTheConnectionGoesOn) {
  Weir weir;
  Visitor browser(weir.house);
  ASSERT_TRUE(browser.upgrade(text_frame(R"({"t":"hello","v":1})")));
  EXPECT_EQ(message(browser)["t"], "welcome");
  browser.send(text_frame(R"({"t":"sub","id":7,"q":{"metric":"a","stats":["p500"]}})"));
  const json refused = message(browser);
  EXPECT_EQ(refused["t"], "err");
  EXPECT_EQ(refused["id"], 7);
  browser.send(text_frame(R"({"t":"sub","id":7,"q":{"metric":"a"}})"));
  EXPECT_EQ(message(browser)["t"], "subd");
}

TEST(WholePath, TheCatalogueReachesTheApi) {
  Weir weir;
  weir.datagram("shop.orders:3|c|#region:eu");
  for (int i = 0; i < 12; ++i)
    weir.tick();
  Visitor visitor(weir.house);
  const std::string answer = visitor.get("/api/v1/metrics?match=shop.*");
  EXPECT_NE(answer.find(R"("name":"shop.orders","kind":"counter","series":1)"), std::string::npos)
      << answer;
  EXPECT_NE(visitor.get("/api/v1/tags?metric=shop.orders").find(R"("value":"eu")"),
            std::string::npos);
}

TEST(WholePath, AnEventAndAServiceCheckReachTheApi) {
  Weir weir;
  weir.datagram("_e{6,10}:deploy|v2\\nby|ada|h:web-1|t:success|#env:prod");
  weir.datagram("_sc|db.up|2|h:db-1|m:<script>no|answer</script>");
  weir.tick();
  weir.tick();
  Visitor visitor(weir.house);
  const json events = json::parse(body_of(visitor.get("/api/v1/events")), nullptr, false);
  ASSERT_EQ(events["items"].size(), 2U);
  EXPECT_EQ(events["items"][0]["title"], "db.up");
  EXPECT_EQ(events["items"][1]["title"], "deploy");
  EXPECT_EQ(events["items"][1]["text"], "v2\nby|ada");
  EXPECT_EQ(events["items"][1]["level"], "success");
  EXPECT_EQ(events["items"][1]["tags"]["env"], "prod");
  EXPECT_EQ(events["epoch"], weir.house.settings.rules.epoch);
  const json checks = json::parse(body_of(visitor.get("/api/v1/checks")), nullptr, false);
  ASSERT_EQ(checks["items"].size(), 1U);
  EXPECT_EQ(checks["items"][0]["status"], "critical");
  EXPECT_EQ(checks["items"][0]["message"], "<script>no|answer</script>");
}

TEST(WholePath, BeforeTheFirstEventTheListIsEmpty) {
  Weir weir;
  Visitor visitor(weir.house);
  const json events = json::parse(body_of(visitor.get("/api/v1/events")), nullptr, false);
  EXPECT_TRUE(events["items"].empty());
  EXPECT_EQ(events["newest"], 0);
}

TEST(WholePath, AGarbageDatagramHurtsNobody) {
  Weir weir;
  Visitor browser(weir.house);
  ASSERT_TRUE(browser.upgrade(text_frame(kSub)));
  weir.tick();
  weir.tick();
  EXPECT_EQ(message(browser)["t"], "subd");
  EXPECT_EQ(message(browser)["t"], "snap");
  weir.datagram("\xff\xfe garbage |||");
  weir.datagram("checkout.latency:1|ms|#route:/pay");
  EXPECT_EQ(update_with_rows(weir, browser, 12)["t"], "u");
}

}  // namespace
}  // namespace tests
