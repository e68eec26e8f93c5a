// The subscription protocol over a real socket, from the datagram to the client's table: what the
// tests of the publisher prove with streams that they make up.

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "tests/gateway/publish/client_model.h"
#include "tests/gateway/server/http_answer.h"
#include "tests/gateway/server/whole_house.h"

namespace tests {
namespace {

using gateway::publish::test::ClientModel;
using gateway::publish::test::Table;
using nlohmann::json;

/// A subscriber who reads everything, applies it, and counts what it weighs.
class Client {
 public:
  Client(Weir& weir, const std::string& first) : house_(weir.house), visitor_(weir.house) {
    CHECK(visitor_.upgrade(text_frame(first)));
  }
  void say(const std::string& message) { visitor_.send(text_frame(message)); }
  void hear() {
    house_.turn(4);
    visitor_.poll();
    while (!visitor_.heard().empty()) {
      const std::string text = visitor_.text();
      if (!text.starts_with('{')) continue;  // a ping
      bytes += text.size();
      model.take(text);
    }
  }
  const Table& table() { return model.tables.at(model.channels.at(1)); }
  std::uint64_t ch() { return model.channels.at(1); }

  ClientModel model;
  std::size_t bytes = 0;

 private:
  House& house_;
  Visitor visitor_;
};

void tick(Weir& weir, Client& client, int ticks = 1) {
  for (int i = 0; i < ticks; ++i) {
    weir.tick();
    client.hear();
  }
}
std::string sub(const std::string& query, const std::string& rate, const std::string& more = "") {
  return R"({"t":"sub","id":1,"rate":")" + rate + R"(","q":)" + query + more + "}";
}
const std::string kLatency =
    R"({"metric":"checkout.latency","by":["route"],"window":"3s","slide":"1s",)"
    R"("stats":["count","p99","max"]})";

TEST(WholeProtocol, EachTickIsEncodedOnceAndSentToEachReaderOnce) {
  Weir weir;
  Client one(weir, sub(kLatency, "250ms"));
  Client two(weir, sub(kLatency, "250ms"));
  for (int i = 0; i < 5; ++i) {
    tick(weir, one);
    two.hear();
  }
  ASSERT_EQ(one.ch(), two.ch());
  const auto encoded = [&] { return weir.publisher->ledger().read().frames_encoded; };
  const auto sent = [&] { return weir.house.worker->counts().frames_sent.get(); };
  for (int i = 0; i < 8; ++i) {
    const std::uint64_t encoded_before = encoded();
    const std::uint64_t sent_before = sent();
    weir.datagram("checkout.latency:" + std::to_string(100 + i) + "|ms|#route:/a");
    tick(weir, one);
    two.hear();
    EXPECT_EQ(encoded() - encoded_before, 1U) << i;
    EXPECT_EQ(sent() - sent_before, 2U) << i;
  }
  EXPECT_EQ(one.table(), two.table());
}

TEST(WholeProtocol, SnapAndUpdatesAreAFreshSnapAtEachTick) {
  Weir weir;
  Client early(weir, sub(kLatency, "250ms"));
  tick(weir, early, 3);
  std::mt19937 random{11};
  for (int i = 0; i < 80; ++i) {
    // New routes come, and those of the last window's time leave again.
    for (std::uint32_t n = random() % 4; n > 0; --n) {
      weir.datagram("checkout.latency:" + std::to_string(random() % 1'000) + "|ms|#route:/" +
                    std::to_string(i / 16) + "/" + std::to_string(random() % 5));
    }
    tick(weir, early);
    Client fresh(weir, sub(kLatency, "250ms"));
    fresh.hear();
    early.hear();
    ASSERT_EQ(fresh.ch(), early.ch());
    ASSERT_EQ(fresh.model.count("snap"), 1U) << i;
    EXPECT_EQ(early.table(), fresh.table()) << "after tick " << i;
  }
  EXPECT_EQ(early.model.count("snap"), 1U);
}

TEST(WholeProtocol, ModToACoarserRateGivesWhatADirectQueryGives) {
  Weir weir;
  Client client(weir, sub(kLatency, "100ms"));
  tick(weir, client, 2);
  EXPECT_EQ((*client.model.last("subd"))["rate"], 250) << "the tick";
  const std::uint64_t fine = client.ch();
  client.say(R"({"t":"mod","id":1,"rate":"5s"})");
  tick(weir, client);
  const json subd = *client.model.last("subd");
  EXPECT_EQ(subd["rate"], 5'000);
  ASSERT_NE(client.ch(), fine);
  std::map<json, std::map<json, json>> told;  // by window and key
  for (int i = 0; i < 100; ++i) {
    weir.datagram("checkout.latency:" + std::to_string(i * 37 % 1'000) + "|ms|#route:/" +
                  std::to_string(i % 3));
    tick(weir, client);
    if (!client.model.tables.contains(client.ch())) continue;
    for (const auto& [index, row] : client.table().rows)
      told[client.table().window][row.key] = row.values;
  }
  EXPECT_GE(told.size(), 5U) << "25 s at a frame each 5 s";
  for (const auto& [window, rows] : told) {
    Visitor http(weir.house);
    http.send("POST /api/v1/query?time=" + window[1].dump() +
              " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(kLatency.size()) +
              "\r\n\r\n" + kLatency);
    const json direct = json::parse(body_of(http.answer()), nullptr, false);
    ASSERT_EQ(direct.value("w", json{}), window) << direct;
    ASSERT_EQ(direct["k"].size(), rows.size()) << direct;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const json& values = rows.at(direct["k"][row]);
      // The answer's fields stand in the order of their names, as those of a frame do.
      for (std::size_t field = 0; field < values.size(); ++field)
        EXPECT_EQ(direct["c"][field][row], values[field]) << direct;
    }
  }
}

TEST(WholeProtocol, UnsubEndsFramesAtOnceAndTheChannelsMemoryComesBackAfterAMinute) {
  Weir weir;
  Client client(weir, sub(kLatency, "250ms"));
  weir.datagram("checkout.latency:1|ms|#route:/a");
  tick(weir, client, 5);
  ASSERT_GT(client.model.count("u"), 0U);
  client.say(R"({"t":"unsub","id":1})");
  client.hear();
  EXPECT_EQ(client.model.order.back(), "unsubd");
  const std::size_t before = client.model.order.size();
  weir.datagram("checkout.latency:2|ms|#route:/a");
  tick(weir, client, 4);
  EXPECT_EQ(client.model.order.size(), before);
  constexpr int kTicksOfAMinute = 240;
  for (int i = 0; i < kTicksOfAMinute - 10; ++i)
    weir.tick();
  EXPECT_EQ(weir.publisher->ledger().read().lingering, 1U);
  for (int i = 0; i < 10; ++i)
    weir.tick();
  EXPECT_EQ(weir.publisher->ledger().read().channels, 0U);
  EXPECT_EQ(weir.publisher->held_bytes(), 0U);
}

TEST(WholeProtocol, APlaceInTheChannelOfAnotherQueryGivesASnapshotAndNoneOfItsFrames) {
  Weir weir;
  Client other(weir, sub(kLatency, "250ms"));
  weir.datagram("checkout.latency:1|ms|#route:/a\nstock.level:5|g|#item:x");
  tick(weir, other, 5);
  const std::string from = R"(,"from":{"epoch":")" + weir.house.settings.rules.epoch +
                           R"(","ch":)" + std::to_string(other.ch()) + R"(,"s":1})";
  Client client(weir,
                sub(R"({"metric":"stock.level","by":["item"],"stats":["last"]})", "250ms", from));
  tick(weir, client, 3);
  const json subd = *client.model.last("subd");
  EXPECT_EQ(subd["mode"], "snapshot");
  EXPECT_EQ(subd["why"], "query_changed");
  EXPECT_NE(subd["ch"], other.ch());
  ASSERT_EQ(client.model.tables.size(), 1U) << "only its own channel";
  ASSERT_EQ(client.table().rows.size(), 1U);
  EXPECT_EQ(client.table().rows.begin()->second.key, json::parse(R"(["x"])"));
}

TEST(WholeProtocol, TenThousandRowsOfWhichAFifthChangesCostAtMost100KBASecond) {
  constexpr int kRows = 10'000;
  Weir weir;
  const auto levels = [&](int second, int step) {
    std::string lines;
    for (int row = second % step; row < kRows; row += step) {
      lines += "stock.level:" + std::to_string((row * 7 + second * 13) % 10'000) + "|g|#item:i" +
               std::to_string(row) + "\n";
      if (lines.size() < 8'000) continue;
      weir.datagram(lines);
      lines.clear();
    }
    if (!lines.empty()) weir.datagram(lines);
  };
  levels(0, 1);
  Client client(weir, sub(R"({"metric":"stock.level","by":["item"],"stats":["last"]})", "1s"));
  tick(weir, client, 8);
  ASSERT_EQ(client.table().rows.size(), static_cast<std::size_t>(kRows));
  constexpr std::size_t kSeconds = 10;
  client.bytes = 0;
  const std::size_t frames = client.model.count("u");
  for (std::size_t second = 1; second <= kSeconds; ++second) {
    levels(static_cast<int>(second), 5);
    tick(weir, client, 4);
  }
  EXPECT_GE(client.model.count("u") - frames, kSeconds);
  EXPECT_LE(client.bytes / kSeconds, 100'000U);
  EXPECT_GE(client.bytes / kSeconds, 15'000U) << "the rows are really there";
}

}  // namespace
}  // namespace tests
