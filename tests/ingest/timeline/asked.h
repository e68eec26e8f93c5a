#pragma once
// Questions about the past as tests ask them: of what a timeline holds in memory, page after page.

#include "ingest/timeline/memory_stretches.h"
#include "ingest/timeline/range_query.h"
#include "tests/ingest/timeline/given.h"

namespace ingest::timeline {

/// Of memory alone: what is whole at each level.
inline KeptLevels kept_in(const Timeline& timeline) {
  KeptLevels kept;
  for (std::size_t i = 0; i < kRollups; ++i) {
    const auto level = static_cast<Rollup>(i);
    WallTime since = WallTime::min();
    bool held = level == Rollup::Base;
    for (SeriesIndex series = 0; series < timeline.indexes(); ++series) {
      if (timeline.series(series) == nullptr) continue;
      const PaneNumber covers = timeline.panes(series).covers(level);
      if (covers == SeriesPanes::kNever) continue;
      held = true;
      if (covers > 0) since = std::max(since, timeline.grid(level).start(covers));
    }
    if (held) kept.levels[i] = {timeline.grid(level).pane, since};
  }
  return kept;
}

inline void give_series(const Timeline& timeline, RangeQuery& asked,
                        const RangeQuery::Wanted& wanted) {
  std::vector<Gap> gaps{asked.needed(wanted.kind)};
  const MemoryPanes memory{timeline, wanted.ref, WallTime{}};
  const auto stretches = memory_stretches(
      memory, [&](Millis pane) { return asked.takes(pane); }, gaps);
  asked.begin_series(before(memory, stretches).gauge);
  for (const Stretch& stretch : stretches) {
    const PaneGrid grid = timeline.grid(stretch.level);
    timeline.panes(wanted.ref)
        .each_packed(stretch.level, stretch.first, stretch.last,
                     [&](PaneNumber pane, std::span<const std::byte> packed) {
                       EXPECT_TRUE(asked.add(grid.start(pane), grid.end(pane), packed));
                     });
  }
  const NewestPane life = newest_within(memory, asked.life_needed(wanted.kind));
  if (asked.needs_sign_of_life() && life.end) asked.lived(*life.end);
  asked.end_series();
  while (asked.has_row() && !asked.is_too_large())
    asked.evaluate(7);
}

inline query::RangeAnswer page_of(const Timeline& timeline, query::RangeAsk ask,
                                  const RangeQuery::Options& options) {
  RangeQuery asked = TRY(RangeQuery::open(std::move(ask), options));
  for (SeriesIndex series = 0; series < timeline.indexes(); ++series) {
    if (timeline.series(series) != nullptr && asked.wants(timeline.series(series)->key))
      asked.add_series(series, timeline.series(series)->key);
  }
  const Millis slide = asked.query().slide;
  const Millis now = timeline.finished().time_since_epoch() + slide - Millis{1};
  const auto planned = asked.plan(kept_in(timeline), WallTime{now / slide * slide});
  if (!planned) return Failure{planned.error()};
  for (std::size_t i = 0; i < asked.wanted().size(); ++i) {
    give_series(timeline, asked, asked.wanted()[i]);
    if (!asked.is_too_large()) continue;
    const auto smaller = asked.shrink();
    if (!smaller) return Failure{smaller.error()};
    i = ~std::size_t{0};  // all of them again
  }
  while (asked.settle(1)) {
  }
  return asked.finish();
}

/// All pages of an answer, by key and window end.
struct Answered {
  Millis window{0};
  Millis step{0};
  std::size_t pages = 0;
  std::size_t points = 0;
  std::vector<std::int64_t> times;  // of the first row, in ms
  std::map<std::vector<std::string>, std::map<std::int64_t, Table::Values>> rows;
  std::vector<std::string> by;
  std::vector<std::vector<std::string>> first_keys;  // of the first page, as they stand there

  const Table::Values& at(const std::vector<std::string>& key, std::int64_t end_ms) const {
    static const Table::Values kNone;
    const auto row = rows.find(key);
    if (row == rows.end()) return kNone;
    const auto values = row->second.find(end_ms);
    return values == row->second.end() ? kNone : values->second;
  }
  void add(const query::RangePage& page) {
    window = page.window;
    step = page.step;
    if (pages++ == 0) first_keys = page.keys;
    by = page.by;
    const std::size_t each = page.keys.size() * page.times.size();
    const std::size_t fields = each == 0 ? 0 : page.values.size() / each;
    EXPECT_EQ(page.values.size(), fields * each);
    for (std::size_t row = 0; row < page.keys.size(); ++row) {
      for (std::size_t time = 0; time < page.times.size(); ++time) {
        Table::Values values;
        for (std::size_t field = 0; field < fields; ++field)
          values.push_back(page.values[field * each + row * page.times.size() + time]);
        const bool is_new =
            rows[page.keys[row]].emplace(to_ms(page.times[time]), std::move(values)).second;
        EXPECT_TRUE(is_new) << "a point that an earlier page gave";
        ++points;
      }
    }
    for (const WallTime time : page.times) {
      if (times.empty() || to_ms(time) > times.back()) times.push_back(to_ms(time));
    }
  }
};

inline Result<Answered, query::Fault> answer_of(const Timeline& timeline, query::RangeAsk ask,
                                                const RangeQuery::Options& options = {}) {
  Answered all;
  for (int page = 0; page < 10'000; ++page) {
    const query::RangeAnswer answer = page_of(timeline, ask, options);
    if (!answer) return Failure{answer.error()};
    all.add(*answer);
    if (testing::Test::HasFailure()) return all;
    if (answer->next.empty()) return all;
    ask.cursor = answer->next;
  }
  ADD_FAILURE() << "pages without an end";
  return all;
}

inline query::RangeAsk ask_of(const std::string& json, std::int64_t start_ms, std::int64_t end_ms,
                              Millis step = Millis{0}) {
  return {query_of(json), at(start_ms), at(end_ms), step, ""};
}

}  // namespace ingest::timeline
