#include "gateway/cli/bench_ticks.h"

#include <array>
#include <string>

#include "ingest/query/query.h"

namespace gateway::cli {
namespace {

using ingest::Millis;

ingest::query::Query query_of_rows(std::size_t stats) {
  using ingest::query::Stat;
  constexpr std::array kStats{Stat{Stat::Name::Count}, Stat{Stat::Name::Mean},
                              Stat{Stat::Name::Quantile, 99'000},
                              Stat{Stat::Name::Quantile, 50'000}, Stat{Stat::Name::Rate}};
  ingest::query::Query query;
  query.metric = "http.request.duration";
  query.by = {"route"};
  query.stats.assign(kStats.begin(), kStats.begin() + static_cast<std::ptrdiff_t>(stats));
  return query;
}

}  // namespace

/// Knuth's linear congruential generator (MMIX), its upper bits.
double BenchNumbers::below(double max) {
  state_ = state_ * 6364136223846793005U + 1442695040888963407U;
  return static_cast<double>(state_ >> 40U) / static_cast<double>(1U << 24U) * max;
}

BenchTicks::BenchTicks(std::size_t rows, std::size_t stats)
    : stats_(stats), table_(query_of_rows(stats), {}) {
  for (std::size_t row = 0; row < rows; ++row) {
    rows_.push_back(static_cast<ingest::query::RowSlot>(row));
    added_.push_back({rows_.back(), {"/api/v2/things/" + std::to_string(row)}});
  }
  step();
  channel_.start(table_, end_);
}

std::string_view BenchTicks::step() {
  ++tick_;
  end_ = ingest::wall_from_ms(1'764'000'000'000 + tick_ * 1'000);
  values_.clear();
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    values_.push_back(1 + static_cast<double>(static_cast<int>(numbers_.below(500))));
    for (std::size_t stat = 1; stat < stats_; ++stat)
      values_.push_back(numbers_.below(stat == 1 ? 100 : 900));
  }
  ingest::query::Update update;
  update.stream = 1;
  update.window = {end_ - Millis{10'000}, end_};
  if (tick_ == 1) update.added = added_;
  update.rows = rows_;
  update.values = values_;
  table_.apply(update);
  table_.seal();
  if (tick_ == 1) return {};
  out_.clear();
  channel_.advance(table_, end_, out_);
  return out_.front().frame->payload();
}

}  // namespace gateway::cli
