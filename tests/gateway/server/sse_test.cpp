// Event streams: the same frames as over a WebSocket, as `curl -N` and EventSource read them.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/gateway/server/whole_house.h"

namespace tests {
namespace {

using gateway::server::Ended;
using nlohmann::json;

// {"metric":"m","by":["k"],"stats":["count"]}
constexpr std::string_view kQuery =
    "q=%7B%22metric%22:%22m%22,%22by%22:%5B%22k%22%5D,%22stats%22:%5B%22count%22%5D%7D&rate=250ms";

std::string get(std::string_view parameters, std::string_view headers = "",
                std::string_view method = "GET") {
  return std::string{method} + " /v1/stream?" + std::string{parameters} +
         " HTTP/1.1\r\nHost: localhost\r\n" + std::string{headers} + "\r\n";
}

struct Event {
  std::string data;
  std::string id;
  std::string retry;
  json message() const { return json::parse(data, nullptr, false); }
};

/// Reads events as WHATWG HTML section 9.2.6 says, no more than it needs.
class EventReader {
 public:
  EventReader(Weir& weir, std::string_view request, int receive_buffer = 0)
      : weir_(weir), visitor(weir.house, receive_buffer) {
    visitor.send(request);
    visitor.wait([&] {
      buffer_ += visitor.take_heard();
      return buffer_.find("\r\n\r\n") != std::string::npos;
    });
    const std::size_t end = buffer_.find("\r\n\r\n");
    head = buffer_.substr(0, end);
    buffer_.erase(0, end == std::string::npos ? end : end + 4);
  }
  /// Those that are there now.
  std::vector<Event> events() {
    weir_.house.turn(3);
    visitor.poll();
    buffer_ += visitor.take_heard();
    std::vector<Event> all;
    for (std::size_t end = buffer_.find("\n\n"); end != std::string::npos;
         end = buffer_.find("\n\n")) {
      all.push_back(parse(buffer_.substr(0, end + 1)));
      buffer_.erase(0, end + 2);
    }
    return all;
  }
  const std::string& rest() const { return buffer_; }

 private:
  static Event parse(const std::string& block) {
    Event event;
    std::map<std::string, std::string*> fields{
        {"data", &event.data}, {"id", &event.id}, {"retry", &event.retry}};
    for (std::size_t at = 0; at < block.size();) {
      const std::size_t end = block.find('\n', at);
      const std::string line = block.substr(at, end - at);
      const std::size_t colon = line.find(": ");
      const auto field = fields.find(line.substr(0, colon));
      EXPECT_NE(field, fields.end()) << line;
      if (field != fields.end()) *field->second = line.substr(colon + 2);
      at = end + 1;
    }
    return event;
  }

  Weir& weir_;
  std::string buffer_;

