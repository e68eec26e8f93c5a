#include "gateway/config/exporter_mapping.h"

#include <gtest/gtest.h>

#include "gateway/config/load.h"

namespace gateway::config {
namespace {

using exposition::Rule;

/// One of every feature of the format.
constexpr std::string_view kEverything = R"(
defaults:
  observer_type: histogram
  histogram_options:
    buckets: [0.01, 0.1, 1]
    native_histogram_bucket_factor: 1.1
    native_histogram_max_buckets: 256
  summary_options:
    quantiles: [{quantile: 0.99, error: 0.001}, {quantile: 0.5, error: 0.05}]
    max_age: 30s
    age_buckets: 3
    buf_cap: 1000
  match_type: glob
  glob_disable_ordering: true
  ttl: 1h30m
mappings:
- match: "test.dispatcher.*.*.*"
  name: "dispatcher_events_total"
  help: "Events, by \"who\""
  match_metric_type: counter
  honor_labels: true
  labels:
    processor: "$1"
    action: "${2}"
- match: 'web\.(get|post)\.(.*)$'
  match_type: regex
  name: "web_requests_$1"
  labels: {path: "$2"}
- match: "^db\\.([a-z]+)$"
  match_type: regex
  name: db
  observer_type: summary
  summary_options: {quantiles: [{quantile: 0.9, error: 0.01}]}
  ttl: 90s
  match_metric_type: observer
- match: "old.*"
  name: old
  timer_type: histogram
  buckets: [0.5, 1, +Inf]
- match: "older.*"
  name: older
  timer_type: summary
  quantiles: [{quantile: 0.25, error: 0.01}]
- match: "size.*"
  name: "size_bytes"
  scale: 1024
  match_metric_type: gauge
- match: "debug.*"
  action: drop
  name: dropped
- match: '(?P<what>.+)\.named'
  match_type: regex
  name: "named_$what"
- match: "new.*"
  name: new
  some_new_option: 1
)";

std::string lost_of(const ExporterMapping& made) {
  std::string text;
  for (const TreeFault& lost : made.lost)
    text += std::to_string(lost.line) + ' ' + lost.key + ": " + lost.what + '\n';
  return text;
}

TEST(ExporterMapping, CarriesEveryFeatureOfTheFormat) {
  const ExporterMapping made = read_exporter_mapping(kEverything);
  EXPECT_TRUE(made.faults.empty());
  EXPECT_EQ(
      metrics_text(made),
      "series_ttl: 90m\n"
      "metrics:\n"
      "  ttl: 90m\n"
      "  timer_unit: ms\n"
      "  timers: histogram\n"
      "  quantiles: [0.5, 0.99]\n"
      "  buckets: [0.01, 0.1, 1]\n"
      "  mapping:\n"
      "    - {match: \"test.dispatcher.*.*.*\", kind: counter, name: "
      "\"dispatcher_events_total\", help: \"Events, by \\\"who\\\"\", labels: {\"processor\": "
      "\"$1\", \"action\": \"${2}\"}, honor_labels: true}\n"
      "    - {match: \"old.*\", name: \"old\", timers: histogram, buckets: [0.5, 1]}\n"
      "    - {match: \"older.*\", name: \"older\", timers: summary, quantiles: [0.25]}\n"
      "    - {match: \"size.*\", kind: gauge, name: \"size_bytes\", scale: 1024}\n"
      "    - {match: \"debug.*\", action: drop, name: \"dropped\"}\n"
      "    - {match: \"new.*\", name: \"new\"}\n"
      "    - {regex: \".*?(?:web\\\\.(get|post)\\\\.(.*)$).*\", name: \"web_requests_$1\", "
      "labels: {\"path\": \"$2\"}}\n"
      "    - {regex: \"db\\\\.([a-z]+)\", kind: timer, name: \"db\", timers: summary, "
      "quantiles: [0.9], ttl: 90s}\n"
      "    - {regex: \".*?(?:(?P<what>.+)\\\\.named).*\", name: \"named_$what\"}\n"
      "    - {match: \"**\", name: \"$1\"}\n");
}

TEST(ExporterMapping, SaysWhatItCannotCarryWithItsLine) {
  EXPECT_EQ(lost_of(read_exporter_mapping(kEverything)),
            "6 native_histogram_bucket_factor: there are no native histograms here, but classic "
            "buckets\n"
            "7 native_histogram_max_buckets: there are no native histograms here, but classic "
            "buckets\n"
            "10 max_age: quantiles are of the last minute here\n"
            "11 age_buckets: quantiles are kept in another way here, which needs none\n"
            "12 buf_cap: quantiles are kept in another way here, which needs none\n"
            "14 glob_disable_ordering: rules count in their order here\n"
            "51 : name refers to a capture by its name\n"
            "56 some_new_option: is unknown\n");
}

TEST(ExporterMapping, WhatItMakesIsAConfigurationThatSaysTheSame) {
  const ExporterMapping made = read_exporter_mapping(kEverything);
  const Loaded loaded = parse(metrics_text(made), "weir.yaml");
  ASSERT_TRUE(loaded) << to_text(loaded.error().front());
  Config::Metrics again = loaded->metrics;
  ASSERT_EQ(again.mapping.size(), made.metrics.mapping.size());
  for (std::size_t i = 0; i < again.mapping.size(); ++i)
    again.mapping[i].line = made.metrics.mapping[i].line;
  EXPECT_EQ(again, made.metrics);
}

TEST(ExporterMapping, AFileWithoutOptionsHasTheDefaultsOfThere) {
  const ExporterMapping made =
      read_exporter_mapping("mappings:\n- match: \"a.*\"\n  name: \"a\"\n");
  EXPECT_TRUE(made.lost.empty());
  EXPECT_FALSE(made.series_ttl);
  EXPECT_EQ(made.metrics.timers, MetricsTimers::Summary);
  EXPECT_EQ(made.metrics.quantiles, (std::vector<double>{0.5, 0.9, 0.99}));
  EXPECT_EQ(made.metrics.buckets.front(), 0.005);
  EXPECT_EQ(made.metrics.ttl, Millis{0});
}

TEST(ExporterMapping, WhatIsNoMappingFileIsRefused) {
  for (const char* text :
       {"", "- a", "mappings: {a: b}", "mappings:\n- match: a", "mappings:\n- name: a",
        "mappings:\n- a", "defaults: {ttl: soon}", "defaults: {match_type: fnmatch}",
        "defaults: {observer_type: meter}", "mappings: [{match: a, name: a, scale: much}]",
        "mappings: [{match: a, name: a, action: keep}]",
        "mappings: [{match: a, name: a, match_metric_type: set}]",
        "mappings: [{match: a, name: a, buckets: [one]}]",
        "mappings: [{match: a, name: a, quantiles: [0.5]}]", "mappings: ["})
    EXPECT_FALSE(read_exporter_mapping(text).faults.empty()) << text;
}

TEST(ExporterMapping, ARuleThatCannotBeFollowedIsLostAlone) {
  const ExporterMapping made = read_exporter_mapping(
      "mappings:\n- {match: \"a.*\", name: \"$2\"}\n- {match: b, name: c}\n"
      "- {match: \"(a\", match_type: regex, name: c}\n- {match: d, name: d, scale: -1}\n");
  EXPECT_TRUE(made.faults.empty());
  ASSERT_EQ(made.lost.size(), 3U);
  EXPECT_EQ(made.lost[0].line, 2);
  EXPECT_EQ(made.lost[1].line, 4);
  EXPECT_EQ(made.lost[2].line, 5);
  EXPECT_EQ(made.metrics.mapping.size(), 3U);
}

}  // namespace
}  // namespace gateway::config
