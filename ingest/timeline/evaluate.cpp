#include "ingest/timeline/evaluate.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>

namespace ingest::timeline {
namespace {

using Name = query::Stat::Name;

constexpr double kNull = std::numeric_limits<double>::quiet_NaN();

double per_second(double total, Millis window) {
  return total / std::chrono::duration<double>(window).count();
}

// ---- one kind each ----

double of_counter(Name name, const model::CounterPartial& counter, Millis window) {
  switch (name) {
    case Name::Count:
    case Name::Sum:
      return counter.total();
    case Name::Rate:
      return per_second(counter.total(), window);
    case Name::Mean:
    case Name::Min:
    case Name::Max:
    case Name::Stddev:
    case Name::First:
    case Name::Last:
    case Name::Delta:
    case Name::Distinct:
    case Name::Ewma:
    case Name::Zscore:
    case Name::Quantile:
    case Name::QuantileError:
    case Name::Buckets:
      return kNull;
  }
  return kNull;
}

// How far the true quantile may lie from the one told. A histogram's error is relative to the true
// value x: |told - x| <= e x, so x <= told / (1 - e); and x lies between the extremes.
double quantile_error(model::TimerReader& timer, double q) {
  const double relative = timer.histogram().error_bound();
  if (timer.histogram().is_exact() || q == 0 || q == 1) return std::abs(timer.quantile(q)) * 0;
  const double told = timer.quantile(q);
  const double extremes = std::max(told - timer.min(), timer.max() - told);
  return std::min(std::abs(told) * (relative / (1 - relative)), extremes);
}

double of_timer(const query::Stat& stat, model::TimerReader& timer, Millis window) {
  switch (stat.name) {
    case Name::Count:
      return timer.count();
    case Name::Rate:
      return per_second(timer.count(), window);
    case Name::Sum:
      return timer.sum();
    case Name::Mean:
      return timer.mean();
    case Name::Min:
      return timer.min();
    case Name::Max:
      return timer.max();
    case Name::Stddev:
      return timer.stddev();
    case Name::Quantile:
      return timer.quantile(stat.q());
    case Name::QuantileError:
      return quantile_error(timer, stat.q());
    case Name::First:
    case Name::Last:
    case Name::Delta:
    case Name::Distinct:
    case Name::Ewma:
    case Name::Zscore:
    case Name::Buckets:
      return kNull;
  }
  return kNull;
}

/// `timer` is there where the totals are a timer's.
double of_totals(const query::Stat& stat, const Totals& totals,
                 std::optional<model::TimerReader>& timer, Millis window) {
  switch (totals.kind()) {
    case model::Kind::Counter:
      return of_counter(stat.name, totals.merged().counter(), window);
    case model::Kind::Timer:
      return of_timer(stat, *timer, window);
    case model::Kind::Set:
      return stat.name == Name::Distinct ? totals.merged().set().distinct() : kNull;
    case model::Kind::Gauge:
      return totals.gauges().evaluate(stat);
  }
  return kNull;
}

// ---- buckets ----

double events_of(model::Weight weight) {
  return static_cast<double>(weight) / static_cast<double>(model::kWeightOne);
}

void append_run(const sketch::ExpHistogram& histogram, const sketch::ExpHistogram::Run& run,
                model::Weight zeros, std::vector<double>& lists) {
  lists.push_back(static_cast<double>(run.weights.size() + 3));
  lists.push_back(histogram.scale());
  lists.push_back(events_of(zeros));
  lists.push_back(run.first);
  for (const model::Weight weight : run.weights)
    lists.push_back(events_of(weight));
}

// Where it begins in `lists`; null when nothing came.
double append_buckets(const model::TimerPartial& timer, std::vector<double>& lists) {
  if (timer.histogram().empty()) return kNull;
  sketch::ExpHistogram histogram = timer.histogram();
  histogram.to_buckets();
  const auto begin = static_cast<double>(lists.size());
  append_run(histogram, histogram.positive(), histogram.zero_weight(), lists);
  if (const auto negative = histogram.negative(); !negative.weights.empty()) {
    append_run(histogram, negative, 0, lists);
  } else {
    lists.push_back(0);
  }
  return begin;
}

// ---- marks ----

// A sum that left the doubles is null, as what was never there is: the mark tells them apart.
bool is_overflowed(const Totals& totals, std::optional<model::TimerReader>& timer) {
  switch (totals.kind()) {
    case model::Kind::Counter:
      return std::isnan(totals.merged().counter().total());
    case model::Kind::Timer:
      return std::isnan(timer->sum());
    case model::Kind::Gauge:
      return totals.gauges().is_overflowed();
    case model::Kind::Set:
      return false;
  }
  return false;
}

query::Marks marks_of(std::span<const Totals> totals,
                      std::span<std::optional<model::TimerReader>> timers) {
  query::Marks marks = 0;
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const Totals& each = totals[i];
    if (each.kind() == model::Kind::Gauge && each.gauges().is_stale()) marks |= query::kStale;
    if (is_overflowed(each, timers[i])) marks |= query::kOverflowed;
  }
  return marks;
}

std::optional<model::TimerReader> reader_of(const Totals& totals) {
  if (totals.kind() != model::Kind::Timer) return std::nullopt;
  return model::TimerReader{totals.merged().timer()};
}

// Of a kind, with nothing in it: what an empty window is evaluated from.
const model::Partial& empty_partial(model::Kind kind) {
  static const std::array<model::Partial, 4> kEmpty{
      model::Partial{model::Kind::Counter}, model::Partial{model::Kind::Gauge},
      model::Partial{model::Kind::Timer}, model::Partial{model::Kind::Set}};
  return kEmpty[static_cast<std::size_t>(kind)];
}

}  // namespace

