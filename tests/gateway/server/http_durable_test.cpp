// ack=durable over real sockets: what is asked of the hub, and what its answers become; the test is
// the hub and the disk.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "gateway/server/commons.h"
#include "gateway/server/http_phase.h"
#include "tests/gateway/server/write_house.h"

namespace tests {
namespace {

using gateway::server::WriteRefused;
using ingest::query::DurableAnswer;
using ingest::query::DurableAsk;
namespace publish = gateway::publish;

struct Shelf final : ingest::query::DiskDoor {
  DurableAnswer outlook() const override { return now; }
  std::uint64_t losses() const override { return lost; }
  bool batch_begins(const std::string& id) override {
    words.push_back("begins " + id);
    return !full;
  }
  void batch_taken(const std::string& id, ingest::WallTime folded, std::string result) override {
    words.push_back("taken " + id);
    taken_at = folded;
    results.push_back(std::move(result));
  }
  DurableAnswer now = DurableAnswer::OnDisk;
  std::uint64_t lost = 0;
  bool full = false;
  std::vector<std::string> words;
  std::vector<std::string> results;
  ingest::WallTime taken_at;
};

struct DurableHouse : WriteHouse {
  DurableHouse() { site->disk = &shelf; }
  /// What is asked; nothing when nothing is.
  std::optional<DurableAsk> asked() {
    std::optional<DurableAsk> ask;
    for (publish::ToHub& one : hub_mail()) {
      auto* sent = std::get_if<publish::Ask>(&one);
      if (sent == nullptr) continue;
      EXPECT_FALSE(ask.has_value());
      ask = std::get<DurableAsk>(sent->question);
      last = std::move(*sent);
    }
    return ask;
  }
  void tell(const DurableAnswer& answer) {
    hub->send(0, publish::Answered{last.who, last.ticket, answer});
    hub->flush();
    turn(3);
  }
  Shelf shelf;
  publish::Ask last;
};

constexpr const char* kPath = "/api/v1/write?ack=durable";
const std::string kBatch = "Weir-Batch-Id: 17\r\n";

TEST(HttpDurable, AsksWithTheLossesBeforeItsFirstLineAndTheTimeOfItsLast) {
  DurableHouse house;
  house.shelf.lost = 4;
  house.ledger.now_ms = 5'000;
  house.ledger.on_line = [&] { house.shelf.lost = 9; };
  Visitor visitor(house);
  visitor.send(post(kPath, "a\nb\n"));
  const auto ask = house.asked();
  ASSERT_TRUE(ask.has_value());
  EXPECT_EQ(ask->losses, 4U);
  EXPECT_EQ(ask->folded, ingest::wall_from_ms(5'000));
  visitor.poll();
  EXPECT_TRUE(visitor.heard().empty());
  house.tell(DurableAnswer::OnDisk);
  EXPECT_EQ(status_of(visitor.answer()), 204);
}

TEST(HttpDurable, WhatWasLostIsNotToBeSentAgain) {
  DurableHouse house;
  Visitor visitor(house);
  visitor.send(post(kPath, "a"));
  ASSERT_TRUE(house.asked());
  house.tell(DurableAnswer::Lost);
  const std::string answer = visitor.answer();
  EXPECT_EQ(status_of(answer), 409);
  EXPECT_EQ(header_of(answer, "Retry-After"), "");
  EXPECT_NE(body_of(answer).find("The lines count"), std::string::npos);
}

TEST(HttpDurable, IsRefusedBeforeItCountsWhereTheDiskIsAwayOrNone) {
  DurableHouse house;
  for (const auto& [outlook, wanted] :
       {std::pair{DurableAnswer::Away, 503}, {DurableAnswer::Off, 409}}) {
    house.shelf.now = outlook;
    const std::string answer = ask(house, post(kPath, "a", kBatch));
    EXPECT_EQ(status_of(answer), wanted);
    EXPECT_NE(body_of(answer).find("none of the lines counts"), std::string::npos);
  }
  EXPECT_EQ(house.ledger.text, "");
  EXPECT_EQ(house.refused(WriteRefused::NoDisk), 2U);
  house.shelf.now = DurableAnswer::OnDisk;
  Visitor visitor(house);
  visitor.send(post(kPath, "a", kBatch));  // the same batch: nothing of it was taken
  ASSERT_TRUE(house.asked());
  house.tell(DurableAnswer::OnDisk);
  EXPECT_EQ(status_of(visitor.answer()), 204);
  EXPECT_EQ(house.ledger.text, "a\n");
  WriteHouse nowhere;
  EXPECT_EQ(status(nowhere, post(kPath, "a")), 409);
}

// The disk said that all is well, and another batch took the last place meanwhile.
TEST(HttpDurable, IsRefusedBeforeItCountsWhereACrashWouldForgetTheBatch) {
  DurableHouse house;
  house.shelf.full = true;
  const std::string answer = ask(house, post(kPath, "a", kBatch));
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_NE(body_of(answer).find("none of the lines counts"), std::string::npos);
  EXPECT_EQ(house.ledger.text, "");
  // Who does not wait for the disk was promised nothing.
  EXPECT_EQ(status(house, post("/api/v1/write", "a", kBatch)), 204);
  EXPECT_EQ(house.ledger.text, "a\n");
}

TEST(HttpDurable, ARetryOfABatchAsksForTheSamplesOfTheFirst) {
  DurableHouse house;
  house.ledger.now_ms = 1'000;
  house.shelf.lost = 1;
  EXPECT_EQ(status(house, post("/api/v1/write", "a", kBatch)), 204);
  house.ledger.now_ms = 9'000;
  house.shelf.lost = 2;
  Visitor visitor(house);
  for (const auto& [answer, wanted] : {std::pair{DurableAnswer::Away, 503},
                                       {DurableAnswer::Lost, 409},
                                       {DurableAnswer::OnDisk, 204}}) {
    visitor.send(post(kPath, "a", kBatch));
    const auto ask = house.asked();
    ASSERT_TRUE(ask.has_value());
    EXPECT_EQ(ask->losses, 1U);
    EXPECT_EQ(ask->folded, ingest::wall_from_ms(1'000));
    house.tell(answer);
    const std::string heard = visitor.answer();
    EXPECT_EQ(status_of(heard), wanted);
    EXPECT_EQ(header_of(heard, "Retry-After"), wanted == 503 ? "1" : "");
  }
  EXPECT_EQ(house.ledger.text, "a\n");  // once
}

TEST(HttpDurable, ARetryOfWhatIsOnDiskIsAnsweredThoughTheDiskIsAwayNow) {
  DurableHouse house;
  EXPECT_EQ(status(house, post("/api/v1/write", "a", kBatch)), 204);
  house.shelf.now = DurableAnswer::Away;
  Visitor visitor(house);
  visitor.send(post(kPath, "a", kBatch));
  ASSERT_TRUE(house.asked());
  house.tell(DurableAnswer::OnDisk);
  EXPECT_EQ(status_of(visitor.answer()), 204);
}

TEST(HttpDurable, TheDiskHearsOfABatchBeforeItsFirstLineAndAfterItsLast) {
  DurableHouse house;
  house.ledger.now_ms = 3'000;
  house.ledger.on_line = [&] { house.shelf.words.emplace_back("line"); };
  EXPECT_EQ(status(house, post("/write", "a\nbad\nb", kBatch)), 400);
  EXPECT_EQ(status(house, post("/write", "a")), 204);  // has no id
  const std::vector<std::string> words{"begins \n17", "line", "line", "taken \n17", "line"};
  EXPECT_EQ(house.shelf.words, words);
  EXPECT_EQ(house.shelf.taken_at, ingest::wall_from_ms(3'000));
}

TEST(HttpDurable, ARetryAfterACrashHearsWhatTheFirstDidAndCountsOnce) {
  DurableHouse before;
  const std::string first = ask(before, post("/write", "a\nbad\nb", kBatch));
  DurableHouse after;
  after.site->batches->restore("\n17", after.clock.mono(), before.shelf.results.at(0));
  for (const char* path : {"/write", "/write?ack=durable"}) {
    const std::string again = ask(after, post(path, "a\nbad\nb", kBatch));
    EXPECT_EQ(status_of(again), 400) << path;
    EXPECT_EQ(body_of(again), body_of(first));
    EXPECT_EQ(header_of(again, "Weir-Batch"), "repeated");
  }
  EXPECT_EQ(after.ledger.text, "");
  after.clock.advance(gateway::server::BatchBook::kKept);
  after.turn();
  EXPECT_EQ(status(after, post("/write", "a", kBatch)), 204);
}

TEST(HttpDurable, ARetryOfWhatACrashToreIsToldSoAndCountsNothing) {
  DurableHouse house;
  house.site->batches->restore("\n17", house.clock.mono(), std::nullopt);
  house.site->batches->restore("\n18", house.clock.mono(), "\xff");  // says nothing
  for (const char* batch : {"Weir-Batch-Id: 17\r\n", "Weir-Batch-Id: 18\r\n"}) {
    const std::string answer = ask(house, post(kPath, "a", batch));
    EXPECT_EQ(status_of(answer), 409);
    EXPECT_EQ(header_of(answer, "Retry-After"), "");
  }
  EXPECT_EQ(house.ledger.text, "");
}

TEST(HttpDurable, ALongBodyIsTakenInSlicesAndThenAsked) {
  DurableHouse house;
  house.ledger.slice_lines = 10;
  Visitor writer(house);
  Visitor other(house);
  writer.send(post(kPath, lines_of('a', 10'000)));
  begin_taking(house);
  EXPECT_LE(house.ledger.text.size(), gateway::server::WriteDesk::kBytesATurn + 10 * 64u);
  other.send(post("/write", "short\n"));
  EXPECT_EQ(status_of(other.answer()), 204);
  EXPECT_LT(house.ledger.text.size(), 10'000 * 64u);
  house.turn(200);
  EXPECT_EQ(house.ledger.text.size(), 10'000 * 64u + 6);
  writer.poll();
  EXPECT_TRUE(writer.heard().empty());
  ASSERT_TRUE(house.asked());
  house.tell(DurableAnswer::OnDisk);
  EXPECT_EQ(status_of(writer.answer()), 204);
}

TEST(HttpDurable, WhoWaitsTooLongHearsThatItsLinesCount) {
  for (const bool batch : {false, true}) {
    for (const std::size_t lines : {1U, 1'000U}) {  // at once, and as a work
      DurableHouse house;
      Visitor visitor(house);
      visitor.send(post(kPath, lines_of('a', lines), batch ? kBatch : ""));
      house.turn(10);
      ASSERT_TRUE(house.asked());
      house.pass(house.settings.deadlines.answer + 1s);
      const std::string answer = visitor.answer();
      EXPECT_EQ(status_of(answer), 503);
      EXPECT_NE(body_of(answer).find("The lines count"), std::string::npos);
      EXPECT_EQ(header_of(answer, "Retry-After"), batch ? "1" : "");
      EXPECT_TRUE(visitor.wait_closed());
    }
  }
}

TEST(HttpDurable, IsAskedThoughMuchWaitsForTheHubBecauseItsLinesCount) {
  DurableHouse house;
  gateway::server::Commons commons(house.worker->loop(), *house.site, 0, 1);
  commons.write_desk.intake = &house.ledger;
  commons.mail_full = true;
  using gateway::server::HttpPhase;
  HttpPhase phase({}, {}, commons);
  gateway::server::Outbox out;
  std::string bytes = post(kPath, "a");
  std::span<std::uint8_t> rest{reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  EXPECT_EQ(phase.receive(rest, out, commons), HttpPhase::Step::Waits);
  EXPECT_EQ(house.ledger.text, "a\n");
  EXPECT_EQ(commons.desk.to_hub.size(), 1U);
}

}  // namespace
}  // namespace tests
