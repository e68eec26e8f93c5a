#include "ingest/timeline/history.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "ingest/query/selector.h"
#include "ingest/timeline/evaluate.h"

namespace ingest::timeline {
namespace {

using RowKey = std::pair<std::vector<std::string>, model::Kind>;
using Members = std::vector<SeriesIndex>;

std::map<RowKey, Members> rows_of(const Timeline& timeline, const query::Query& query,
                                  const query::Selector& selector) {
  std::map<RowKey, Members> rows;
  const auto consider = [&](SeriesIndex index) {
    const Timeline::Series* series = timeline.series(index);
    if (series == nullptr || !selector.matches(series->key)) return;
    rows[{selector.row_key(series->key), series->key.kind()}].push_back(index);
  };
  if (query.is_glob()) {
    for (SeriesIndex i = 0; i < timeline.indexes(); ++i)
      consider(i);
  } else if (const auto name = timeline.names().find(query.metric);
             name != timeline.names().end()) {
    for (const SeriesIndex i : name->second.series)
      consider(i);
  }
  return rows;
}

/// A window in panes.
struct Panes {
  PaneNumber first = 0;
  PaneNumber last = 0;  // one past
};

model::Partial merged(const SeriesPanes& panes, model::Kind kind, const Panes& window) {
  model::Partial all{kind};
  panes.each(Rollup::Base, window.first, window.last,
             [&](PaneNumber, const model::Partial& partial) { all.merge(partial); });
  return all;
}

// A gauge's panes one after another; each window goes on where the one before began.
class GaugeWalk {
 public:
  explicit GaugeWalk(const SeriesPanes& panes) : panes_(panes) {
    if (const auto before = panes.before(Rollup::Base)) {
      value_ = before->value;
      newest_ = before->pane;
    }
  }
  /// Its value before `pane`, NaN when unknown. Panes ascend from call to call.
  double before(PaneNumber pane) {
    panes_.each(Rollup::Base, next_, pane, [&](PaneNumber number, const model::Partial& partial) {
      value_ = partial.gauge().last(std::isnan(value_) ? 0 : value_);
      newest_ = number;
    });
    next_ = std::max(next_, pane);
    return value_;
  }
  /// The newest pane below `end`, kNone when there is none. `end` is not below before()'s pane.
  PaneNumber newest_below(PaneNumber end) const {
    PaneNumber newest = newest_ < end ? newest_ : kNone;
    panes_.each(Rollup::Base, next_, end,
                [&](PaneNumber number, const model::Partial&) { newest = number; });
    return newest;
  }
  static constexpr PaneNumber kNone = -1;

 private:
  SeriesPanes panes_;
  PaneNumber next_ = 0;
  PaneNumber newest_ = kNone;
  double value_ = std::numeric_limits<double>::quiet_NaN();
};

class RowHistory {
 public:
  RowHistory(const Timeline& timeline, const query::Query& query, const Members& members)
      : timeline_(timeline), evaluator_(query), members_(members) {
    for (const SeriesIndex series : members)
      walks_.emplace_back(timeline.panes(series));
  }
  void evaluate_window(model::Kind kind, const Panes& window, Evaluated& to) {
    Totals totals{kind};
    model::Partial all{kind};
    if (kind == model::Kind::Gauge) {
      add_gauges(window, totals);
    } else {
      for (const SeriesIndex series : members_)
        all.merge(merged(timeline_.panes(series), kind, window));
      totals.add(all);
    }
    evaluator_.append({&totals, 1}, to);
  }

 private:
  void add_gauges(const Panes& window, Totals& totals) {
    const PaneGrid& grid = timeline_.grid();
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const double before = walks_[i].before(window.first);
      const PaneNumber newest = walks_[i].newest_below(window.last);
      if (newest == GaugeWalk::kNone) continue;
      if (grid.end(newest) + timeline_.options().series_ttl <= grid.start(window.last)) continue;
      const SeriesPanes panes = timeline_.panes(members_[i]);
      totals.add_gauge(merged(panes, model::Kind::Gauge, window).gauge(), before);
    }
  }

  const Timeline& timeline_;
  Evaluator evaluator_;
  const Members& members_;
  std::vector<GaugeWalk> walks_;  // gauges only use them
};

}  // namespace

Result<History, query::Fault> history(const Timeline& timeline, const query::Query& query,
                                      const HistoryRange& range, std::size_t points_max) {
  const Millis pane = timeline.grid().pane;
  if (range.end < range.start || range.step <= Millis{0} || query.slide < pane) {
    return Failure{query::Fault{query::Code::QueryBadWindow, "start, end, step: no range of time"}};
  }
  const Millis step = (range.step + query.slide - Millis{1}) / query.slide * query.slide;
  const query::Selector selector = TRY(query::Selector::compile(query));
  const std::int64_t first = range.start.time_since_epoch() / step + 1;
  const std::int64_t last = range.end.time_since_epoch() / step;
  History found;
  if (last < first) return found;
  if (static_cast<std::uint64_t>(last - first) + 1 > points_max) {
    return Failure{query::Fault{query::Code::LimitRange,
                                "step: gives more than " + std::to_string(points_max) + " points"}};
  }
  for (std::int64_t i = first; i <= last; ++i)
    found.times.emplace_back(step * i);
  for (const auto& [key, members] : rows_of(timeline, query, selector)) {
    HistoryRow row{key.first, key.second, {}};
    RowHistory past{timeline, query, members};
    Evaluated evaluated;
    for (const WallTime end : found.times) {
      const PaneNumber last_pane = timeline.grid().number(end);
      past.evaluate_window(row.kind, {last_pane - query.window / pane, last_pane}, evaluated);
    }
    row.values = evaluated.values;
    found.rows.push_back(std::move(row));
  }
  return found;
}

}  // namespace ingest::timeline
