#include "ingest/timeline/exposition_survey.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace ingest::timeline {

using model::Kind;
using query::ExpositionPart;
using query::ExpositionRow;

ExpositionSurvey::ExpositionSurvey(Timeline& timeline)
    : timeline_(timeline), minute_(timeline), made_(std::make_shared<query::ExpositionTable>()) {}

query::ExpositionTablePtr ExpositionSurvey::go_on(std::size_t& steps) {
  for (; next_ < timeline_.indexes(); ++next_) {
    if (steps == 0) return nullptr;
    const Timeline::Series* const series = timeline_.series(next_);
    const std::size_t cost = series != nullptr && series->live ? take(next_, *series) : 1;
    steps -= std::min(steps, cost);
  }
  made_->made = timeline_.known_until();
  return std::move(made_);
}

/// What it cost.
std::size_t ExpositionSurvey::take(SeriesIndex index, const Timeline::Series& series) {
  const Kind kind = series.key.kind();
  timeline_.tell_total(index, told_);
  ExpositionPart& to = part();
  const std::string_view key = series.key.bytes();
  ExpositionRow row{
      .series = index,
      .generation = series.generation,
      .kind = kind,
      .last_seen = std::min(timeline_.grid().end(series.newest), timeline_.known_until()),
      .key_first = static_cast<std::uint32_t>(to.keys.size()),
      .key_bytes = static_cast<std::uint32_t>(key.size()),
      .value = told_.value,
      .count = told_.count,
      .numbers_first = static_cast<std::uint32_t>(to.numbers.size()),
      .shape = nullptr};
  const bool is_recent = row.last_seen + query::kExpositionWindow > timeline_.known_until();
  std::size_t cost = 1;
  if (kind == Kind::Set) {
    row.value = is_recent ? minute_.distinct(index) : 0;
    cost += is_recent ? minute_.merged() : 0;
  } else if (kind == Kind::Timer) {
    row.shape = keep(timeline_.shape(index));
    if (row.shape == nullptr) return cost;  // nobody said how
    tell_timer(row, is_recent);
    cost += is_recent && !row.shape->is_histogram() ? minute_.merged() : 0;
  }
  to.keys.append(key);
  to.rows.push_back(row);
  return cost;
}

ExpositionPart& ExpositionSurvey::part() {
  if (made_->parts.empty() || made_->parts.back().rows.size() == ExpositionPart::kRowsMax) {
    made_->parts.emplace_back().rows.reserve(ExpositionPart::kRowsMax);
  }
  return made_->parts.back();
}

void ExpositionSurvey::tell_timer(ExpositionRow& row, bool is_recent) {
  std::vector<double>& numbers = part().numbers;
  if (row.shape->is_histogram()) {
    numbers.insert(numbers.end(), told_.at_most.begin(), told_.at_most.end());
    return;
  }
  const auto& quantiles = row.shape->quantiles;
  if (!is_recent || quantiles.empty()) {
    numbers.insert(numbers.end(), quantiles.size(), std::numeric_limits<double>::quiet_NaN());
    return;
  }
  minute_.append_quantiles(row.series, quantiles, numbers);
}

/// The table keeps each shape once; of neighbours it is mostly the same.
const query::TimerShape* ExpositionSurvey::keep(query::TimerShapePtr shape) {
  if (shape == nullptr) return nullptr;
  auto& kept = made_->shapes;
  const auto found = std::ranges::find(kept.rbegin(), kept.rend(), shape);
  if (found != kept.rend()) return found->get();
  return kept.emplace_back(std::move(shape)).get();
}

}  // namespace ingest::timeline
