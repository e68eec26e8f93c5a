#include "ingest/query/cost.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <span>
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

using Metrics = std::span<const Metric>;

/// Those whose names begin so; the catalogue stands by name.
Metrics named_like(const Catalogue& catalogue, std::string_view prefix) {
  const auto start_of = [&](const Metric& metric) {
    return std::string_view{metric.name}.substr(0, prefix.size());
  };
  return {std::ranges::lower_bound(catalogue.metrics, prefix, {}, start_of),
          std::ranges::upper_bound(catalogue.metrics, prefix, {}, start_of)};
}

bool names_one(const Matcher& matcher, std::string_view value) {
  return std::ranges::binary_search(matcher.values, value, std::less<>{});  // canonical: sorted
}

// At most so many series of `metric` have one of the matcher's values. The values that the
// catalogue lists are the most frequent ones; what it does not list shares the rest.
std::uint64_t with_value(const Metric& metric, const Matcher& matcher, std::size_t& left) {
  if (names_one(matcher, "")) return metric.series;  // an absent tag is empty
  const auto key = std::ranges::find(metric.tags, matcher.tag, &TagKey::key);
  if (key == metric.tags.end()) return 0;
  if (left < key->values.size()) return metric.series;
  left -= key->values.size();
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
std::uint64_t passing(const Metric& metric, const Matcher& matcher, std::size_t& left) {
  if (matcher.tag.starts_with('@')) {
    const std::string_view value =
        matcher.tag == kKindColumn ? model::kind_name(metric.kind) : std::string_view{metric.name};
    const bool named = names_one(matcher, value);
    if (matcher.op == Op::Equal || matcher.op == Op::In) return named ? metric.series : 0;
    if (matcher.op == Op::NotEqual || matcher.op == Op::NotIn) return named ? 0 : metric.series;
    return metric.series;
  }
  if (matcher.op == Op::Equal || matcher.op == Op::In) return with_value(metric, matcher, left);
  return metric.series;
}

std::uint64_t panes_of(Millis span, Millis pane) {
  return span <= Millis{0} ? 0 : static_cast<std::uint64_t>((span + pane - Millis{1}) / pane);
}

}  // namespace

std::uint64_t Cost::total() const {
  return times(times(series, reads), stats);
}

std::uint64_t series_matched(const Query& query, const Catalogue& catalogue) {
  std::uint64_t series = 0;
  std::size_t left = kValuesLookedAtMax;
  const auto count = [&](const Metric& metric) {
    std::uint64_t of_it = metric.series;
    for (const Matcher& matcher : query.where) {
      if (of_it == 0) break;
      of_it = std::min(of_it, passing(metric, matcher, left));
    }
    series += of_it;
  };
  const auto count_named = [&](const std::string& name) {
    for (const Metric& metric : named_like(catalogue, name)) {
      if (metric.name != name) break;  // the name itself stands first
      count(metric);
    }
  };
  const std::vector<std::string> joined = joined_metrics(query);
  if (!joined.empty()) {
    std::ranges::for_each(joined, count_named);
  } else if (!query.is_glob()) {
    count_named(query.metric);
  } else {
    const model::Glob glob{query.metric};
    for (const Metric& metric :
         named_like(catalogue, query.metric.substr(0, query.metric.find_first_of("*?")))) {
      if (glob.matches(metric.name)) count(metric);
    }
  }
  return series;
}

Cost stream_cost(const Query& query, const Catalogue& catalogue) {
  const auto slides = static_cast<std::uint64_t>(query.window / query.slide);
  // A run of n leaves of a tree is at most 2 log2 n of its nodes.
  const auto nodes = slides < 2 ? 1 : 2 * static_cast<std::uint64_t>(std::bit_width(slides));
  return {series_matched(query, catalogue), nodes, cost_of_stats(query)};
}

std::uint64_t panes_between(WallTime from, WallTime until, WallTime now, Millis pane) {
  const auto between = [&](WallTime first, WallTime last) {
    return std::min(last, until) - std::max(first, from);
  };
  return panes_of(between(now - kFineFor, WallTime::max()), pane) +
         panes_of(between(now - kTensFor, now - kFineFor), std::max(pane, kTen)) +
         panes_of(between(WallTime::min(), now - kTensFor), std::max(pane, kSixty));
}

/// A list of buckets counts as some of the numbers that it holds.
std::uint64_t cost_of_stats(const Query& query) {
  constexpr std::uint64_t kBuckets = 64;
  const auto lists = static_cast<std::uint64_t>(std::ranges::count_if(query.stats, &Stat::is_list));
  return Columns{query}.inputs().size() + lists * (kBuckets - 1);
}

Cost range_cost(const Query& query, const Catalogue& catalogue, const Span& span) {
  const std::uint64_t panes =
      panes_between(span.start - query.window, span.end, span.now, span.pane);
  return {series_matched(query, catalogue), panes, cost_of_stats(query)};
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
