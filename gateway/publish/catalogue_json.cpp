#include "gateway/publish/catalogue_json.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/publish/json_text.h"
#include "ingest/model/glob.h"
#include "ingest/model/sample.h"

namespace gateway::publish {
namespace {

using ingest::Failure;
using ingest::query::Catalogue;
using ingest::query::Code;
using ingest::query::Fault;
using ingest::query::Metric;

/// A place in the catalogue's order that survives its being replaced: "latency@timer".
std::string place_of(const Metric& metric) {
  return metric.name + '@' + std::string{ingest::model::kind_name(metric.kind)};
}

/// The first metric behind `place`; a place that is gone gives the next name.
auto behind(const std::vector<Metric>& metrics, std::string_view place) {
  const std::size_t at = place.rfind('@');
  const std::string_view name = place.substr(0, at);
  auto found = std::partition_point(metrics.begin(), metrics.end(),
                                    [&](const Metric& metric) { return metric.name < name; });
  const auto name_end = std::partition_point(
      found, metrics.end(), [&](const Metric& metric) { return metric.name <= name; });
  const auto exact = std::find_if(found, name_end,
                                  [&](const Metric& metric) { return place_of(metric) == place; });
  return exact == name_end ? name_end : exact + 1;
}

void append_metric(std::string& out, const Metric& metric) {
  out += R"({"name":)";
  append_json_string(out, metric.name);
  out += R"(,"kind":)";
  append_json_string(out, ingest::model::kind_name(metric.kind));
  out += R"(,"series":)";
  append_unsigned(out, metric.series);
  out += R"(,"last_seen":)";
  append_integer(out, ingest::to_ms(metric.last_seen));
  out += '}';
}

using Values = std::map<std::string_view, std::uint64_t>;  // value -> series

void append_values(std::string& out, const Values& values) {
  std::vector<std::pair<std::string_view, std::uint64_t>> sorted(values.begin(), values.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (sorted.size() > ingest::query::kCatalogueValuesMax)
    sorted.resize(ingest::query::kCatalogueValuesMax);
  bool first = true;
  for (const auto& [value, series] : sorted) {
    if (!std::exchange(first, false)) out += ',';
    out += R"({"value":)";
    append_json_string(out, value);
    out += R"(,"series":)";
    append_unsigned(out, series);
    out += '}';
  }
}

Failure<Fault> refusal(Code code, std::string msg) {
  return Failure{Fault{code, std::move(msg), false}};
}

}  // namespace

ingest::Result<std::string, Fault> metrics_text(const Catalogue& catalogue,
                                                const CatalogueList& list) {
  if (list.limit == 0 || list.limit > kListMax) {
    return refusal(Code::ProtoBadField,
                   "limit is not an integer from 1 to " + std::to_string(kListMax));
  }
  if (list.match.size() > ingest::model::kNameBytesMax)
    return refusal(Code::QueryBadMetric, "match: a glob longer than 255 bytes");
  const std::string_view everything = "**";
  const ingest::model::Glob glob{list.match.empty() ? everything : list.match};
  auto at = catalogue.metrics.begin();
  if (!list.after.empty()) at = behind(catalogue.metrics, list.after);
  std::string out = R"("items":[)";
  std::size_t items = 0;
  const Metric* last = nullptr;
  for (; at != catalogue.metrics.end(); ++at) {
    if (!glob.matches(at->name)) continue;
    if (items == list.limit) break;
    if (items++ > 0) out += ',';
    append_metric(out, *at);
    last = &*at;
  }
  if (at == catalogue.metrics.end()) return out + R"(],"next":null)";
  out += R"(],"next":)";
  append_json_string(out, place_of(*last));
  return out;
}

ingest::Result<std::string, Fault> tags_text(const Catalogue& catalogue,
                                             const CatalogueTags& tags) {
  if (tags.metric.empty()) return refusal(Code::ProtoBadField, "which metric? A name or a glob");
  if (tags.metric.size() > ingest::model::kNameBytesMax)
    return refusal(Code::QueryBadMetric, "metric: a glob longer than 255 bytes");
  const ingest::model::Glob glob{tags.metric};
  std::map<std::string_view, Values> keys;
  std::size_t looked_at = 0;
  for (const Metric& candidate : catalogue.metrics) {
    if (!glob.matches(candidate.name)) continue;
    if (++looked_at > kTagMetricsMax) break;
    for (const ingest::query::TagKey& tag : candidate.tags)
      for (const ingest::query::TagValue& value : tag.values)
        keys[tag.key][value.value] += value.series;
  }
  std::string out = R"("items":[)";
  for (bool first = true; const auto& [key, values] : keys) {
    if (!std::exchange(first, false)) out += ',';
    out += R"({"key":)";
    append_json_string(out, key);
    out += R"(,"values":[)";
    append_values(out, values);
    out += "]}";
  }
  return out + R"(],"next":null)";
}

std::string series_text(const ingest::query::SeriesPage& page) {
  std::string out = R"("items":[)";
  for (bool first = true; const ingest::query::SeriesFound& found : page.items) {
    if (!std::exchange(first, false)) out += ',';
    out += R"({"name":)";
    append_json_string(out, found.key.name());
    out += R"(,"kind":)";
    append_json_string(out, ingest::model::kind_name(found.key.kind()));
    out += R"(,"tags":{)";
    for (bool first_tag = true; const auto& [key, value] : found.key.tags()) {
      if (!std::exchange(first_tag, false)) out += ',';
      append_json_string(out, key);
      out += ':';
      append_json_string(out, value);
    }
    out += R"(},"last_seen":)";
    append_integer(out, ingest::to_ms(found.last_seen));
    out += '}';
  }
  out += R"(],"next":)";
  if (page.next.empty()) return out + "null";
  append_json_string(out, page.next);
  return out;
}

}  // namespace gateway::publish
