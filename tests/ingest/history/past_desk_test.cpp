#include "ingest/history/past_desk.h"

#include <random>

#include "tests/ingest/timeline/asked.h"

namespace ingest::history {
namespace {

using model::Kind;
using model::SeriesKey;
using query::RangeAnswerPtr;
using query::RangeAsk;
using timeline::Answered;
using timeline::ask_of;
using timeline::at;
using timeline::Given;
using timeline::PaneNumber;
using timeline::Rollup;

/// A disk that holds what it was told, up to some instant: what the archive would give.
class FakeDisk final : public archive::Reader {
 public:
  explicit FakeDisk(const timeline::Timeline& all, WallTime until) : all_(all), until_(until) {
    for (timeline::SeriesIndex i = 0; i < all.indexes(); ++i)
      order_[place_of(all.series(i)->key)] = i;
  }
  const archive::Levels& levels() const override { return levels_; }
  PaneNumber covers(Rollup /*level*/) const override { return 0; }
  PaneNumber written_until(Rollup level) const override {
    return levels_.grid(level).number(until_);
  }
  void series(std::string_view prefix, std::string_view after,
              const SeriesVisit& visit) const override {
    for (auto here = order_.upper_bound(std::string{after}); here != order_.end(); ++here) {
      const SeriesKey& key = all_.series(here->second)->key;
      if (key.name().starts_with(prefix) && !visit(here->second, key)) return;
    }
  }
  void panes(archive::ArchiveId series, Rollup level, PaneNumber first, PaneNumber last,
             const PaneVisit& visit) const override {
    std::map<PaneNumber, model::Partial> merged;
    const auto base = timeline::PaneGrid{levels_.pane(Rollup::Base)};
    const timeline::PaneGrid grid = levels_.grid(level);
    const auto merge = [&](PaneNumber pane, const model::Partial& partial) {
      const auto [here, is_new] = merged.try_emplace(grid.number(base.start(pane)), partial);
      if (!is_new) here->second.merge(partial);
    };
    all_.panes(static_cast<timeline::SeriesIndex>(series))
        .each(Rollup::Base, base.number(grid.start(first)), base.number(grid.start(last)), merge);
    for (const auto& [pane, partial] : merged) {
      visit(pane, partial);
      ++given;
    }
  }
  mutable std::size_t given = 0;

 private:
  const timeline::Timeline& all_;
  WallTime until_;
  archive::Levels levels_{Millis{1'000}};
  std::map<std::string, timeline::SeriesIndex> order_;
};

/// A desk, and the archive's thread by hand.
class Office {
 public:
  Office(const timeline::Timeline& timeline, const PastDesk::Options& options,
         const archive::Reader* disk = nullptr)
      : desk(
            timeline, options,
            [this](std::unique_ptr<archive::Job>& job) {
              if (jobs.size() >= jobs_max) return false;
              jobs.push_back(std::move(job));
              return true;
            },
            [this] { ++wakes; }),
        disk_(disk) {}

  void turn() {
    desk.turn();
    for (auto& job : std::exchange(jobs, {})) {
      if (job->turn(disk_) == archive::Job::Turn::More) jobs.push_back(std::move(job));
    }
  }
  RangeAnswerPtr ask(RangeAsk ask) {
    RangeAnswerPtr answer;
    desk.ask(std::move(ask), [&](const RangeAnswerPtr& given) { answer = given; });
    EXPECT_EQ(answer, nullptr) << "an answer inside of the question";
    for (turns = 0; turns < 100'000 && answer == nullptr; ++turns)
      turn();
    return answer;
  }
  /// All pages.
  Answered ask_all(RangeAsk ask) {
    Answered all;
    for (int page = 0; page < 1'000; ++page) {
      const RangeAnswerPtr answer = this->ask(ask);
      if (answer == nullptr || !answer->has_value()) {
        ADD_FAILURE() << (answer == nullptr ? "no answer" : answer->error().msg);
        return all;
      }
      all.add(**answer);
      ask.cursor = (*answer)->next;
      if (ask.cursor.empty()) return all;
    }
    ADD_FAILURE() << "pages without an end";
    return all;
  }

  PastDesk desk;
  std::vector<std::unique_ptr<archive::Job>> jobs;
  std::size_t jobs_max = 64;
  int wakes = 0;
  int turns = 0;

 private:
  const archive::Reader* disk_;
};

void expect_same(const Answered& wanted, const Answered& got) {
  EXPECT_EQ(wanted.points, got.points);
  for (const auto& [key, row] : wanted.rows) {
    for (const auto& [end, values] : row) {
      EXPECT_TRUE(std::ranges::equal(values, got.at(key, end), timeline::same))
          << end << ::testing::PrintToString(key) << ::testing::PrintToString(values)
          << ::testing::PrintToString(got.at(key, end));
    }
  }
}

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
                   .since = since,
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
