// rooms: ingest/timeline
// Any text as the cursor of a question about the past. What is accepted reads back to the same, and
// asks, as a client's own invention, for no more than a page of the question that it comes with.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/base/check.h"
#include "ingest/model/packed_partial.h"
#include "ingest/timeline/range_query.h"

namespace {

using namespace ingest;            // NOLINT(google-build-using-namespace): one fuzz target
using namespace ingest::timeline;  // NOLINT(google-build-using-namespace): one fuzz target

constexpr std::array kQuestions{
    R"({"metric":"m","by":["host"],"window":"10s","slide":"1s","stats":["count","p99"]})",
    R"({"metric":"*","by":["host"],"window":"1min","slide":"10s","stats":["ewma","zscore"]})",
    R"({"metric":"m","by":["host"],"window":"10min","stats":["buckets","count"],"order":"count:desc","limit":3})",
};
constexpr std::uint64_t kCostMax = 1'000'000;  // keeps what an input costs within a millisecond

void add_series(RangeQuery& asked) {
  RangeQuery::Ref ref = 0;
  for (const auto kind : {model::Kind::Counter, model::Kind::Gauge, model::Kind::Timer}) {
    for (const char* host : {"a", "b", "c"}) {
      const model::SeriesKey key{kind, "m", {{"host", host}}};
      if (asked.wants(key)) asked.add_series(ref++, key);
    }
  }
}

/// As its owner does, with series that have a pane each.
void answer(RangeQuery& asked, const RangeQuery::Options& options) {
  KeptLevels kept;
  kept.levels[0] = {options.pane, WallTime{Millis{0}}};
  add_series(asked);
  if (!asked.plan(kept, wall_from_ms(3'600'000))) return;
  for (std::size_t at = 0; at < asked.wanted().size(); ++at) {
    const RangeQuery::Wanted wanted = asked.wanted()[at];
    asked.begin_series();
    const Gap needed = asked.needed(wanted.kind);
    CHECK(needed.from < needed.until);
    model::Partial partial{wanted.kind};
    partial.fold({.kind = wanted.kind, .value = 1.0}, needed.until - options.pane);
    std::vector<std::byte> packed;
    model::pack(partial, packed);
    if (asked.takes(options.pane))
      CHECK(asked.add(needed.until - options.pane, needed.until, packed));
    asked.end_series();
    while (asked.has_row() && !asked.is_too_large())
      asked.evaluate(1'000);
    CHECK(!asked.is_too_large());
  }
  while (asked.settle(1'000)) {
  }
  const query::RangePage page = asked.finish();
  CHECK(page.values.size() <= options.values_max || page.keys.size() * page.times.size() <= 9);
  CHECK(page.next.empty() || read_cursor(page.next));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  auto cursor = read_cursor(as_text({data + 1, size - 1}));
  if (!cursor) return 0;
  while (!cursor->key.empty() && cursor->key.back().empty())
    cursor->key.pop_back();  // those at the end go without saying
  const auto again = read_cursor(cursor_text(*cursor));
  CHECK(again && *again == *cursor);
  const auto query = query::parse_query(kQuestions[data[0] % kQuestions.size()], {});
  CHECK(query);
  query::RangeAsk ask{*query, wall_from_ms(0), wall_from_ms(3'600'000), Millis{0}, ""};
  cursor->asked = hash_of(ask);  // no secret: whoever asks can work it out
  ask.cursor = cursor_text(*cursor);
  const RangeQuery::Options options{.cost_max = kCostMax};
  if (auto asked = RangeQuery::open(std::move(ask), options)) answer(*asked, options);
  return 0;
}
