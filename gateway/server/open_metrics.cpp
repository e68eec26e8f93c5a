#include "gateway/server/open_metrics.h"

#include <string_view>

#include "gateway/exposition/text.h"

namespace gateway::server {
namespace {

constexpr std::string_view kTotal = "_total";

void append_labels(const std::vector<prometheus::ClientMetric::Label>& labels, std::string& out) {
  if (labels.empty()) return;
  char before = '{';
  for (const auto& label : labels) {
    out += before;
    out.append(label.name).append("=\"");
    exposition::append_quoted(out, label.value);
    out += '"';
    before = ',';
  }
  out += '}';
}

}  // namespace

std::string open_metrics_name(const prometheus::MetricFamily& family) {
  const bool has_total = family.type == prometheus::MetricType::Counter &&
                         std::string_view{family.name}.ends_with(kTotal);
  return has_total ? family.name.substr(0, family.name.size() - kTotal.size()) : family.name;
}

void append_open_metrics(const std::vector<prometheus::MetricFamily>& families, std::string& out) {
  for (const prometheus::MetricFamily& family : families) {
    const bool is_counter = family.type == prometheus::MetricType::Counter;
    const std::string name = open_metrics_name(family);
    out.append("# HELP ").append(name) += ' ';
    exposition::append_help(out, family.help, exposition::Format::OpenMetrics);
    out.append("\n# TYPE ").append(name).append(is_counter ? " counter\n" : " gauge\n");
    if (const std::string_view unit = exposition::unit_of(name); !unit.empty())
      out.append("# UNIT ").append(name).append(" ").append(unit) += '\n';
    for (const prometheus::ClientMetric& metric : family.metric) {
      out.append(name).append(is_counter ? kTotal : "");
      append_labels(metric.label, out);
      out += ' ';
      exposition::append_number(out, is_counter ? metric.counter.value : metric.gauge.value);
      out += '\n';
    }
  }
}

}  // namespace gateway::server
