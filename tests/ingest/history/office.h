#pragma once
// Questions about the past as the desk's tests ask them: a disk that holds what a timeline had, and
// a desk whose archive's thread is the test.

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/history/past_desk.h"
#include "ingest/model/packed_partial.h"
#include "tests/ingest/timeline/asked.h"

namespace ingest::history {

using model::SeriesKey;
using query::RangeAnswerPtr;
using query::RangeAsk;
using timeline::Answered;
using timeline::PaneNumber;
using timeline::Rollup;

/// A disk that holds what it was told, up to some instant: what the archive would give.
class FakeDisk final : public archive::Reader {
 public:
  FakeDisk(const timeline::Timeline& all, WallTime until, Millis pane = Millis{1'000})
      : all_(all), until_(until), levels_{pane} {
    for (timeline::SeriesIndex i = 0; i < all.indexes(); ++i)
      order_[place_of(all.series(i)->key)] = i;
  }
  const archive::Levels& levels() const override { return levels_; }
  PaneNumber covers(Rollup /*level*/) const override { return 0; }
  PaneNumber written_until(Rollup level) const override {
    return levels_.grid(level).number(until_);
  }
  WallTime whole_from(Rollup /*level*/) const override { return left_until; }
  std::vector<timeline::Gap> holes() const override { return lost; }
  std::vector<timeline::Gap> holes(Rollup level) const override {
    const auto here = damaged.find(level);
    return here == damaged.end() ? std::vector<timeline::Gap>{} : here->second;
  }
  bool has_failed() const override { return fails; }
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
      std::vector<std::byte> packed;
      model::pack(partial, packed);
      EXPECT_TRUE(visit(pane, packed));
      ++given;
      if (on_given) on_given();
    }
    most_at_once = std::max(most_at_once, merged.size());
  }
  WallTime left_until = WallTime::min();  // at all levels
  std::vector<timeline::Gap> lost;
  std::map<Rollup, std::vector<timeline::Gap>> damaged;
  bool fails = false;
  std::function<void()> on_given{};
  mutable std::size_t given = 0;
  mutable std::size_t most_at_once = 0;  // panes of one call

 private:
  const timeline::Timeline& all_;
  WallTime until_;
  archive::Levels levels_;
  std::map<std::string, timeline::SeriesIndex> order_;
};

/// A desk, and the archive's thread by hand.
class Office {
 public:
  Office(const timeline::Timeline& timeline, const PastDesk::Options& options,
         const archive::Reader* on_disk = nullptr)
      : desk(
            timeline, options,
            [this](std::unique_ptr<archive::Job>& job) {
              if (jobs.size() >= jobs_max) return false;
              jobs.push_back(std::move(job));
              return true;
            },
            [this] { ++wakes; }),
        disk(on_disk) {}

  void turn() {
    desk.turn();
    for (auto& job : std::exchange(jobs, {})) {
      if (job->turn(disk) == archive::Job::Turn::More) jobs.push_back(std::move(job));
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
  const archive::Reader* disk;  // null: there is none, or it is away
};

inline void expect_same(const Answered& wanted, const Answered& got) {
  EXPECT_EQ(wanted.points, got.points);
  for (const auto& [key, row] : wanted.rows) {
    for (const auto& [end, values] : row) {
      EXPECT_TRUE(std::ranges::equal(values, got.at(key, end), timeline::same))
          << end << ::testing::PrintToString(key) << ::testing::PrintToString(values)
          << ::testing::PrintToString(got.at(key, end));
    }
  }
}

}  // namespace ingest::history
