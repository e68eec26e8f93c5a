#include "gateway/config/thresholds.h"

#include <optional>
#include <utility>

#include "gateway/config/text.h"
#include "ingest/query/stat.h"

namespace gateway::config {
namespace {

constexpr std::size_t kMetricBytesMax = 255;

/// What is wrong with one key of an item; empty where nothing is.
std::string take(const Tree& value, Threshold& threshold) {
  const std::string_view text = value.text;
  const std::string is = value.key + " is ";
  if (value.kind != Tree::Kind::Text) return "an item whose " + is + "not one value";
  if (value.key == "metric") {
    threshold.metric = text;
    return text.empty() || text.size() > kMetricBytesMax ? "an item whose " + is + "no name" : "";
  }
  if (value.key == "stat") {
    threshold.stat = text;
    const auto stat = ingest::query::parse_stat(text);
    return stat && !stat->is_list() ? "" : "an item whose " + is + "no number of a query";
  }
  if (value.key == "above") {
    threshold.above = text == "true";
    return text == "true" || text == "false" ? "" : "an item whose " + is + "not true or false";
  }
  if (value.key != "warn" && value.key != "crit")
    return "an item with a key that is neither metric, stat, warn, crit nor above";
  const auto number = read_number(text);
  (value.key == "warn" ? threshold.warn : threshold.crit) = number;
  return number ? "" : "an item whose " + is + "no number";
}

std::string fault_of(const Tree& item, Threshold& threshold) {
  if (item.kind != Tree::Kind::Map) return "an item that is no section";
  for (const Tree& value : item.children)
    if (std::string fault = take(value, threshold); !fault.empty()) return fault;
  if (threshold.metric.empty()) return "an item without a metric";
  if (threshold.stat.empty()) return "an item without a stat";
  if (!threshold.warn && !threshold.crit) return "an item without warn or crit";
  return "";
}

}  // namespace

std::vector<ValueFault> read_thresholds(const Tree& list, std::vector<Threshold>& place) {
  std::vector<Threshold> read;
  std::vector<ValueFault> faults;
  for (const Tree& item : list.children) {
    Threshold threshold;
    if (std::string fault = fault_of(item, threshold); !fault.empty()) {
      faults.push_back({.line = item.line, .what = std::move(fault)});
    } else {
      read.push_back(std::move(threshold));
    }
  }
  if (faults.empty()) place = std::move(read);
  return faults;
}

std::string thresholds_text(const std::vector<Threshold>& thresholds) {
  std::string text = "[";
  for (const Threshold& each : thresholds) {
    if (text.size() > 1) text += ", ";
    text += "{metric: " + yaml_text(each.metric) + ", stat: " + each.stat;
    if (each.warn) text += ", warn: " + number_text(*each.warn);
    if (each.crit) text += ", crit: " + number_text(*each.crit);
    text += each.above ? ", above: true}" : ", above: false}";
  }
  return text + "]";
}

}  // namespace gateway::config
