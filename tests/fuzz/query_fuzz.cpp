// rooms: ingest/query
// Any text as a query: no crash, and either a refusal that names its place, or a query that cannot
// be wrong: its canonical text reads back to the same, its columns and its selector are made of it,
// and whatever an expression computes is finite or null.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/base/check.h"
#include "ingest/query/columns.h"
#include "ingest/query/query.h"
#include "ingest/query/selector.h"

namespace {

using namespace ingest::query;  // NOLINT(google-build-using-namespace): one fuzz target, one room

void check_columns(const Query& query) {
  const Columns columns{query};
  CHECK(columns.size() == fields(query).size() && columns.size() > 0);
  std::vector<double> inputs(columns.inputs().size());
  for (std::size_t i = 0; i < inputs.size(); ++i)
    inputs[i] = static_cast<double>(i) - 1.5;
  std::vector<double> row(columns.size());
  columns.finish(inputs, row);
  CHECK(std::ranges::none_of(row, [](double value) { return std::isinf(value); }));
}

void check_selector(const Query& query) {
  const auto selector = Selector::compile(query);
  CHECK(selector);
  const ingest::model::SeriesKey series{
      ingest::model::Kind::Timer, "http.requests", {{"route", "/a"}, {"host", "web-1"}}};
  CHECK(selector->row_key(series).size() == query.by.size());
  if (selector->matches(series) && !joined_metrics(query).empty())
    CHECK(joined_metrics(query)[selector->part(series)] == series.name());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto query = parse_query(ingest::as_text({data, size}), {});
  if (!query) {
    CHECK(!query.error().msg.empty());
    return 0;
  }
  const std::string text = canonical_text(*query);
  const auto again = parse_query(text, {});
  CHECK(again && *again == *query && canonical_text(*again) == text);
  check_columns(*query);
  check_selector(*query);
  return 0;
}
