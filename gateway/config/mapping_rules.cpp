#include "gateway/config/mapping_rules.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "gateway/exposition/pattern.h"

namespace gateway::config {
namespace {

using exposition::Rule;
using ingest::model::Kind;

/// A value of a rule: what is wrong with it; empty where nothing is.
using Take = std::string (*)(const Tree& value, Rule& rule);
struct Member {
  std::string_view key;
  Tree::Kind kind;
  Take take;
};

std::string is_not(const Tree& value, std::string_view what) {
  return value.key + " is not " + std::string{what};
}

/// The place of a text among names.
template <std::size_t kSize>
std::optional<std::size_t> place_of(const Tree& value,
                                    const std::array<std::string_view, kSize>& names) {
  const auto found = std::ranges::find(names, value.text);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

constexpr std::array<std::string_view, 4> kKinds{"counter", "gauge", "timer", "set"};
constexpr std::array<std::string_view, 2> kActions{"map", "drop"};
constexpr std::array<std::string_view, 3> kTimers{"", "summary", "histogram"};
constexpr std::array<std::string_view, 2> kBooleans{"false", "true"};

std::string take_pairs(const Tree& value, Rule::Pairs& pairs) {
  for (const Tree& pair : value.children) {
    if (pair.kind != Tree::Kind::Text) return value.key + "." + pair.key + " is not one text";
    pairs.emplace_back(pair.key, pair.text);
  }
  return "";
}
std::string take_texts(const Tree& value, std::vector<std::string>& texts) {
  for (const Tree& item : value.children) {
    if (item.kind != Tree::Kind::Text) return is_not(value, "a list of tags");
    texts.push_back(item.text);
  }
  return texts.empty() ? value.key + " is empty" : "";
}
std::string take_numbers(const Tree& value, std::vector<double>& numbers) {
  for (const Tree& item : value.children) {
    const auto number = read_number(item.text);
    if (!number) return is_not(value, "a list of numbers");
    numbers.push_back(*number);
  }
  return numbers.empty() ? value.key + " is empty" : "";
}
std::string take_pattern(const Tree& value, Rule::By by, Rule& rule) {
  if (!rule.pattern.empty()) return "has both match and regex";
  rule.by = by;
  rule.pattern = value.text;
  return value.text.empty() ? value.key + " is empty" : "";
}

constexpr auto kText = Tree::Kind::Text;
constexpr auto kList = Tree::Kind::List;
constexpr auto kMap = Tree::Kind::Map;
constexpr std::array kMembers{
    Member{"match", kText,
           [](const Tree& v, Rule& r) { return take_pattern(v, Rule::By::Glob, r); }},
    Member{"regex", kText,
           [](const Tree& v, Rule& r) { return take_pattern(v, Rule::By::Regex, r); }},
    Member{"kind", kText,
           [](const Tree& v, Rule& r) {
             const auto place = place_of(v, kKinds);
             if (place) r.kind = static_cast<Kind>(*place);
             return place ? std::string{} : is_not(v, "counter, gauge, timer or set");
           }},
    Member{"action", kText,
           [](const Tree& v, Rule& r) {
             const auto place = place_of(v, kActions);
             if (place) r.action = static_cast<Rule::Action>(*place);
             return place ? std::string{} : is_not(v, "map or drop");
           }},
    Member{"name", kText,
           [](const Tree& v, Rule& r) {
             r.name = v.text;
             return std::string{};
           }},
    Member{"help", kText,
           [](const Tree& v, Rule& r) {
             r.help = v.text;
             return std::string{};
           }},
    Member{"labels", kMap, [](const Tree& v, Rule& r) { return take_pairs(v, r.labels); }},
    Member{"rename", kMap, [](const Tree& v, Rule& r) { return take_pairs(v, r.rename); }},
    Member{"keep", kList, [](const Tree& v, Rule& r) { return take_texts(v, r.keep); }},
    Member{"remove", kList, [](const Tree& v, Rule& r) { return take_texts(v, r.remove); }},
    Member{"honor_labels", kText,
           [](const Tree& v, Rule& r) {
             const auto place = place_of(v, kBooleans);
             r.tags = place == std::size_t{1} ? Rule::Tags::Over : Rule::Tags::Under;
             return place ? std::string{} : is_not(v, "true or false");
           }},
    Member{"timers", kText,
           [](const Tree& v, Rule& r) {
             const auto place = place_of(v, kTimers);
             if (place) r.timers = static_cast<Rule::Timers>(*place);
             return place.value_or(0) > 0 ? std::string{} : is_not(v, "summary or histogram");
           }},
    Member{"quantiles", kList, [](const Tree& v, Rule& r) { return take_numbers(v, r.quantiles); }},
    Member{"buckets", kList, [](const Tree& v, Rule& r) { return take_numbers(v, r.buckets); }},
    Member{"ttl", kText,
           [](const Tree& v, Rule& r) {
             const auto ttl = ingest::read_duration(v.text, Units::Required);
             if (!ttl) return "ttl " + ttl.error();
             r.ttl = *ttl;
             return *ttl > Millis{0} ? std::string{} : is_not(v, "above 0s");
           }},
    Member{"scale", kText,
           [](const Tree& v, Rule& r) {
             const auto scale = read_number(v.text);
             r.scale = scale.value_or(0);
             return scale ? std::string{} : is_not(v, "a number");
           }},
    Member{"continue", kText,
           [](const Tree& v, Rule& r) {
             const auto place = place_of(v, kBooleans);
             r.goes_on = place == std::size_t{1};
             return place ? std::string{} : is_not(v, "true or false");
           }},
};

std::string take(const Tree& value, Rule& rule) {
  const auto* const member = std::ranges::find(kMembers, value.key, &Member::key);
  if (member == kMembers.end()) return "the key " + value.key + " is unknown";
  if (value.kind != member->kind) {
    return is_not(value, member->kind == kText   ? "one value"
                         : member->kind == kList ? "a list"
                                                 : "a section");
  }
  return member->take(value, rule);
}

std::string list_text(const std::vector<double>& numbers) {
  std::string text = "[";
  for (const double number : numbers)
    text.append(text.size() > 1 ? ", " : "").append(number_text(number));
  return text + "]";
}
std::string list_text(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& item : items)
    text.append(text.size() > 1 ? ", " : "").append(yaml_text(item));
  return text + "]";
}
std::string pairs_text(const Rule::Pairs& pairs) {
  std::string text = "{";
  for (const auto& [key, value] : pairs)
    text.append(text.size() > 1 ? ", " : "").append(yaml_text(key) + ": " + yaml_text(value));
  return text + "}";
}

}  // namespace

std::vector<ValueFault> read_rules(const Tree& list, std::vector<Rule>& place) {
  std::vector<Rule> rules;
  std::vector<ValueFault> faults;
  for (const Tree& item : list.children) {
    Rule rule;
    rule.line = item.line;
    const std::size_t before = faults.size();
    if (item.kind != Tree::Kind::Map)
      faults.push_back({.line = item.line, .what = "an item that is no section"});
    for (const Tree& value : item.children) {
      if (std::string fault = take(value, rule); !fault.empty())
        faults.push_back({.line = value.line, .what = "an item whose " + fault});
    }
    if (faults.size() > before) continue;
    if (std::string fault = exposition::fault_of(rule); !fault.empty()) {
      faults.push_back({.line = item.line, .what = "an item: " + fault});
    } else {
      rules.push_back(std::move(rule));
    }
  }
  if (faults.empty()) place = std::move(rules);
  return faults;
}

std::string rule_text(const Rule& rule) {
  std::string text = rule.by == Rule::By::Glob ? "{match: " : "{regex: ";
  text += yaml_text(rule.pattern);
  const auto add = [&text](std::string_view key, const std::string& value) {
    text.append(", ").append(key).append(": ").append(value);
  };
  if (rule.kind) add("kind", std::string{kKinds.at(static_cast<std::size_t>(*rule.kind))});
  if (rule.action == Rule::Action::Drop) add("action", "drop");
  if (!rule.name.empty()) add("name", yaml_text(rule.name));
  if (!rule.help.empty()) add("help", yaml_text(rule.help));
  if (!rule.labels.empty()) add("labels", pairs_text(rule.labels));
  if (!rule.rename.empty()) add("rename", pairs_text(rule.rename));
  if (!rule.keep.empty()) add("keep", list_text(rule.keep));
  if (!rule.remove.empty()) add("remove", list_text(rule.remove));
  if (rule.tags == Rule::Tags::Over) add("honor_labels", "true");
  if (rule.timers != Rule::Timers::AsConfigured)
    add("timers", std::string{kTimers.at(static_cast<std::size_t>(rule.timers))});
  if (!rule.quantiles.empty()) add("quantiles", list_text(rule.quantiles));
  if (!rule.buckets.empty()) add("buckets", list_text(rule.buckets));
  if (rule.ttl) add("ttl", duration_text(*rule.ttl));
  if (rule.scale != 1) add("scale", number_text(rule.scale));
  if (rule.goes_on) add("continue", "true");
  return text + "}";
}

std::string rules_text(const std::vector<Rule>& rules) {
  std::string text = "[";
  for (const Rule& rule : rules)
    text.append(text.size() > 1 ? ", " : "").append(rule_text(rule));
  return text + "]";
}

}  // namespace gateway::config