 public:
  Visitor visitor;
  std::string head;
};

std::vector<std::string> types(const std::vector<Event>& events) {
  std::vector<std::string> all;
  for (const Event& event : events)
    all.push_back(event.message().value("t", "no JSON: " + event.data));
  return all;
}

void run(Weir& weir, int ticks) {
  for (int i = 0; i < ticks; ++i) {
    weir.datagram("m:1|c|#k:a");
    weir.tick();
  }
}

TEST(Sse, ShowsSubdThenSnapThenUAsTheSamePayloadAsAWebSocket) {
  Weir weir;
  EventReader reader{weir, get(kQuery)};
  EXPECT_TRUE(reader.head.starts_with("HTTP/1.1 200 ")) << reader.head;
  EXPECT_NE(reader.head.find("Content-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(reader.head.find("Cache-Control: no-store"), std::string::npos);
  EXPECT_EQ(reader.head.find("Content-Length"), std::string::npos);
  Visitor browser(weir.house);
  ASSERT_TRUE(browser.upgrade(text_frame(
      R"({"t":"sub","id":1,"rate":250,"q":{"metric":"m","by":["k"],"stats":["count"]}})")));
  run(weir, 8);
  const std::vector<Event> events = reader.events();
  ASSERT_GE(events.size(), 5U);
  EXPECT_EQ(types(events)[0], "subd");
  EXPECT_EQ(types(events)[1], "snap");
  EXPECT_EQ(types(events)[2], "u");
  for (const Event& event : events)
    EXPECT_EQ(event.data, browser.text());
  EXPECT_EQ(events[0].id, "");
  for (std::size_t i = 1; i < events.size(); ++i) {
    const json message = events[i].message();
    EXPECT_EQ(events[i].id, "01JDX8Q3;" + message["ch"].dump() + "." + message["s"].dump());
  }
}

TEST(Sse, LastEventIdGoesOnWithNothingMissingAndNothingTwice) {
  Weir weir;
  std::string id;
  std::int64_t s = 0;
  {
    EventReader reader{weir, get(kQuery)};
    run(weir, 8);
    const Event last = reader.events().back();
    id = last.id;
    s = last.message()["s"];
  }
  run(weir, 8);
  EventReader again{weir, get(kQuery, "Last-Event-ID: " + id + "\r\n")};
  run(weir, 4);
  const std::vector<Event> events = again.events();
  ASSERT_GE(events.size(), 12U);
  EXPECT_EQ(events[0].message()["mode"], "replay");
  for (std::size_t i = 1; i < events.size(); ++i) {
    EXPECT_EQ(events[i].message()["t"], "u");
    EXPECT_EQ(events[i].message()["s"], s + static_cast<std::int64_t>(i));
  }
}

TEST(Sse, APlaceOfAnotherRunOrNoneAtAllBringsASnapshot) {
  Weir weir;
  run(weir, 4);
  for (const auto& [id, why] : std::map<std::string, std::string>{{"01OLDRUN;1.5", "epoch_changed"},
                                                                  {"01JDX8Q3;99.5", "too_old"},
                                                                  {"01JDX8Q3;0.0", "new"},
                                                                  {"nonsense", "new"},
                                                                  {"01JDX8Q3;1.x", "new"}}) {
    EventReader reader{weir, get(kQuery, "Last-Event-ID: " + id + "\r\n")};
    run(weir, 4);
    const std::vector<Event> events = reader.events();
    ASSERT_GE(events.size(), 2U);
    EXPECT_EQ(events[0].message()["why"], why) << id;
    EXPECT_EQ(events[1].message()["t"], "snap");
  }
}

TEST(Sse, AllSubscriptionsOfAPageShareOneStreamAndItsId) {
  Weir weir;
  // [{"id":7,"q":{"metric":"m"}},{"id":8,"q":{}},{"id":9,"q":{"metric":"n"},"rate":"500ms"}]
  const std::string subs =
      "subs=%5B%7B%22id%22:7,%22q%22:%7B%22metric%22:%22m%22%7D%7D,%7B%22id%22:8,%22q%22:%7B%7D%7D,"
      "%7B%22id%22:9,%22q%22:%7B%22metric%22:%22n%22%7D,%22rate%22:%22500ms%22%7D%5D";
  std::string id;
  {
    EventReader reader{weir, get(subs)};
    run(weir, 12);
    const std::vector<Event> events = reader.events();
    std::map<int, json> subds;
    for (const Event& event : events) {
      if (event.message()["t"] == "subd") subds[event.message()["id"]] = event.message();
      if (event.message()["t"] == "err") {
        EXPECT_EQ(event.message()["id"], 8);
      }
    }
    ASSERT_EQ(subds.size(), 2U);
    id = events.back().id;
    EXPECT_TRUE(id.starts_with("01JDX8Q3;" + subds[7]["ch"].dump() + ".")) << id;
    EXPECT_NE(id.find(",0.0," + subds[9]["ch"].dump() + "."), std::string::npos) << id;
  }
  EventReader again{weir, get(subs, "Last-Event-ID: " + id + "\r\n")};
  run(weir, 1);
  for (const Event& event : again.events()) {
    if (event.message()["t"] == "subd") {
      EXPECT_EQ(event.message()["mode"], "replay");
    }
  }
}

TEST(Sse, HistoryComesFirst) {
  Weir weir;
  run(weir, 40);
  EventReader reader{weir, get(std::string{kQuery} + "&history=5s")};
  for (int i = 0; i < 4; ++i)
    weir.tick();
  const std::vector<std::string> begin{"subd", "range", "snap"};
  const auto seen = types(reader.events());
  ASSERT_GE(seen.size(), 3U);
  EXPECT_EQ((std::vector<std::string>{seen.begin(), seen.begin() + 3}), begin);
}

TEST(Sse, WhatCannotBeAskedIsRefusedWithItsCodeAsHttp) {
  Weir weir;
  Visitor visitor(weir.house);
  const std::vector<std::pair<std::string, int>> cases{
      {"", 6004},                                          // no query
      {"q=%7B%22metric%22:%22m%22%7D&subs=%5B%5D", 6004},  // two
      {"q=nonsense", 2001},
      {"q=%7B%7D", 2002},
      {"q=%7B%22metric%22:%22m%22%7D&rate=never", 6004},
      {"q=%7B%22metric%22:%22m%22,%22stats%22:%5B%22p500%22%5D%7D", 2004},
      {"subs=%5B%5D", 6004},
      {"subs=7", 6004},
      {"subs=%5B7%5D", 6004},
      {"q=" + std::string(40, '['), 2001}};
  for (const auto& [parameters, code] : cases) {
    visitor.send(get(parameters));
    const std::string answer = visitor.answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << parameters << "\n" << answer;
    EXPECT_NE(answer.find("\"n\":" + std::to_string(code)), std::string::npos) << parameters << "\n"
                                                                               << answer;
  }
  visitor.send(get(kQuery, "", "DELETE"));
  EXPECT_TRUE(visitor.answer().starts_with("HTTP/1.1 405 "));
  visitor.send(get(kQuery, "", "OPTIONS"));
  EXPECT_TRUE(visitor.answer().starts_with("HTTP/1.1 204 "));
  EXPECT_EQ(weir.house.worker->counts().event_streams.get(), 0U);
}

TEST(Sse, TheOriginRuleIsThatOfTheWebSocket) {
  gateway::server::Settings settings;
  settings.origins = {"https://grafana.example"};
  Weir weir{settings};
  const std::map<std::string, int> origins{
      {"https://evil.example", 403}, {"http://localhost", 200}, {"https://grafana.example", 200}};
  for (const auto& [origin, status] : origins) {
    EventReader reader{weir, get(kQuery, "Origin: " + origin + "\r\n")};
    EXPECT_TRUE(reader.head.starts_with("HTTP/1.1 " + std::to_string(status))) << reader.head;
    const bool shared =
        reader.head.find("Access-Control-Allow-Origin: " + origin) != std::string::npos;
    EXPECT_EQ(shared, origin == "https://grafana.example");
  }
  Visitor rebound(weir.house);
  rebound.send("GET /v1/stream?" + std::string{kQuery} + " HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_TRUE(rebound.answer().starts_with("HTTP/1.1 421 "));
}

TEST(Sse, ASilentStreamHearsHbEveryTenSeconds) {
  Weir weir;
  EventReader reader{
      weir, get("rate=1m&q=%7B%22metric%22:%22m%22,%22window%22:%221m%22,%22slide%22:%221m%22%7D")};
  run(weir, 2);
  reader.events();
  std::size_t heartbeats = 0;
  for (int i = 0; i < 31 * 4; ++i) {
    weir.tick();
    for (const Event& event : reader.events())
      heartbeats += event.message()["t"] == "hb" ? 1 : 0;
  }
  EXPECT_GE(heartbeats, 2U);
  EXPECT_LE(heartbeats, 3U);
}

TEST(Sse, WhoLeavesReadsNothingAnyMore) {
  Weir weir;
  {
    EventReader reader{weir, get(kQuery)};
    run(weir, 4);
    weir.tick();
    EXPECT_EQ(weir.publisher->ledger().read().readers, 1U);
  }
  run(weir, 4);
  EXPECT_EQ(weir.publisher->ledger().read().readers, 0U);
  EXPECT_EQ(weir.house.dealer.connections(), 0U);
}

TEST(Sse, ASlowReaderGetsWholeEventsAndItsNeighbourNoDelay) {
  Weir weir;
  EventReader slow{weir, get(kQuery), 4096};
  EventReader fast{weir, get(kQuery)};
  std::size_t events = 0;
  std::int64_t newest = 0;
  for (int i = 0; i < 60; ++i) {  // 200 new rows a tick
    std::string lines;
    for (int row = 0; row < 200; ++row) {
      lines += "m:1|c|#k:" + std::to_string(i) + "-" + std::to_string(row) + "\n";
      if (row % 50 == 49) weir.datagram(std::exchange(lines, {}));
    }
    weir.tick();
    for (const Event& event : fast.events()) {
      ASSERT_TRUE(event.message().is_object());
      ++events;
      newest = event.message().value("s", newest);
    }
  }
  EXPECT_GE(events, 60U);
  std::int64_t s = -1;
  for (int i = 0; i < 400; ++i) {
    weir.house.turn();
    for (const Event& event : slow.events()) {
      const json message = event.message();
      ASSERT_TRUE(message.is_object()) << event.data.substr(0, 200);
      if (message["t"] != "u") continue;
      if (s >= 0) {
        ASSERT_EQ(message["s"], s + 1);
      }
      s = message["s"];
    }
  }
  EXPECT_EQ(s, newest);
}

TEST(Sse, WhoTakesNoByteForThirtySecondsIsCutOff) {
  Weir weir;
  EventReader stuck{weir, get(kQuery), 4096};
  for (int i = 0; i < 400 && weir.house.worker->counts().short_writes.get() == 0; ++i) {
    for (int part = 0; part < 4; ++part) {
      std::string lines;
      for (int row = 0; row < 50; ++row)
        lines += "m:1|c|#k:" + std::to_string(i * 200 + part * 50 + row) + "-" +
                 std::string(200, 'x') + "\n";
      weir.datagram(lines);
    }
    weir.tick();
  }
  ASSERT_GT(weir.house.worker->counts().short_writes.get(), 0U);
  weir.house.pass(31s);
  EXPECT_EQ(weir.house.ended(Ended::Stalled), 1U);
  EXPECT_EQ(weir.house.dealer.connections(), 0U);
}

TEST(Sse, StopSaysByeAndWhenToComeBackAndEnds) {
  Weir weir;
  std::set<std::string> retries;
  std::vector<std::unique_ptr<EventReader>> readers;
  for (int i = 0; i < 20; ++i)
    readers.push_back(std::make_unique<EventReader>(weir, get(kQuery)));
  run(weir, 4);
  for (const auto& reader : readers)
    reader->events();
  weir.house.worker->stop();
  for (const auto& reader : readers) {
    const std::vector<Event> events = reader->events();
    ASSERT_EQ(types(events), std::vector<std::string>{"bye"});
    retries.insert(events[0].retry);
    const int after = std::stoi(events[0].retry);
    EXPECT_GE(after, 250);
    EXPECT_LE(after, 8'000);
    EXPECT_TRUE(reader->visitor.wait_closed());
  }
  EXPECT_GT(retries.size(), 10U);
  readers.clear();
  weir.house.turn(5);
  EXPECT_TRUE(weir.house.worker->is_drained());
}

TEST(Sse, HeadGetsTheHeadAlone) {
  Weir weir;
  EventReader reader{weir, get(kQuery, "", "HEAD")};
  EXPECT_TRUE(reader.head.starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(reader.visitor.wait_closed());
  EXPECT_EQ(reader.rest(), "");
}

}  // namespace
}  // namespace tests
