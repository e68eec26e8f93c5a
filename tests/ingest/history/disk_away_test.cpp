// What the past answers while the disk that holds most of it is away, or comes and goes.
#include "tests/ingest/history/office.h"

namespace ingest::history {
namespace {

using model::Kind;
using timeline::ask_of;
using timeline::at;
using timeline::Given;

constexpr const char* kCount = R"({"metric":"m","stats":["count"],"window":"2s","slide":"2s"})";
constexpr std::int64_t kBegan = 160'000;  // when this process did

/// A process that began late, and what those before it left on disk: one sample a second.
struct Late {
  Late() {
    for (std::int64_t now = 100'250; now <= 220'000; now += 250) {
      for (Given* each : {&all, &young}) {
        if (each == &young && now <= kBegan) continue;
        if (now % 1'000 == 250) each->send({Kind::Counter, "m", {}}, now - 100, {1});
        if (each == &all && now % 1'000 == 250 && now < kBegan)
          each->send({Kind::Counter, "m", {{"host", "gone"}}}, now - 100, {1});
        each->tick(now);
      }
    }
  }
  Given all;
  Given young{{}, {}, at(kBegan)};
};

PastDesk::Options archived(std::size_t batch_series = 512) {
  return {.task = {.range = {},
                   .memory = {.since = at(kBegan), .archived = true},
                   .batch_series = batch_series}};
}

/// What is told of each window.
void expect_counts(const Answered& got, std::int64_t first, std::int64_t last) {
  ASSERT_FALSE(got.times.empty());
  EXPECT_EQ(got.times.front(), first);
  EXPECT_EQ(got.times.back(), last);
  for (const std::int64_t end : got.times)
    EXPECT_EQ(got.at({}, end), (timeline::Table::Values{end <= kBegan ? 4.0 : 2.0})) << end;
}

TEST(PastDesk, RefusesWhatOnlyADiskThatIsAwayKnows) {
  const Late late;
  Office office{late.young.timeline, archived()};
  const RangeAnswerPtr refused = office.ask(ask_of(kCount, 100'000, 150'000));
  ASSERT_TRUE(refused != nullptr && !refused->has_value());
  EXPECT_EQ(refused->error().code, query::Code::HistoryUnavailable);
  EXPECT_TRUE(refused->error().retry);
}

TEST(PastDesk, TellsNoWindowThatBeganBeforeMemoryWhileTheDiskIsAway) {
  const Late late;
  const FakeDisk disk{late.all.timeline, at(200'000)};
  Office office{late.young.timeline, archived()};
  expect_counts(office.ask_all(ask_of(kCount, 100'000, 220'000)), kBegan + 2'000, 220'000);
  office.disk = &disk;
  expect_counts(office.ask_all(ask_of(kCount, 102'000, 220'000)), 104'000, 220'000);
}

/// `change` comes before each turn; the answer.
template <class Change>
Answered ask_while(Office& office, const Change& change) {
  RangeAnswerPtr answer;
  office.desk.ask(ask_of(kCount, 102'000, 220'000),
                  [&](const RangeAnswerPtr& given) { answer = given; });
  for (int turn = 0; turn < 100 && answer == nullptr; ++turn) {
    change(turn);
    office.turn();
  }
  Answered all;
  EXPECT_TRUE(answer != nullptr && answer->has_value());
  if (answer != nullptr && answer->has_value()) all.add(**answer);
  return all;
}

TEST(PastDesk, PlansAPageAnewWhenTheDiskComesOrGoesWhicheverTurnThatIs) {
  const Late late;
  const FakeDisk disk{late.all.timeline, at(200'000)};
  for (int when = 0; when < 12; ++when) {
    SCOPED_TRACE(when);
    Office goes{late.young.timeline, archived(1), &disk};
    const Answered without = ask_while(goes, [&](int turn) {
      if (turn == when) goes.disk = nullptr;
    });
    ASSERT_FALSE(without.times.empty());
    const bool was_done = without.times.front() == 104'000;
    expect_counts(without, was_done ? 104'000 : kBegan + 2'000, 220'000);

    Office comes{late.young.timeline, archived(1)};
    const Answered with = ask_while(comes, [&](int turn) {
      if (turn == when) comes.disk = &disk;
    });
    ASSERT_FALSE(with.times.empty());
    const bool came_late = with.times.front() != 104'000;
    expect_counts(with, came_late ? kBegan + 2'000 : 104'000, 220'000);
  }
}

TEST(PastDesk, IsNotDeceivedByADiskThatWasAwayBetweenTwoTurns) {
  const Late late;
  const FakeDisk disk{late.all.timeline, at(200'000)};
  for (int when = 0; when < 12; ++when) {
    SCOPED_TRACE(when);
    Office office{late.young.timeline, archived(1), &disk};
    expect_counts(
        ask_while(office, [&](int turn) { office.disk = turn == when ? nullptr : &disk; }), 104'000,
        220'000);
  }
}

}  // namespace
}  // namespace ingest::history
