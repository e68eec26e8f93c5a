// rooms: ingest/query
// What a query costs where it is asked often: of each new series, does it match and in which row
// does it stand; of each row, what its derived fields are; and of each subscription, its parsing.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "ingest/query/columns.h"
#include "ingest/query/cost.h"
#include "ingest/query/query.h"
#include "ingest/query/selector.h"

namespace ingest::query {
namespace {

Query parsed(const std::string& json) {
  auto query = parse_query(json, {});
  if (!query) std::abort();
  return *std::move(query);
}

/// 1,000 series: 20 metrics of 50 hosts, with three tags each.
std::vector<model::SeriesKey> many_series() {
  std::vector<model::SeriesKey> all;
  for (int i = 0; i < 1'000; ++i) {
    const std::string name = "http.request.phase" + std::to_string(i % 20);
    const std::string host = "web-" + std::to_string(i / 20);
    all.emplace_back(model::Kind::Timer, name,
                     std::vector<model::TagView>{
                         {"env", i % 3 == 0 ? "stage" : "prod"}, {"host", host}, {"route", "/a"}});
  }
  return all;
}

void select_series(benchmark::State& state, const std::string& json) {
  const auto selector = Selector::compile(parsed(json));
  const auto series = many_series();
  std::size_t matched = 0;
  for (auto _ : state) {
    for (const model::SeriesKey& one : series)
      matched += selector->matches(one) ? 1U : 0U;
  }
  benchmark::DoNotOptimize(matched);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(series.size()));
}
BENCHMARK_CAPTURE(select_series, name, R"({"metric":"http.request.phase7"})");
BENCHMARK_CAPTURE(select_series, glob, R"({"metric":"http.*.phase?"})");
BENCHMARK_CAPTURE(select_series, glob_of_all, R"({"metric":"**"})");
BENCHMARK_CAPTURE(select_series, equal, R"({"metric":"**","where":[["env","=","prod"]]})");
BENCHMARK_CAPTURE(select_series, in,
                  R"({"metric":"**","where":[["host","in",["web-1","web-7"]]]})");
BENCHMARK_CAPTURE(select_series, regex, R"({"metric":"**","where":[["host","=~","web-[0-9]+"]]})");
BENCHMARK_CAPTURE(
    select_series, joined,
    R"({"metric":"**","derive":{"r":"http.request.phase1.count / http.request.phase2.count"}})");

void key_rows(benchmark::State& state, const std::string& json) {
  const auto selector = Selector::compile(parsed(json));
  const auto series = many_series();
  for (auto _ : state) {
    for (const model::SeriesKey& one : series)
      benchmark::DoNotOptimize(selector->row_key(one));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(series.size()));
}
BENCHMARK_CAPTURE(key_rows, by_two, R"({"metric":"m","by":["host","route"]})");
BENCHMARK_CAPTURE(key_rows, without_one, R"({"metric":"m","without":["env"]})");

void derive(benchmark::State& state, const std::string& expression) {
  const Columns columns{
      parsed(R"({"metric":"m","stats":[],"derive":{"x":")" + expression + "\"}}")};
  const std::vector<double> inputs(columns.inputs().size(), 7.5);
  std::vector<double> row(columns.size());
  for (auto _ : state) {
    columns.finish(inputs, row);
    benchmark::DoNotOptimize(row.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(derive, ratio, "count / rate");
BENCHMARK_CAPTURE(derive, guarded, "if(count > 100, (p99 - p50) / coalesce(mean, 1), 0) * 1e3");

void parse(benchmark::State& state) {
  const std::string text =
      R"({"metric":"http.request.*","where":[["region","=","eu-west-1"],["host","=~","web-[0-9]+"],)"
      R"(["env","in",["prod","stage"]],["canary","exists"]],"by":["route"],"window":"10s",)"
      R"("slide":"1s","stats":["count","rate","mean","p50","p99"],"order":"p99:desc","limit":50})";
  for (auto _ : state)
    benchmark::DoNotOptimize(parse_query(text, {}));
}
BENCHMARK(parse);

}  // namespace
}  // namespace ingest::query
