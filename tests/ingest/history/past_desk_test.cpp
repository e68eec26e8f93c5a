#include "ingest/history/past_desk.h"

#include <random>

#include "ingest/timeline/known_kinds.h"
#include "tests/ingest/history/office.h"

namespace ingest::history {
namespace {

using model::Kind;
using timeline::ask_of;
using timeline::at;
using timeline::Given;

/// Two timelines that live through the same: one forgets early.
struct Lives {
  explicit Lives(std::int64_t until_ms) {
    std::mt19937_64 random{7};
    for (std::int64_t now = 100'250; now <= until_ms; now += 250) {
      for (const Kind kind : {Kind::Counter, Kind::Gauge, Kind::Timer}) {
        for (const char* host : {"a", "b", "gone"}) {
          if (random() % 3 != 0 || (host[0] == 'g' && now > 140'000)) continue;
          const SeriesKey key{kind, "m." + std::string{model::kind_name(kind)}, {{"host", host}}};
          const auto value = static_cast<double>(random() % 100);
          all.send(key, now - 100, {value});
          forgetful.send(key, now - 100, {value});
        }
      }
      all.tick(now);
      forgetful.tick(now);
    }
  }
  Given all{timeline::Timeline::Options{.series_ttl = Millis{30'000}}};
  Given forgetful{
      timeline::Timeline::Options{.retention = Millis{20'000}, .series_ttl = Millis{30'000}}};
};

PastDesk::Options options_of(WallTime since, std::size_t batch_series = 512) {
  return {.task = {.range = {.series_ttl = Millis{30'000}},
                   .memory = {.since = since},
                   .batch_series = batch_series}};
}

constexpr std::array kAsked{
    R"({"metric":"m.*","by":["host"],"stats":["count","p99","last"],"window":"6s","slide":"2s"})",
    R"({"metric":"m.timer","stats":["count","mean","max"],"window":"20s","slide":"10s"})",
    R"({"metric":"m.gauge","by":["host"],"stats":["last","first","mean"],"window":"5s"})",
    R"({"metric":"m.counter","stats":["rate","ewma"],"window":"4s","slide":"1s"})"};

TEST(PastDesk, MergesMemoryAndDiskWithoutAHoleOrADouble) {
  const Lives lives{220'000};
  const FakeDisk disk{lives.all.timeline, at(210'000)};
  for (const char* json : kAsked) {
    for (const std::size_t batch : {1U, 4U, 512U}) {
      Office office{lives.forgetful.timeline, options_of(at(100'000), batch), &disk};
      const auto wanted = timeline::answer_of(lives.all.timeline, ask_of(json, 100'000, 220'000),
                                              {.series_ttl = Millis{30'000}});
      ASSERT_TRUE(wanted);
      expect_same(*wanted, office.ask_all(ask_of(json, 100'000, 220'000)));
    }
  }
  EXPECT_GT(disk.given, 100U);
}

TEST(PastDesk, AnswersFromMemoryAloneWhereThereIsNoDisk) {
  const Lives lives{150'000};
  for (const char* json : kAsked) {
    Office office{lives.all.timeline, options_of(at(100'000))};
    const auto wanted = timeline::answer_of(lives.all.timeline, ask_of(json, 100'000, 150'000),
                                            {.series_ttl = Millis{30'000}});
    ASSERT_TRUE(wanted);
    expect_same(*wanted, office.ask_all(ask_of(json, 100'000, 150'000)));
  }
}

TEST(PastDesk, LooksAtNoMoreInATurnThanItsSteps) {
  const Lives lives{150'000};
  PastDesk::Options options = options_of(at(100'000), 1);
  options.steps_per_turn = 2;
  Office office{lives.all.timeline, options};
  const auto answer = office.ask(ask_of(kAsked[0], 100'000, 150'000));
  ASSERT_TRUE(answer != nullptr && answer->has_value());
  // Nine series are listed two a turn, then copied one a turn, with a way to the archive between.
  EXPECT_GE(office.turns, 5 + 9);
}

TEST(PastDesk, AnswersAnUnknownMetricWithoutRows) {
  const Lives lives{110'000};
  Office office{lives.all.timeline, options_of(at(100'000))};
  const auto answer = office.ask(ask_of(R"({"metric":"nothing"})", 100'000, 110'000));
  ASSERT_TRUE(answer != nullptr && answer->has_value());
  EXPECT_TRUE((*answer)->keys.empty());
  EXPECT_FALSE((*answer)->times.empty());
}

TEST(PastDesk, GivesEachRefusalItsCode) {
  const Lives lives{110'000};
  PastDesk::Options options = options_of(at(100'000));
  options.task.series_max = 2;
  options.tasks_max = 1;
  Office office{lives.all.timeline, options};
  const auto code = [&](RangeAsk ask) {
    const auto answer = office.ask(std::move(ask));
    return answer == nullptr || answer->has_value() ? query::Code::ServerInternal
                                                    : answer->error().code;
  };
  EXPECT_EQ(code(ask_of(kAsked[0], 100'000, 110'000)), query::Code::LimitSeries);
  EXPECT_EQ(code(ask_of(R"({"metric":"none"})", 110'000, 100'000)), query::Code::QueryBadWindow);
  RangeAsk forged = ask_of(kAsked[1], 100'000, 110'000);
  forged.cursor = "none of ours";
  EXPECT_EQ(code(forged), query::Code::ProtoBadField);

  office.desk.ask(ask_of(kAsked[1], 100'000, 110'000), [](const RangeAnswerPtr&) {});
  EXPECT_EQ(code(ask_of(kAsked[1], 100'000, 110'000)), query::Code::ServerOverloaded);
  EXPECT_EQ(office.desk.ledger().overloaded, 1U);
}

TEST(PastDesk, TellsKindsApartThoughOneOfThemIsOnDiskAlone) {
  Given all;
  Given forgetful{timeline::Timeline::Options{.retention = Millis{10'000},
                                              .retention_ten = Millis{0},
                                              .retention_sixty = Millis{0},
                                              .series_ttl = Millis{20'000}}};
  for (std::int64_t now = 100'500; now < 200'000; now += 500) {
    for (Given* each : {&all, &forgetful}) {
      if (now < 110'000) each->send({Kind::Timer, "m", {{"host", "a"}}}, now - 100, {3});
      each->send({Kind::Counter, "m", {{"host", "a"}}}, now - 100, {1});
      each->tick(now);
    }
  }
  const FakeDisk disk{all.timeline, at(190'000)};
  const std::string json =
      R"({"metric":"m","by":["host"],"stats":["count"],"window":"5s","slide":"5s"})";
  ASSERT_EQ(known_kinds(forgetful.timeline, timeline::query_of(json)).count(), 1U)
      << "the timer is gone from memory";
  Office office{forgetful.timeline, options_of(at(100'000)), &disk};
  const Answered past = office.ask_all(ask_of(json, 100'000, 195'000));
  EXPECT_EQ(past.by, (std::vector<std::string>{"@kind", "host"}));
  EXPECT_EQ(past.at({"timer", "a"}, 105'000), (timeline::Table::Values{10}));
  EXPECT_EQ(past.at({"counter", "a"}, 195'000), (timeline::Table::Values{10}));

  // Both live, but only one passes `where`: a stream's key has @kind, and so has the answer's.
  forgetful.send({Kind::Timer, "m", {{"host", "b"}}}, 199'000, {3});
  forgetful.tick(200'000);
  const std::string one =
      R"({"metric":"m","where":[["host","=","b"]],"stats":["count"],"window":"5s"})";
  EXPECT_EQ(office.ask_all(ask_of(one, 195'000, 200'000)).by,
            forgetful.streams.keyed(timeline::query_of(one)).by);
}

TEST(PastDesk, NoTurnOfTheArchiveIsLongWhateverIsAsked) {
  Given given;
  constexpr int kHosts = 5'000;
  for (int host = 0; host < kHosts; ++host)
    given.send({Kind::Counter, "m", {{"host", std::to_string(host)}}}, 100'500, {1});
  given.send({Kind::Timer, "long", {}}, 100'500, {1});
  given.tick(103'000);
  PastDesk::Options options = options_of(at(100'000));
  options.task.range.values_max = 1'000'000;
  Office office{given.timeline, options};
  // Rows: four steps each to find, then a series each, then windows of each.
  const auto rows = office.ask(
      ask_of(R"({"metric":"m","by":["host"],"stats":["count"],"window":"1s"})", 101'000, 103'000));
  ASSERT_TRUE(rows != nullptr && rows->has_value());
  EXPECT_EQ((*rows)->keys.size(), std::size_t{kHosts});
  EXPECT_GE(office.turns, 4 * kHosts / 8'000 + kHosts * (1 + 2 * 4) / 8'000);
  // One series, but fifteen thousand windows.
  const auto windows = office.ask(ask_of(
      R"({"metric":"long","stats":["count","p50","p99"],"window":"1s"})", 103'000, 15'103'000));
  ASSERT_TRUE(windows != nullptr && windows->has_value());
  given.tick(15'000'000);
  const auto many = office.ask(ask_of(
      R"({"metric":"long","stats":["count","p50","p99"],"window":"1s"})", 103'000, 15'000'000));
  ASSERT_TRUE(many != nullptr && many->has_value());
  EXPECT_GE(office.turns, 14'897 * (1 + 2 + 3) / 8'000);
}

TEST(PastDesk, BeginsAPageAnewWhereARowIsTooLarge) {
  const Lives lives{150'000};
  for (const std::size_t bytes : {1'500U, 2'000U}) {
    PastDesk::Options options = options_of(at(100'000), 4);
    options.task.range.row_bytes_max = bytes;
    Office office{lives.all.timeline, options};
    const auto wanted = timeline::answer_of(lives.all.timeline, ask_of(kAsked[0], 100'000, 150'000),
                                            {.series_ttl = Millis{30'000}});
    ASSERT_TRUE(wanted);
    const Answered got = office.ask_all(ask_of(kAsked[0], 100'000, 150'000));
    ASSERT_GT(got.pages, wanted->pages);
    expect_same(*wanted, got);
  }
  PastDesk::Options options = options_of(at(100'000));
  options.task.range.row_bytes_max = 10;
  Office office{lives.all.timeline, options};
  const auto refused = office.ask(ask_of(kAsked[0], 100'000, 150'000));
  ASSERT_TRUE(refused != nullptr && !refused->has_value());
  EXPECT_EQ(refused->error().code, query::Code::LimitRange);
}

TEST(PastDesk, HoldsAForgedCursorToTheCostOfWhatItNames) {
  const Lives lives{150'000};
  PastDesk::Options options = options_of(at(100'000));
  options.task.range.cost_max = 2'000;
  options.task.range.values_max = 8;
  Office office{lives.all.timeline, options};
  RangeAsk ask = ask_of(kAsked[1], 140'000, 150'000);
  const auto cheap = office.ask(ask);
  ASSERT_TRUE(cheap != nullptr && cheap->has_value());
  const timeline::RangeCursor forged{timeline::hash_of(ask),
                                     {Millis{20'000}, Millis{10'000}, Millis{10'000}, 2, 13},
                                     5,
                                     {},
                                     Kind::Timer,
                                     false};
  ask.cursor = timeline::cursor_text(forged);
  EXPECT_NE(office.ask(ask), nullptr);
  options.task.range.cost_max = 300;
  Office stricter{lives.all.timeline, options};
  const auto refused = stricter.ask(ask);
  ASSERT_TRUE(refused != nullptr && !refused->has_value());
  EXPECT_EQ(refused->error().code, query::Code::QueryTooExpensive);
}

TEST(PastDesk, WaitsForRoomAtTheArchive) {
  const Lives lives{110'000};
  Office office{lives.all.timeline, options_of(at(100'000))};
  office.jobs_max = 0;
  RangeAnswerPtr answer;
  office.desk.ask(ask_of(kAsked[3], 100'000, 110'000),
                  [&](const RangeAnswerPtr& given) { answer = given; });
  for (int i = 0; i < 5; ++i)
    office.turn();
  EXPECT_TRUE(office.desk.turn()) << "it has to try again";
  office.jobs_max = 1;
  for (int i = 0; i < 20; ++i)
    office.turn();
  EXPECT_NE(answer, nullptr);
}

TEST(PastDesk, ForgetsWhatNobodyWaitsFor) {
  const Lives lives{110'000};
  Office office{lives.all.timeline, options_of(at(100'000), 1)};
  bool called = false;
  const auto id = office.desk.ask(ask_of(kAsked[0], 100'000, 110'000),
                                  [&](const RangeAnswerPtr&) { called = true; });
  office.turn();
  office.desk.drop(id);
  for (int i = 0; i < 50; ++i)
    office.turn();
  EXPECT_FALSE(called);
  EXPECT_TRUE(office.jobs.empty());
  EXPECT_EQ(office.desk.ledger().dropped, 1U);
  EXPECT_EQ(office.desk.ledger().waiting, 0U);
  EXPECT_NE(office.ask(ask_of(kAsked[1], 100'000, 110'000)), nullptr);
}

}  // namespace
}  // namespace ingest::history
