// A stream kept up to date equals a plain recomputation from every partial that was ever accepted.

#include <random>

#include "ingest/timeline/evaluate.h"
#include "tests/ingest/timeline/given.h"

namespace ingest::timeline {
namespace {

using model::Kind;
using model::SeriesKey;

struct Plain {
  PaneGrid grid;
  Millis lateness;
  Millis ttl;
  std::map<SeriesKey, std::map<PaneNumber, model::Partial>> accepted;
  std::map<SeriesKey, PaneNumber> newest;  // of live series
  std::set<SeriesKey> born;
  WallTime finished;

  void send(const SeriesKey& key, WallTime time, model::Partial partial) {
    PaneNumber pane = grid.number(time);
    if (born.insert(key).second) newest[key] = grid.number(finished);
    auto& panes = accepted[key];
    if (grid.end(pane) + lateness <= finished) {
      const PaneNumber open = grid.number(finished - lateness);
      for (auto known = panes.lower_bound(pane); known != panes.lower_bound(open); ++known)
        if (partial.kind() == Kind::Gauge) partial.gauge().yield_to(known->second.gauge());
      pane = open;
    }
    const auto [here, is_new] = panes.try_emplace(pane, partial);
    if (!is_new) here->second.merge(partial);
    const auto found = newest.try_emplace(key, pane).first;
    found->second = std::max(found->second, pane);
  }
  void tick(WallTime now) {
    finished = now;
    std::erase_if(newest, [&](const auto& item) { return grid.end(item.second) + ttl <= now; });
  }

  using RowKey = std::pair<Kind, std::vector<std::string>>;
  std::map<RowKey, std::vector<double>> rows(const query::Query& query,
                                             const query::Window& window) const {
    const auto selector = query::Selector::compile(query);
    std::map<RowKey, std::vector<double>> rows;
    for (const auto& [key, pane] : newest) {
      if (selector->matches(key)) rows[{key.kind(), selector->row_key(key)}] = {};
    }
    for (auto& [row, values] : rows)
      values = evaluate_row(query, *selector, row, window);
    return rows;
  }

  // A row's totals in a window. `merged` is what it points at.
  Totals totals_of(const query::Selector& selector, const RowKey& row, const query::Window& window,
                   model::Partial& merged) const {
    merged = model::Partial{row.first};
    Totals totals{row.first};
    bool any = false;
    for (const auto& [key, series] : accepted) {
      if (key.kind() != row.first || !selector.matches(key) ||
          selector.row_key(key) != row.second) {
        continue;
      }
      model::Partial in_window{row.first};
      double before = std::nan("");
      PaneNumber last = -1;
      // Only gauges carry what was before the window into it.
      const bool is_gauge = row.first == Kind::Gauge;
      auto next = is_gauge ? series.begin() : series.lower_bound(grid.number(window.start));
      for (; next != series.end(); ++next) {
        const auto& [pane, partial] = *next;
        if (grid.start(pane) >= window.end) break;
        last = pane;
        if (grid.start(pane) >= window.start) {
          in_window.merge(partial);
          any = true;
        } else if (row.first == Kind::Gauge) {
          before = partial.gauge().last(std::isnan(before) ? 0 : before);
        }
      }
      if (row.first != Kind::Gauge) {
        merged.merge(in_window);
      } else if (last >= 0 && grid.end(last) + ttl > window.end) {
        totals.add_gauge(in_window.gauge(), before);
      }
    }
    if (any && row.first != Kind::Gauge) totals.add(merged);
    return totals;
  }

