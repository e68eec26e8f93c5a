#pragma once
// What the tests of the timeline are given: partials from plain values, queries from JSON, and a
// sink that applies updates as a reader would and holds them to the contract of query/update.h.

#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ingest/query/selector.h"
#include "ingest/query/update.h"
#include "ingest/timeline/stream_set.h"

namespace ingest::timeline {

inline WallTime at(std::int64_t ms) {
  return wall_from_ms(ms);
}

inline model::Partial folded(model::Kind kind, std::initializer_list<double> values, WallTime time,
                             model::GaugeChange change = model::GaugeChange::Set) {
  model::Partial partial{kind};
  for (const double value : values) {
    model::Sample sample;
    sample.kind = kind;
    sample.change = change;
    sample.value = value;
    const std::string member = std::to_string(value);
    sample.member = member;
    sample.time = time;
    partial.fold(sample, time);
  }
  return partial;
}

inline query::Query query_of(const std::string& json, Millis pane = Millis{1'000}) {
  auto query = query::parse_query(json, {.pane = pane});
  EXPECT_TRUE(query) << json << ": " << (query ? "" : query.error().msg);
  return query ? *query : query::Query{};
}

inline bool same(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)});
}

struct WindowLess {
  bool operator()(const query::Window& a, const query::Window& b) const { return a.end < b.end; }
};

/// One stream as a reader holds it.
class Table {
 public:
  using Values = std::vector<double>;
  std::map<query::RowSlot, std::vector<std::string>> keys;
  std::map<query::RowSlot, Values> rows;
  query::Window window;
  std::map<query::Window, std::map<query::RowSlot, Values>, WindowLess>
      told;  // last said, by window
  std::map<query::Window, int, WindowLess> finals;
  std::map<query::Window, std::uint32_t, WindowLess> revs;
  std::set<query::Window, WindowLess> restated;  // since somebody looked
  std::map<query::RowSlot, query::Marks> marks;
  /// Of `buckets`: its values become the sums of their lists.
  std::optional<std::size_t> list_column;
  int updates = 0;

  static double sum_of_list(std::span<const double> lists, double at) {
    if (std::isnan(at)) return at;
    const auto begin = static_cast<std::size_t>(at);
    double sum = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(lists[begin]); ++i)
      sum += lists[begin + 1 + i];
    return sum;
  }

  void apply(const query::Update& update) {
    ++updates;
    if (update.revision == query::Revision::Newest) {
      apply_newest(update);
    } else {
      EXPECT_LT(update.window.end, window.end);
      EXPECT_TRUE(update.added.empty() && update.removed.empty());
    }
    if (update.revision == query::Revision::Final) {
      EXPECT_EQ(++finals[update.window], 1);
    }
    if (update.revision == query::Revision::Restated) {
      EXPECT_EQ(update.rev, ++revs[update.window]);
      restated.insert(update.window);
      EXPECT_EQ(finals.count(update.window), 0U);
    }
    const std::size_t stats = update.rows.empty() ? 0 : update.values.size() / update.rows.size();
    for (std::size_t i = 0; i < update.rows.size(); ++i) {
      if (i > 0) {
        EXPECT_LT(update.rows[i - 1], update.rows[i]);
      }
      EXPECT_EQ(keys.count(update.rows[i]), 1U) << "a row nobody announced";
      const auto first = update.values.begin() + static_cast<std::ptrdiff_t>(i * stats);
      Values values(first, first + static_cast<std::ptrdiff_t>(stats));
      if (list_column) {
        values[*list_column] = sum_of_list(update.lists, values[*list_column]);
      }
      if (update.revision == query::Revision::Newest) marks[update.rows[i]] = update.marks[i];
      told[update.window][update.rows[i]] = values;
      if (update.revision == query::Revision::Newest) rows[update.rows[i]] = std::move(values);
    }
    EXPECT_EQ(rows.size(), keys.size()) << "an announced row has no values";
  }
  /// The values of the row with this key; fails when there is none.
  Values of(const std::vector<std::string>& key) const {
    for (const auto& [slot, row_key] : keys) {
      if (row_key == key) return rows.at(slot);
    }
    ADD_FAILURE() << "no such row";
    return {};
  }

 private:
  void apply_newest(const query::Update& update) {
    EXPECT_GE(update.window.end, window.end);
    EXPECT_EQ(update.rev, 0U);
    if (updates == 1) {
      EXPECT_TRUE(update.removed.empty());
    }
    window = update.window;
    for (const query::RowSlot slot : update.removed) {
      EXPECT_EQ(keys.erase(slot), 1U);
      rows.erase(slot);
      marks.erase(slot);
      for (auto& [when, values] : told)
        values.erase(slot);
    }
    for (const query::RowAdded& added : update.added) {
      EXPECT_TRUE(keys.emplace(added.slot, added.key).second);
      const auto found = std::ranges::find(update.rows, added.slot);
      EXPECT_NE(found, update.rows.end()) << "an added row without values";
    }
  }
};

class Reader final : public query::UpdateSink {
 public:
  std::map<query::StreamId, Table> tables;
  std::vector<WallTime> ticks;
  void update(const query::Update& update) override { tables[update.stream].apply(update); }
  void tick_done(WallTime now) override {
    if (!ticks.empty()) {
      EXPECT_LT(ticks.back(), now);
    }
    ticks.push_back(now);
  }
};

/// A timeline, its streams and one or more workers, by hand.
struct Given {
  explicit Given(Timeline::Options time = {}, StreamSet::Options set = {},
                 WallTime start = at(100'000))
      : timeline(time, 2, start), streams(set, timeline) {}

  Timeline timeline;
  StreamSet streams;
  Reader reader;
  std::map<std::pair<std::size_t, model::SeriesKey>, model::LocalSeries> locals;
  std::uint32_t next_local = 0;

  void send(std::size_t worker, const model::SeriesKey& key, WallTime time,
            model::Partial partial) {
    auto [found, is_new] = locals.try_emplace({worker, key}, model::LocalSeries{next_local, 1});
    if (is_new) {
      ++next_local;
      timeline.born(worker, {found->second, key});
    }
    const Millis pane = timeline.grid().pane;
    timeline.merge(worker,
                   {found->second, time - time.time_since_epoch() % pane, std::move(partial)});
  }
  void send(const model::SeriesKey& key, std::int64_t time_ms,
            std::initializer_list<double> values) {
    send(0, key, at(time_ms), folded(key.kind(), values, at(time_ms)));
  }
  void expire(std::size_t worker, const model::SeriesKey& key) {
    const auto found = locals.find({worker, key});
    if (found == locals.end()) return;
    timeline.expired(worker, found->second);
    locals.erase(found);
  }
  query::StreamId watch(const std::string& json) {
    const auto id = streams.watch(query_of(json, timeline.grid().pane));
    EXPECT_TRUE(id) << (id ? "" : id.error().msg);
    if (!id) return 0;
    const auto fields = query::fields(query_of(json, timeline.grid().pane));
    const auto list = std::ranges::find(fields, "buckets", &query::Field::name);
    if (list != fields.end()) {
      reader.tables[*id].list_column = static_cast<std::size_t>(list - fields.begin());
    }
    return *id;
  }
  void tick(std::int64_t ms) {
    while (streams.build(3)) {
    }
    timeline.finish(at(ms));
    streams.finish(at(ms), reader);
    reader.tick_done(at(ms));
  }
};

}  // namespace ingest::timeline
