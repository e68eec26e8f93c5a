#include "gateway/server/api.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace gateway::server {
namespace {

using nlohmann::json;

json body(const http::Response& response) {
  return json::parse(http::body_bytes(response), nullptr, false);
}

TEST(Api, StatusSaysWhatListensWhere) {
  Settings settings;
  settings.version = "1.2.3";
  settings.rules.epoch = "01JDX8Q3";
  settings.started = ingest::wall_from_ms(5);
  settings.listeners = {{"http", "127.0.0.1:8080"}, {"udp/statsd", "127.0.0.1:8125"}};
  EXPECT_EQ(body(answer_status(settings, ingest::wall_from_ms(9),
                               StatusNumbers{.connections = 4, .series = 7})),
            json::parse(R"({
      "version":"1.2.3","epoch":"01JDX8Q3","now":9,"started":5,"connections":4,"series":7,
      "slow":[],"streams":[],"demo":false,
      "listeners":[{"what":"http","address":"127.0.0.1:8080"},
                   {"what":"udp/statsd","address":"127.0.0.1:8125"}]})"));
}

TEST(Api, StatusHoldsWhatTheWiringSaysOfIngest) {
  const json status =
      body(answer_status(Settings{}, ingest::wall_from_ms(9),
                         StatusNumbers{.ingest = R"({"feeds":[{"name":"udp/statsd"}]})"}));
  EXPECT_EQ(status.at("ingest").at("feeds").at(0).at("name"), "udp/statsd");
}

const publish::StreamList kStreams{{.metric = "http.*",
                                    .query = R"({"metric":"http.*"})",
                                    .rows = 12,
                                    .readers = 3,
                                    .cells_per_second = 24,
                                    .bytes = 999}};
StatusNumbers with_the_slow(Audience audience) {
  StatusNumbers numbers{.streams = &kStreams, .audience = audience};
  numbers.slow.push_back({.address = "192.0.2.1:4711",
                          .identity = "ops",
                          .over = "websocket",
                          .subs = 2,
                          .behind = 5,
                          .lag = {.who = {}, .skipped = 3, .demoted = 1, .held = 4}});
  return numbers;
}

TEST(Api, AReaderSeesHowOthersFareAndNotWhoTheyAre) {
  const json status =
      body(answer_status(Settings{}, ingest::wall_from_ms(9), with_the_slow(Audience::Reader)));
  EXPECT_EQ(status["slow"], json::parse(R"([{"over":"websocket","subs":2,"behind":5,"skipped":3,
                                             "demoted":1,"held":4}])"));
  EXPECT_EQ(status["streams"], json::parse(R"([{"metric":"http.*","rows":12,"readers":3,
                                                "cells_per_second":24,"bytes":999}])"));
}

TEST(Api, AnAdminSeesWhoTheyAreAndWhatTheyAsk) {
  const json status =
      body(answer_status(Settings{}, ingest::wall_from_ms(9), with_the_slow(Audience::Admin)));
  EXPECT_EQ(status["slow"][0]["address"], "192.0.2.1:4711");
  EXPECT_EQ(status["slow"][0]["name"], "ops");
  EXPECT_EQ(status["streams"][0]["query"]["metric"], "http.*");
}

TEST(Api, StatusWithoutNumbersCountsNothing) {
  const json status = body(answer_status(Settings{}, ingest::wall_from_ms(9), std::nullopt));
  for (const char* name : {"connections", "series", "ingest", "slow", "streams"})
    EXPECT_FALSE(status.contains(name)) << name;
}

}  // namespace
}  // namespace gateway::server