  std::vector<double> evaluate_row(const query::Query& query, const query::Selector& selector,
                                   const RowKey& row, const query::Window& window) const {
    model::Partial merged;
    const Totals totals = totals_of(selector, row, window, merged);
    Evaluated evaluated;
    Evaluator{query}.append({&totals, 1}, evaluated);
    for (std::size_t i = 0; i < query.stats.size(); ++i) {
      const auto name = query.stats[i].name;
      if (name == query::Stat::Name::Ewma) {
        evaluated.values[i] = ewma(levels_of(query, selector, row, window));
      } else if (name == query::Stat::Name::Zscore) {
        evaluated.values[i] = zscore(levels_of(query, selector, row, window));
      } else if (name == query::Stat::Name::Buckets) {
        evaluated.values[i] = Table::sum_of_list(evaluated.lists, evaluated.values[i]);
      }
    }
    return evaluated.values;
  }
  // Of the window, then of those before it, from the newest; nothing before the first that was
  // seen.
  std::vector<double> levels_of(const query::Query& query, const query::Selector& selector,
                                const RowKey& row, query::Window window) const {
    std::vector<double> levels;
    std::size_t known = 0;
    for (int back = 0; back <= 30; ++back) {
      model::Partial merged;
      const Totals totals = totals_of(selector, row, window, merged);
      const Level level = level_of(totals, query.window);
      levels.push_back(level.value);
      if (level.seen) known = levels.size();
      window = {window.start - query.slide, window.end - query.slide};
    }
    levels.resize(known);
    return levels;
  }
  static double ewma(const std::vector<double>& levels) {
    double sum = 0;
    double weights = 0;
    for (std::size_t back = 0; back < levels.size(); ++back) {
      if (std::isnan(levels[back])) continue;
      sum += levels[back] * std::pow(0.8, back);
      weights += std::pow(0.8, back);
    }
    return sum / weights;
  }
  static double zscore(const std::vector<double>& levels) {
    std::vector<double> past;
    for (std::size_t back = 1; back < levels.size(); ++back) {
      if (!std::isnan(levels[back])) past.push_back(levels[back]);
    }
    if (past.size() < 5 || std::isnan(levels[0])) return std::nan("");
    double sum = 0;
    double squares = 0;
    for (const double level : past)
      sum += level;
    const double mean = sum / static_cast<double>(past.size());
    for (const double level : past)
      squares += (level - mean) * (level - mean);
    if (std::ranges::count(past, past[0]) == std::ssize(past)) {
      return levels[0] == past[0] ? 0 : std::nan("");
    }
    return (levels[0] - mean) / std::sqrt(squares / static_cast<double>(past.size()));
  }
};

class World {
 public:
  explicit World(std::uint64_t seed)
      : random_(seed),
        given_({.allowed_lateness = Millis{2'000},
                .retention = Millis{90'000},
                .series_ttl = Millis{20'000}}),
        plain_{PaneGrid{}, Millis{2'000}, Millis{20'000}, {}, {}, {}, at(100'000)} {
    for (int i = 0; i < 5; ++i) {
      const std::string host = "h" + std::to_string(i);
      const std::string zone = i % 2 == 0 ? "even" : "odd";
      keys_.emplace_back(Kind::Counter, "req.count",
                         std::vector<model::TagView>{{"host", host}, {"zone", zone}});
      keys_.emplace_back(Kind::Timer, "req.time",
                         std::vector<model::TagView>{{"host", host}, {"zone", zone}});
      keys_.emplace_back(Kind::Gauge, "mem",
                         std::vector<model::TagView>{{"host", host}, {"zone", zone}});
      keys_.emplace_back(Kind::Set, "users", std::vector<model::TagView>{{"host", host}});
      keys_.emplace_back(Kind::Counter, "mem", std::vector<model::TagView>{{"host", host}});
    }
    asleep_until_.assign(keys_.size(), 0);
  }

  void run(int ticks) {
    watch(R"({"metric":"req.count","by":["zone"],"window":"10s","slide":"1s"})");
    watch(
        R"({"metric":"req.time","stats":["count","sum","min","max","p50","p99","mean","stddev"],"window":"8s","slide":"2s"})");
    watch(
        R"({"metric":"mem","by":["@kind","host"],"stats":["last","first","delta","mean","min","max","count"],"window":"5s"})");
    watch(R"({"metric":"req.count","window":"1s"})");
    watch(R"({"metric":"users","window":"2s","slide":"1s","by":["host"],"stats":["distinct"]})");
    watch(
        R"({"metric":"req.count","by":["host"],"stats":["ewma","zscore","rate"],"window":"4s","slide":"1s"})");
    watch(R"({"metric":"m?m","by":["host"],"stats":["ewma","zscore"],"window":"6s","slide":"3s"})");
    watch(
        R"({"metric":"req.time","by":["zone"],"stats":["count","ewma","p50_err","buckets"],"window":"5s","slide":"1s"})");
    watch(
        R"({"metric":"req.*","by":["host"],"stats":["count"],"order":"count:desc","limit":3,"window":"3s"})");
    for (int i = 0; i < ticks && !::testing::Test::HasFailure(); ++i)
      step(i);
  }

 private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<std::uint64_t>(below)); }

  void watch(const std::string& json) { watched_[given_.watch(json)] = query_of(json); }

  void step(int number) {
    if (number == 40)
      watch(
          R"({"metric":"**","by":["zone"],"stats":["count","last","distinct","max"],"window":"30s","slide":"3s"})");
    if (number == 90)
      watch(
          R"({"metric":"mem","by":["@kind"],"where":[["zone","=","odd"]],"stats":["last","mean"],"window":"1s"})");
    if (number == 120) {
      given_.streams.unwatch(watched_.begin()->first);
      given_.reader.tables.erase(watched_.begin()->first);
      watched_.erase(watched_.begin());
    }
    const int length = pick(30) == 0 ? 4 + pick(200) : 1 + (pick(10) == 0 ? pick(12) : 0);
    for (int quarter = 0; quarter < std::min(length, 8); ++quarter)
      send_some(now_ + 250 * quarter);
    now_ += 250L * length;
    plain_.tick(at(now_));
    given_.tick(now_);
    for (const auto& [id, query] : watched_)
      check(id, query);
  }

  void send_some(std::int64_t from) {
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (asleep_until_[i] > now_) continue;
      if (pick(150) == 0) asleep_until_[i] = now_ + 1'000 * (1 + pick(60));
      if (pick(3) != 0) continue;
      const std::int64_t time =
          from + pick(250) - (pick(6) == 0 ? pick(4'000) : 0) + (pick(40) == 0 ? 3'000 : 0);
      // One series changes relatively; it never sleeps, so that nothing it stands on is forgotten.
      const bool relative = i == 2 && pick(2) == 0;
      if (i == 2) asleep_until_[i] = 0;
      const auto partial = folded(keys_[i].kind(), {static_cast<double>(pick(1'000)) / 8}, at(time),
                                  relative ? model::GaugeChange::Add : model::GaugeChange::Set);
      plain_.send(keys_[i], at(time), partial);
      given_.send(relative || i == 2 ? 0 : static_cast<std::size_t>(pick(2)), keys_[i], at(time),
                  partial);
    }
  }

  void check(query::StreamId id, const query::Query& query) {
    Table& table = given_.reader.tables[id];
    const std::int64_t slide = query.slide.count();
    ASSERT_EQ(to_ms(table.window.end), (now_ + slide - 1) / slide * slide);
    expect_rows(table, query, table.window, plain_.rows(query, table.window), table.rows);
    for (const auto& [window, rows] : table.told) {
      if (!table.restated.contains(window)) continue;
      expect_rows(table, query, window, plain_.rows(query, window), rows);
      ++restated_checked;
    }
    table.restated.clear();
    for (const auto& [window, times] : table.finals) {
      expect_rows(table, query, window, plain_.rows(query, window), table.told[window]);
      table.told.erase(window);
      ++finals_checked;
    }
    table.finals.clear();
    for (const auto& [window, values] : table.told) {
      EXPECT_GT(window.end + Millis{2'000}, at(now_)) << "a window that never had its last word";
    }
  }

  // Every row that was told has the value of the plain recomputation; and for the table itself, it
  // is every row.
  void expect_rows(const Table& table, const query::Query& query, const query::Window& window,
                   const std::map<Plain::RowKey, std::vector<double>>& plain,
                   const std::map<query::RowSlot, Table::Values>& rows) {
    if (window == table.window) {
      const std::size_t wanted = query.limit == 0 ? plain.size() : query.limit;
      ASSERT_EQ(rows.size(), std::min(plain.size(), wanted));
    }
    for (const auto& [slot, values] : rows) {
      bool found = false;
      for (const auto& [row, wanted] : plain) {
        found = found ||
                (row.second == table.keys.at(slot) && std::ranges::equal(values, wanted, same));
      }
      EXPECT_TRUE(found) << query::canonical_text(query) << " at " << now_ << " window end "
                         << to_ms(window.end) << " row "
                         << ::testing::PrintToString(table.keys.at(slot))
                         << ::testing::PrintToString(values) << "\nplain "
                         << ::testing::PrintToString(plain);
    }
  }

 public:
  int finals_checked = 0;
  int restated_checked = 0;

 private:
  std::mt19937_64 random_;
  Given given_;
  Plain plain_;
  std::vector<SeriesKey> keys_;
  std::vector<std::int64_t> asleep_until_;
  std::map<query::StreamId, query::Query> watched_;
  std::int64_t now_ = 100'000;
};

TEST(StreamProperty, EqualsAPlainRecomputationFromAllPanes) {
  for (std::uint64_t seed = 1; seed <= 5 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world{seed};
    world.run(220);
    EXPECT_GT(world.finals_checked, 100);
    EXPECT_GT(world.restated_checked, 100);
  }
}

}  // namespace
}  // namespace ingest::timeline
