#pragma once
// Text: names, values and numbers as the Prometheus text format 0.0.4 and OpenMetrics 1.0 write
// them (https://prometheus.io/docs/instrumenting/exposition_formats/,
// https://prometheus.io/docs/specs/om/open_metrics_spec/). Pure; any thread.
//
//   # HELP http_requests_total http.requests, a counter
//   # TYPE http_requests_total counter
//   http_requests_total{route="/a \"quoted\" one"} 812

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::exposition {

enum class Format : std::uint8_t { Text, OpenMetrics };

/// [a-zA-Z_:][a-zA-Z0-9_:]*: "http.request-time" -> "http_request_time", "5xx" -> "_5xx".
std::string metric_name(std::string_view name);
/// [a-zA-Z_][a-zA-Z0-9_]*. What begins with "__" is the scraper's own, so it gets "tag" in front;
/// an empty one is "tag".
std::string label_name(std::string_view name);

/// Inside quotes: \ " and line ends escaped; what is no UTF-8 becomes U+FFFD.
void append_quoted(std::string& out, std::string_view text);
/// Behind # HELP. OpenMetrics escapes quotes there, too.
void append_help(std::string& out, std::string_view text, Format format);
/// The shortest text that reads back the same; +Inf, -Inf, NaN.
void append_number(std::string& out, double number);
/// A bound or a quantile as a label's value: OpenMetrics wants "1.0" where the other has "1".
void append_bound(std::string& out, double bound, Format format);

/// "seconds" of a name that ends in _seconds, so of the other base units; empty: none is known.
std::string_view unit_of(std::string_view name);

/// The last line of a page; empty where the format has none.
std::string_view end_of(Format format);

/// The type that a response has in its Content-Type.
std::string_view content_type(Format format);

}  // namespace gateway::exposition
