#include "gateway/exposition/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "gateway/exposition/text.h"

namespace gateway::exposition {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The parts of a template: calls literal(text) and capture(number) in order.
template <class Literal, class Capture>
void each_part(std::string_view text, const Literal& literal, const Capture& capture) {
  while (!text.empty()) {
    const std::size_t dollar = text.find('$');
    if (dollar == std::string_view::npos) return literal(text);
    literal(text.substr(0, dollar));
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      literal("$");
      text.remove_prefix(1);
      continue;
    }
    std::string_view rest = text;
    const bool is_braced = rest.starts_with('{');
    if (is_braced) rest.remove_prefix(1);
    std::size_t digits = 0;
    std::size_t number = 0;
    while (digits < rest.size() && digits < 3 && is_digit(rest[digits]))
      number = number * 10 + static_cast<std::size_t>(rest[digits++] - '0');
    const bool is_closed = !is_braced || (digits < rest.size() && rest[digits] == '}');
    if (digits == 0 || !is_closed) {
      literal("$");  // no reference: it stands for itself
      continue;
    }
    capture(number);
    text = rest.substr(digits + (is_braced ? 1 : 0));
  }
}

/// The highest number that a template refers to.
std::size_t highest(std::string_view text) {
  std::size_t most = 0;
  each_part(
      text, [](std::string_view) {}, [&](std::size_t number) { most = std::max(most, number); });
  return most;
}

std::string glob_regex(std::string_view glob) {
  std::string regex;
  while (!glob.empty()) {
    std::size_t length = 1;
    if (glob.starts_with("**")) {
      regex += "(.*)";
      length = 2;
    } else if (glob.front() == '*') {
      regex += "([^.]*)";
    } else if (glob.front() == '?') {
      regex += "[^.]";
    } else {
      regex += re2::RE2::QuoteMeta(re2::StringPiece{glob.data(), 1});
    }
    glob.remove_prefix(length);
  }
  return regex;
}

std::string fault_in_template(std::string_view what, std::string_view text, std::size_t captures) {
  if (text.size() > kPatternBytesMax)
    return std::string{what} + " is longer than " + std::to_string(kPatternBytesMax) + " bytes";
  if (highest(text) <= captures) return "";
  return std::string{what} + " refers to $" + std::to_string(highest(text)) +
         ", but the pattern has " + std::to_string(captures) + " captures";
}

std::string fault_in_labels(const Rule& rule, std::size_t captures) {
  if (rule.labels.size() > kLabelsMax)
    return "has more than " + std::to_string(kLabelsMax) + " labels";
  const auto is_legal = [](const std::string& name) { return label_name(name) == name; };
  for (const auto& [name, value] : rule.labels) {
    if (!is_legal(name)) return "the label " + name + " is no legal name";
    if (auto fault = fault_in_template("the label " + name, value, captures); !fault.empty())
      return fault;
  }
  const auto renamed =
      std::ranges::find_if_not(rule.rename, is_legal, &Rule::Pairs::value_type::second);
  if (renamed == rule.rename.end()) return "";
  return "the label " + renamed->second + ", for " + renamed->first + ", is no legal name";
}

std::string fault_in_numbers(const Rule& rule) {
  const auto ascends = [](const std::vector<double>& all) {
    return std::ranges::adjacent_find(all, std::greater_equal<>{}) == all.end() &&
           std::ranges::all_of(all, [](double each) { return std::isfinite(each); });
  };
  if (!ascends(rule.quantiles) || rule.quantiles.size() > kQuantilesMax ||
      (!rule.quantiles.empty() && (rule.quantiles.front() < 0 || rule.quantiles.back() > 1)))
    return "quantiles are not up to " + std::to_string(kQuantilesMax) +
           " ascending numbers of 0 to 1";
  if (!ascends(rule.buckets) || rule.buckets.size() > kBucketsMax)
    return "buckets are not up to " + std::to_string(kBucketsMax) + " ascending numbers";
  if (!std::isfinite(rule.scale) || rule.scale <= 0) return "scale is not above 0";
  return "";
}

}  // namespace

std::string regex_of(const Rule& rule) {
  return rule.by == Rule::By::Regex ? rule.pattern : glob_regex(rule.pattern);
}

std::string expand(std::string_view text, const std::vector<std::string_view>& captures) {
  std::string out;
  each_part(
      text, [&](std::string_view literal) { out += literal; },
      [&](std::size_t number) {
        if (number < captures.size()) out += captures[number];
      });
  return out;
}

std::string fault_of(const Rule& rule) {
  if (rule.pattern.empty()) return "has neither match nor regex";
  if (rule.pattern.size() > kPatternBytesMax)
    return "its pattern is longer than " + std::to_string(kPatternBytesMax) + " bytes";
  const re2::RE2 regex{regex_of(rule), re2::RE2::Quiet};
  if (!regex.ok()) return "its regex cannot be read: " + regex.error();
  const auto captures = static_cast<std::size_t>(regex.NumberOfCapturingGroups());
  if (auto fault = fault_in_template("its name", rule.name, captures); !fault.empty()) return fault;
  if (auto fault = fault_in_labels(rule, captures); !fault.empty()) return fault;
  return fault_in_numbers(rule);
}

}  // namespace gateway::exposition
