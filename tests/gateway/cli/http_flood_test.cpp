// The conservation law of writes over HTTP: what was acknowledged is what counts, to the last
// sample, and what was refused counts nothing, while the server has to refuse.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/gateway/cli/running.h"
#include "tests/gateway/server/http_answer.h"

namespace gateway::cli {
namespace {

using tests::body_of;
using tests::status_of;

constexpr std::string_view kLine = "flood.hits:1:1|c\n";  // two samples
constexpr std::uint64_t kSamplesALine = 2;
constexpr std::size_t kBody = std::size_t{64} << 10;  // limits.body
constexpr int kSenders = 4;

std::string lines(std::uint64_t count, std::string_view line = kLine) {
  std::string text;
  for (std::uint64_t i = 0; i < count; ++i)
    text += line;
  return text;
}

std::string head(const Address& to, std::size_t bytes) {
  return "POST /api/v1/write HTTP/1.1\r\nHost: " + to.text() +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
}

std::string post(const Address& to, const std::string& body) {
  Peer peer{to};
  peer.send(head(to, body.size()) + body);
  return peer.read_all();
}

/// "accepted" of an answer.
std::uint64_t accepted_of(const std::string& answer) {
  constexpr std::string_view kWord = R"("accepted":)";
  const std::string body = body_of(answer);
  const std::size_t at = body.find(kWord);
  return at == std::string::npos ? 0 : std::stoull(body.substr(at + kWord.size()));
}

/// What the senders were told, by status; and what must stand in the ledgers by it.
struct Told {
  std::array<std::atomic<int>, 600> answers{};
  std::atomic<std::uint64_t> accepted{0};  // lines
  std::atomic<std::uint64_t> rejected{0};

  void hear(const std::string& answer, std::uint64_t good, std::uint64_t bad) {
    const int status = status_of(answer);
    ++answers.at(static_cast<std::size_t>(status));
    if (status == 204) accepted += good;
    if (status != 400) return;
    EXPECT_EQ(accepted_of(answer), good);
    accepted += good;
    rejected += bad;
  }
  int of(int status) const { return answers.at(static_cast<std::size_t>(status)); }
};

/// Good bodies, such with bad lines, and such that are too large.
void send_mixed(const Address& to, std::uint64_t count, Told& told) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t good = 100 + i;
    const std::uint64_t bad = i % 3 == 1 ? 7 : 0;
    std::string body = lines(good) + lines(bad, "BAD\n");
    if (i % 3 == 2) body.append(kBody, '\n');
    told.hear(post(to, body), good, bad);
  }
}

void from_all(const std::function<void()>& send) {
  std::vector<std::thread> senders;
  senders.reserve(kSenders);
  for (int i = 0; i < kSenders; ++i)
    senders.emplace_back(send);
  for (std::thread& sender : senders)
    sender.join();
}

void expect_just_that(const Address& http, const Told& told) {
  EXPECT_EQ(told.of(0), 0);  // everybody got an answer
  const std::string feed = R"({feed="http/statsd",result=)";
  const auto holds = [&](const std::string& name, const char* result, std::uint64_t count) {
    const std::string row = name + feed + "\"" + result + "\"} " + std::to_string(count) + "\n";
    EXPECT_TRUE(shows(http, "/metrics", row)) << row;
  };
  const std::uint64_t samples = told.accepted * kSamplesALine;
  holds("weir_ingest_lines_total", "accepted", told.accepted);
  holds("weir_ingest_lines_total", "rejected", told.rejected);
  holds("weir_ingest_samples_total", "own", samples);
  for (const char* nowhere : {"overflow", "late", "future", "limited_rate", "limited_source"})
    holds("weir_ingest_samples_total", nowhere, 0);
  // And in the panes: one counter has all of them.
  EXPECT_TRUE(shows(http, "/api/v1/query?metric=flood.hits&window=10m&stats=count",
                    "[[" + std::to_string(samples) + "]]"))
      << get(http, "/api/v1/query?metric=flood.hits&window=10m&stats=count");
}

TEST(HttpFlood, WhatWasAcknowledgedCountsAndWhatWasRefusedDoesNot) {
  config::Config config = on_free_ports(2);
  config.limits.body = kBody;
  config.limits.bodies = std::size_t{1} << 20;  // of one address a quarter, to each worker
  Running weir{std::move(config)};
  const Address http = weir.address("http");
  Told told;
  {
    // They take all the room that their address has, and never end.
    std::vector<Peer> slow;
    for (int i = 0; i < 16; ++i) {
      slow.emplace_back(http);
      slow.back().send(head(http, kBody) + std::string(kBody - 10, '\n'));
    }
    const auto held = [&] { return post(http, lines(100)); };
    std::string answer = held();
    for (int i = 0; i < 1'000 && status_of(answer) != 503; ++i, answer = held())
      told.hear(answer, 100, 0);
    ASSERT_EQ(status_of(answer), 503);
    from_all([&] { send_mixed(http, 30, told); });
  }
  from_all([&] { send_mixed(http, 90, told); });
  for (const int status : {204, 400, 413, 503})
    EXPECT_GT(told.of(status), 0) << status;
  expect_just_that(http, told);
}

TEST(HttpFlood, WhoWritesTooMuchIsToldAndNothingOfItCounts) {
  config::Config config = on_free_ports(2);
  config.http.writers_rate = 100;  // samples a second
  Running weir{std::move(config)};
  const Address http = weir.address("http");
  Told told;
  from_all([&] {
    for (int i = 0; i < 50; ++i) {
      const std::string answer = post(http, lines(120));
      told.hear(answer, 120, 0);
      EXPECT_EQ(tests::header_of(answer, "Retry-After").empty(), status_of(answer) != 429);
    }
  });
  EXPECT_GT(told.of(204), 0);
  EXPECT_GT(told.of(429), 0);
  expect_just_that(http, told);
  EXPECT_TRUE(shows(http, "/metrics",
                    R"(weir_ingest_offender_sources{source="127.0.0.1",offence="writes"} )" +
                        std::to_string(told.of(429)) + "\n"));
  EXPECT_TRUE(shows(
      http, "/metrics",
      R"(weir_http_writes_refused_total{reason="rate"} )" + std::to_string(told.of(429)) + "\n"));
}

}  // namespace
}  // namespace gateway::cli
