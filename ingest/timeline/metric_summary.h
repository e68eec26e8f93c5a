#pragma once
// MetricSummary: what the catalogue says of one kind of one name, read a few tag values at a time,
// so that a tag with very many values makes no turn long. Between two calls what is read may
// change: each value is told as it was when it was looked at. Pure; the hub's.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ingest/query/catalogue.h"
#include "ingest/timeline/timeline.h"

namespace ingest::timeline {

class MetricSummary {
 public:
  MetricSummary(const std::string& name, model::Kind kind);
  /// Takes one off `steps` for each value; whether all of `status` was read.
  bool go_on(const Timeline::KindStatus& status, std::size_t& steps);
  /// After that, once.
  query::Metric finish(const Timeline::KindStatus& status, const Timeline& timeline);

 private:
  using Values = std::map<std::string, std::uint64_t, std::less<>>;
  void begin_key(const std::string& key);
  bool read(const Values& values, std::size_t& steps);
  void take(const std::string& value, std::uint64_t series);
  void end_key();

  query::Metric metric_;
  std::string key_;                   // at hand; behind the last one that was read
  std::optional<std::string> after_;  // its value that was read last
  std::vector<query::TagValue>
      first_;  // its kCatalogueValuesMax with the most series, a heap, the least on top
};

}  // namespace ingest::timeline
