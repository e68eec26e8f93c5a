#include "ingest/query/columns.h"

#include <algorithm>
#include <array>

#include "ingest/base/check.h"

namespace ingest::query {

std::vector<std::string> joined_metrics(const Query& query) {
  std::vector<std::string> metrics;
  for (const Derived& derived : query.derive) {
    for (const Term& term : derived.expression.terms()) {
      if (!term.metric.empty()) metrics.push_back(term.metric);
    }
  }
  std::ranges::sort(metrics);
  metrics.erase(std::unique(metrics.begin(), metrics.end()), metrics.end());
  return metrics;
}

Columns::Columns(const Query& query) : stats_(query.stats.size()) {
  for (const Stat& stat : query.stats)
    inputs_.push_back({0, stat});
  const std::vector<std::string> metrics = joined_metrics(query);
  const auto part_of = [&](const Term& term) {
    const auto found = std::ranges::find(metrics, term.metric);
    return found == metrics.end() ? 0 : static_cast<std::size_t>(found - metrics.begin());
  };
  for (const Derived& derived : query.derive) {
    Derivation derivation{derived.expression, {}};
    for (const Term& term : derived.expression.terms()) {
      const Input input{part_of(term), term.stat};
      const auto found = std::ranges::find(inputs_, input);
      derivation.terms.push_back(static_cast<std::size_t>(found - inputs_.begin()));
      if (found == inputs_.end()) inputs_.push_back(input);
    }
    derived_.push_back(std::move(derivation));
  }
}

void Columns::finish(std::span<const double> values, std::span<double> columns) const {
  CHECK(values.size() == inputs_.size() && columns.size() == size());
  std::ranges::copy(values.first(stats_), columns.begin());
  std::array<double, Expression::kTermsMax> terms{};
  for (std::size_t i = 0; i < derived_.size(); ++i) {
    const Derivation& derivation = derived_[i];
    for (std::size_t j = 0; j < derivation.terms.size(); ++j)
      terms[j] = values[derivation.terms[j]];
    columns[stats_ + i] =
        derivation.expression.eval(std::span{terms}.first(derivation.terms.size()));
  }
}

}  // namespace ingest::query
