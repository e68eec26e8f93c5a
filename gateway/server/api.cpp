#include "gateway/server/api.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "ingest/model/glob.h"
#include "ingest/model/sample.h"
#include "ingest/query/fault.h"

namespace gateway::server {
namespace {

using http::quote_json;
using http::Response;
using ingest::query::Catalogue;
using ingest::query::Metric;

Response json(std::string body) {
  Response response;
  response.add("Content-Type", "application/json");
  response.add("Cache-Control", "no-store");
  response.add("X-Content-Type-Options", "nosniff");
  response.body = std::move(body);
  return response;
}

Response bad(ingest::query::Code code, std::string_view sentence) {
  return http::api_error(400, {.code = ingest::query::code_name(code),
                               .n = static_cast<int>(code),
                               .msg = sentence,
                               .retry = false});
}

std::optional<std::size_t> limit_of(const http::Request& request) {
  const std::optional<std::string> text = request.query_parameter("limit");
  if (!text) return kListDefault;
  std::size_t limit = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (fault != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  if (limit == 0 || limit > kListMax) return std::nullopt;
  return limit;
}

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
  out += R"({"name":)" + quote_json(metric.name);
  out += R"(,"kind":)" + quote_json(ingest::model::kind_name(metric.kind));
  out += R"(,"series":)" + std::to_string(metric.series);
  out += R"(,"last_seen":)" + std::to_string(ingest::to_ms(metric.last_seen)) + '}';
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
    out += R"({"value":)" + quote_json(value) + R"(,"series":)" + std::to_string(series) + '}';
  }
}

}  // namespace

Response answer_metrics(const Catalogue& catalogue, const http::Request& request) {
  const std::optional<std::size_t> limit = limit_of(request);
  if (!limit) {
    return bad(ingest::query::Code::ProtoBadField,
               "limit is not an integer from 1 to " + std::to_string(kListMax));
  }
  std::string match = request.query_parameter("match").value_or("");
  if (match.empty()) match = "**";
  if (match.size() > ingest::model::kNameBytesMax)
    return bad(ingest::query::Code::QueryBadMetric, "match: a glob longer than 255 bytes");

  const ingest::model::Glob glob{match};
  auto at = catalogue.metrics.begin();
  if (const auto after = request.query_parameter("after"); after && !after->empty())
    at = behind(catalogue.metrics, *after);
  std::string body = R"({"items":[)";
  std::size_t items = 0;
  const Metric* last = nullptr;
  std::string next = "null";
  for (; at != catalogue.metrics.end(); ++at) {
    if (!glob.matches(at->name)) continue;
    if (last != nullptr && items == *limit) {
      next = quote_json(place_of(*last));
      break;
    }
    if (items++ > 0) body += ',';
    append_metric(body, *at);
    last = &*at;
  }
  return json(std::move(body) + R"(],"next":)" + next + '}');
}

Response answer_tags(const Catalogue& catalogue, const http::Request& request) {
  const std::optional<std::string> metric = request.query_parameter("metric");
  if (!metric || metric->empty())
    return bad(ingest::query::Code::ProtoBadField, "metric is missing: ?metric=<name or glob>");
  if (metric->size() > ingest::model::kNameBytesMax)
    return bad(ingest::query::Code::QueryBadMetric, "metric: a glob longer than 255 bytes");

  const ingest::model::Glob glob{*metric};
  std::map<std::string_view, Values> keys;
  std::size_t looked_at = 0;
  for (const Metric& candidate : catalogue.metrics) {
    if (!glob.matches(candidate.name)) continue;
    if (++looked_at > kTagMetricsMax) break;
    for (const ingest::query::TagKey& tag : candidate.tags)
      for (const ingest::query::TagValue& value : tag.values)
        keys[tag.key][value.value] += value.series;
  }
  std::string body = R"({"items":[)";
  for (bool first = true; const auto& [key, values] : keys) {
    if (!std::exchange(first, false)) body += ',';
    body += R"({"key":)" + quote_json(key) + R"(,"values":[)";
    append_values(body, values);
    body += "]}";
  }
  return json(std::move(body) + R"(],"next":null})");
}

Response answer_status(const Settings& settings, ingest::WallTime now,
                       const StatusNumbers& numbers) {
  std::string body = R"({"version":)" + quote_json(settings.version);
  body += R"(,"epoch":)" + quote_json(settings.rules.epoch);
  body += R"(,"now":)" + std::to_string(ingest::to_ms(now));
  body += R"(,"started":)" + std::to_string(ingest::to_ms(settings.started));
  body += R"(,"listeners":[)";
  for (bool first = true; const ListenerInfo& listener : settings.listeners) {
    if (!std::exchange(first, false)) body += ',';
    body += R"({"what":)" + quote_json(listener.what) + R"(,"address":)" +
            quote_json(listener.address) + '}';
  }
  body += R"(],"connections":)" + std::to_string(numbers.connections);
  body += R"(,"series":)" + std::to_string(numbers.series);
  if (!numbers.ingest.empty()) body += R"(,"ingest":)" + numbers.ingest;
  body += '}';
  return json(std::move(body));
}

}  // namespace gateway::server