// ---- gauges ----

void GaugeGroup::add_samples(const model::GaugePartial& in_window) {
  const double mean = in_window.mean();
  if (!std::isnan(mean)) {
    min_ = means_ == 0 ? in_window.min() : std::min(min_, in_window.min());
    max_ = means_ == 0 ? in_window.max() : std::max(max_, in_window.max());
    mean_.add(mean);
    ++means_;
  }
  samples_ += in_window.samples();
  changes_ += in_window.changes();
}

void GaugeGroup::add(const model::GaugePartial& in_window, double before) {
  add_samples(in_window);
  const bool known = !std::isnan(before);
  if (in_window.samples() + in_window.changes() == 0 && !known) return;
  const double began = known ? before : 0;
  const double last = in_window.last(began);
  const double first = in_window.first();
  ++series_;
  last_.add(last);
  last_.add(in_window.last_low());
  first_.add(std::isnan(first) ? began : first);
  first_.add(in_window.first_low());
}

void GaugeGroup::add_lost(const model::GaugePartial& in_window) {
  if (in_window.has_absolute()) return add(in_window, 0);  // which nothing stands on then
  add_samples(in_window);
  ++lost_;
}

double GaugeGroup::evaluate(const query::Stat& stat) const {
  switch (stat.name) {
    case Name::Count:
      return static_cast<double>(samples_);
    case Name::Mean:
      return means_ == 0 ? kNull : mean_.value() / static_cast<double>(means_);
    case Name::Min:
      return means_ == 0 ? kNull : min_;
    case Name::Max:
      return means_ == 0 ? kNull : max_;
    case Name::First:
      return series_ == 0 || lost_ > 0 ? kNull : first_.value();
    case Name::Last:
      return series_ == 0 || lost_ > 0 ? kNull : last_.value();
    case Name::Delta:
      return series_ == 0 || lost_ > 0 ? kNull : last_.minus(first_);
    case Name::Rate:
    case Name::Sum:
    case Name::Stddev:
    case Name::Distinct:
    case Name::Ewma:
    case Name::Zscore:
    case Name::Quantile:
    case Name::QuantileError:
    case Name::Buckets:
      return kNull;
  }
  return kNull;
}

bool GaugeGroup::is_overflowed() const {
  return series_ > 0 && (std::isnan(last_.value()) || std::isnan(first_.value()));
}

// ---- totals ----

void Totals::add(const model::Partial& piece) {
  if (only_ == nullptr) {
    only_ = &piece;
    return;
  }
  if (!merged_) merged_ = *only_;
  merged_->merge(piece);
}

const model::Partial& Totals::merged() const {
  if (merged_) return *merged_;
  return only_ != nullptr ? *only_ : empty_partial(kind_);
}

bool Totals::is_seen() const {
  return kind_ == model::Kind::Gauge ? gauges_.is_known() : only_ != nullptr;
}

Level level_of(const Totals& totals, Millis length) {
  const auto stat = [&]() -> Name {
    switch (totals.kind()) {
      case model::Kind::Counter:
        return Name::Rate;
      case model::Kind::Timer:
        return Name::Mean;
      case model::Kind::Gauge:
        return Name::Last;
      case model::Kind::Set:
        return Name::Distinct;
    }
    return Name::Rate;
  };
  std::optional<model::TimerReader> timer = reader_of(totals);
  return {of_totals({stat()}, totals, timer, length), totals.is_seen()};
}

// ---- columns ----

Evaluator::Evaluator(const query::Query& query)
    : columns_(query), stats_(query.stats.size()), window_(query.window) {
  looks_back_ = std::ranges::any_of(columns_.inputs(), [](const query::Columns::Input& input) {
    return input.stat.name == Name::Ewma || input.stat.name == Name::Zscore;
  });
}

// Of the first kind that has it.
double Evaluator::input(std::span<const Totals> totals, const query::Columns::Input& input,
                        Evaluated& memory) const {
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const Totals& each = totals[i];
    if (each.part() != input.part) continue;
    double value = kNull;
    if (input.stat.name == Name::Ewma || input.stat.name == Name::Zscore) {
      const bool is_ewma = input.stat.name == Name::Ewma;
      if (each.past() == nullptr) continue;
      value = is_ewma ? each.past()->ewma(each.window()) : each.past()->zscore(each.window());
    } else if (input.stat.name == Name::Buckets) {
      if (each.kind() != model::Kind::Timer) continue;
      value = append_buckets(each.merged().timer(), memory.lists);
    } else {
      value = of_totals(input.stat, each, memory.timers[i], window_);
    }
    if (!std::isnan(value)) return value;
  }
  return kNull;
}

void Evaluator::read(std::span<const Totals> totals, Evaluated& memory) {
  memory.timers.clear();
  for (const Totals& each : totals)
    memory.timers.push_back(reader_of(each));
}

void Evaluator::append(std::span<const Totals> totals, Evaluated& to) const {
  read(totals, to);
  to.inputs.clear();
  for (const query::Columns::Input& each : columns_.inputs())
    to.inputs.push_back(input(totals, each, to));
  to.values.resize(to.values.size() + columns());
  columns_.finish(to.inputs, std::span{to.values}.last(columns()));
  to.marks.push_back(marks_of(totals, to.timers));
}

double Evaluator::column(std::span<const Totals> totals, std::size_t index,
                         Evaluated& memory) const {
  memory.clear();
  if (index < stats_) {
    read(totals, memory);
    return input(totals, columns_.inputs()[index], memory);
  }
  append(totals, memory);
  return memory.values[index];
}

}  // namespace ingest::timeline
