#pragma once
// Mapping: what a series is called when it is scraped, and how it is told: by the defaults of the
// configuration and the first of its rules that matches, and the next where that one says so.
// Immutable; any thread. Patterns run in linear time, all of them in one pass (RE2).

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/exposition/rule.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/model/series_key.h"
#include "ingest/query/exposition.h"

namespace gateway::exposition {

/// A series as its key's bytes say it; views of those.
struct SeriesView {
  ingest::model::Kind kind = ingest::model::Kind::Counter;
  std::string_view name;
  std::vector<ingest::model::TagView> tags;

  static SeriesView of(ingest::model::Kind kind, std::string_view key_bytes);
};

struct Mapped {
  enum class NameOf : std::uint8_t { Metric, Rule };
  std::string name;  // legal; of a counter without _total, where a rule did not write it
  NameOf name_of = NameOf::Metric;
  std::string help;
  /// Legal names, each once, ascending; no value is empty.
  std::vector<std::pair<std::string, std::string>> labels;
  ingest::Millis ttl{0};
  double scale = 1;
};

class Mapping {
 public:
  struct Defaults {
    Rule::Timers timers = Rule::Timers::Summary;
    std::vector<double> quantiles{0.5, 0.9, 0.99};  // of a summary
    std::vector<double> buckets{};                  // of a histogram
    double timer_scale = 1;                         // of all timers; a rule's comes on top
    ingest::Millis ttl{600'000};
  };
  /// The rules have no fault (fault_of()).
  explicit Mapping(Defaults defaults, std::vector<Rule> rules = {});
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping();

  /// Nothing where a rule drops it.
  std::optional<Mapped> map(const SeriesView& series) const;
  /// Of the timers of a metric.
  ingest::query::TimerShapePtr shape(std::string_view metric) const;

 private:
  struct Compiled;
  template <class Apply>
  void each_match(ingest::model::Kind kind, std::string_view name, const Apply& apply) const;

  Defaults defaults_;
  ingest::query::TimerShapePtr shape_;
  std::unique_ptr<Compiled> compiled_;
};
using MappingPtr = std::shared_ptr<const Mapping>;

}  // namespace gateway::exposition
