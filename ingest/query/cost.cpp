#include "ingest/query/cost.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>

#include "ingest/model/glob.h"
#include "ingest/query/columns.h"

namespace ingest::query {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
constexpr Millis kFineFor = std::chrono::hours{2};
constexpr Millis kTensFor = std::chrono::days{2};
constexpr Millis kTen{10'000};
constexpr Millis kSixty{60'000};

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  return a != 0 && b > kMost / a ? kMost : a * b;
}

bool is_named(const Query& query, const std::vector<std::string>& joined, std::string_view name) {
  if (!joined.empty()) return std::ranges::binary_search(joined, name, std::less<>{});
  return query.is_glob() ? model::glob_matches(query.metric, name) : query.metric == name;
}

bool names_one(const Matcher& matcher, std::string_view value) {
  return std::ranges::find(matcher.values, value) != matcher.values.end();
}

// At most so many series of `metric` have one of the matcher's values. The values that the
// catalogue lists are the most frequent ones; what it does not list shares the rest.
std::uint64_t with_value(const Metric& metric, const Matcher& matcher) {
  if (names_one(matcher, "")) return metric.series;  // an absent tag is empty
  const auto key = std::ranges::find(metric.tags, matcher.tag, &TagKey::key);
  if (key == metric.tags.end()) return 0;
  std::uint64_t found = 0;
  std::uint64_t listed = 0;
  std::size_t known = 0;
  for (const TagValue& value : key->values) {
    listed += value.series;
    if (!names_one(matcher, value.value)) continue;
    found += value.series;
    ++known;
  }
  const bool all_listed = key->values.size() < kCatalogueValuesMax;
  if (known == matcher.values.size() || all_listed) return found;
  return std::min(metric.series, found + metric.series - std::min(metric.series, listed));
}

// At most so many of `metric` pass the matcher; of those that say what is not wanted, and of
// regular expressions, all might.
std::uint64_t passing(const Metric& metric, const Matcher& matcher) {
  if (matcher.tag.starts_with('@')) {
    const std::string_view value =
        matcher.tag == kKindColumn ? model::kind_name(metric.kind) : std::string_view{metric.name};
    const bool named = names_one(matcher, value);
    if (matcher.op == Op::Equal || matcher.op == Op::In) return named ? metric.series : 0;
    if (matcher.op == Op::NotEqual || matcher.op == Op::NotIn) return named ? 0 : metric.series;
    return metric.series;
  }
  if (matcher.op == Op::Equal || matcher.op == Op::In) return with_value(metric, matcher);
  return metric.series;
}

/// A list of buckets counts as some of the numbers that it holds.
std::uint64_t stats_of(const Query& query) {
  constexpr std::uint64_t kBuckets = 64;
  const auto lists = static_cast<std::uint64_t>(std::ranges::count_if(query.stats, &Stat::is_list));
  return Columns{query}.inputs().size() + lists * (kBuckets - 1);
}

std::uint64_t panes_of(Millis span, Millis pane) {
  return span <= Millis{0} ? 0 : static_cast<std::uint64_t>((span + pane - Millis{1}) / pane);
}

}  // namespace

std::uint64_t Cost::total() const {
  return times(times(series, reads), stats);
}

std::uint64_t series_matched(const Query& query, const Catalogue& catalogue) {
  const std::vector<std::string> joined = joined_metrics(query);
  std::uint64_t series = 0;
  for (const Metric& metric : catalogue.metrics) {
    if (!is_named(query, joined, metric.name)) continue;
    std::uint64_t of_it = metric.series;
    for (const Matcher& matcher : query.where) {
      if (of_it == 0) break;
      of_it = std::min(of_it, passing(metric, matcher));
    }
    series += of_it;
  }
  return series;
}

Cost stream_cost(const Query& query, const Catalogue& catalogue) {
  const auto slides = static_cast<std::uint64_t>(query.window / query.slide);
  // A run of n leaves of a tree is at most 2 log2 n of its nodes.
  const auto nodes = slides < 2 ? 1 : 2 * static_cast<std::uint64_t>(std::bit_width(slides));
  return {series_matched(query, catalogue), nodes, stats_of(query)};
}

Cost range_cost(const Query& query, const Catalogue& catalogue, const Span& span) {
  const WallTime first = span.start - query.window;
  const auto between = [&](WallTime from, WallTime to) {
    return std::min(to, span.end) - std::max(from, first);
  };
  const std::uint64_t panes =
      panes_of(between(span.now - kFineFor, WallTime::max()), span.pane) +
      panes_of(between(span.now - kTensFor, span.now - kFineFor), std::max(span.pane, kTen)) +
      panes_of(between(WallTime::min(), span.now - kTensFor), std::max(span.pane, kSixty));
  return {series_matched(query, catalogue), panes, stats_of(query)};
}

std::optional<Fault> too_expensive(const Cost& cost, std::uint64_t max) {
  if (cost.total() <= max) return std::nullopt;
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  return Fault{Code::QueryTooExpensive,
               number(cost.series) + " series x " + number(cost.reads) + " panes of each x " +
                   number(cost.stats) + " stats are " + number(cost.total()) + ", more than the " +
                   number(max) +
                   " of limits.query_cost; narrow metric or where, or shorten the time",
               false};
}

}  // namespace ingest::query
