#pragma once
// Rule: what the configuration says of the metrics that a pattern matches (metrics.mapping): what
// they are called when they are scraped, and how they are told. A value.
//
//   - {match: "http.*.requests", name: http_requests, labels: {site: "$1"}}
//   - {regex: "debug\\..*", action: drop}

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/sample.h"

namespace gateway::exposition {

constexpr std::size_t kRulesMax = 500;
constexpr std::size_t kPatternBytesMax = 256;
constexpr std::size_t kLabelsMax = 64;     // of one rule
constexpr std::size_t kQuantilesMax = 16;  // of one metric
constexpr std::size_t kBucketsMax = 64;    // the same

struct Rule {
  enum class By : std::uint8_t { Glob, Regex };
  enum class Action : std::uint8_t { Map, Drop };
  enum class Timers : std::uint8_t { AsConfigured, Summary, Histogram };
  enum class Tags : std::uint8_t {
    Under,  // of a tag and a label of one name the rule's label counts
    Over,   // the tag counts
  };
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  By by = By::Glob;
  std::string pattern;
  std::optional<ingest::model::Kind> kind{};  // nullopt: of any
  Action action = Action::Map;
  std::string name{};  // with $1 for what the first star matched; empty: as without a rule
  std::string help{};  // empty: as without a rule
  Pairs labels{};      // their values as `name`
  Pairs rename{};      // tags, and what their labels are called
  std::vector<std::string> keep{};    // tags; empty: all
  std::vector<std::string> remove{};  // tags
  Tags tags = Tags::Under;
  Timers timers = Timers::AsConfigured;
  std::vector<double> quantiles{};  // empty: as configured
  std::vector<double> buckets{};    // the same
  std::optional<ingest::Millis> ttl{};
  double scale = 1;
  bool goes_on = false;  // later rules count, too
  int line = 0;          // of the file, for whoever is told of a fault
  bool operator==(const Rule&) const = default;
};

}  // namespace gateway::exposition
