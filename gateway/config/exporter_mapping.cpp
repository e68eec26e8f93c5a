#include "gateway/config/exporter_mapping.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <iterator>
#include <utility>

#include "gateway/config/mapping_rules.h"
#include "gateway/config/text.h"
#include "gateway/exposition/pattern.h"
#include "ingest/query/exposition.h"

namespace gateway::config {
namespace {

using exposition::Rule;
using ingest::model::Kind;

constexpr Millis kTtlMax{std::chrono::hours{168}};
constexpr std::string_view kNoGo = "is no duration as 1h30m";

/// A duration as Go writes it: "1h30m", "1.5s", "250ms".
std::optional<Millis> go_duration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 7> kUnits{
      {{"ms", 1}, {"us", 1e-3}, {"µs", 1e-3}, {"ns", 1e-6}, {"h", 3.6e6}, {"m", 6e4}, {"s", 1e3}}};
  if (text == "0") return Millis{0};
  double sum = 0;
  bool some = false;
  for (; !text.empty(); some = true) {
    double number = 0;
    const auto [end, fault] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (fault != std::errc{} || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto* const unit = std::ranges::find_if(
        kUnits, [&](const auto& each) { return text.starts_with(each.first); });
    if (unit == kUnits.end()) return std::nullopt;
    text.remove_prefix(unit->first.size());
    sum += number * unit->second;
  }
  if (!some || sum > 1e15) return std::nullopt;
  return Millis{static_cast<std::int64_t>(std::ceil(sum))};
}

/// There a regular expression may match anywhere, here it matches all.
std::string anchored(std::string_view regex) {
  const bool is_plain = regex.find('|') == std::string_view::npos;
  const bool ends = regex.ends_with('$') && !regex.ends_with("\\$");
  if (is_plain && regex.starts_with('^') && ends) {
    regex.remove_prefix(1);
    regex.remove_suffix(1);
    return std::string{regex};
  }
  return ".*?(?:" + std::string{regex} + ").*";
}

/// Go also knows captures by their names.
bool names_capture(std::string_view text) {
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('{')) rest.remove_prefix(1);
    if (!rest.empty() &&
        (std::isalpha(static_cast<unsigned char>(rest.front())) != 0 || rest.front() == '_'))
      return true;
  }
  return false;
}

class Reader {
 public:
  ExporterMapping read(const Tree& tree) &&;

 private:
  struct Options {  // of defaults and of a mapping alike
    std::optional<Rule::Timers> timers{};
    std::vector<double> quantiles{};
    std::vector<double> buckets{};
    std::optional<bool> is_regex{};
    std::optional<Millis> ttl{};
  };
  void lose(const Tree& value, std::string what) {
    made_.lost.push_back({value.line, value.key, std::move(what)});
  }
  void fail(const Tree& value, std::string what) {
    made_.faults.push_back({value.line, value.key, std::move(what)});
  }
  void read_defaults(const Tree& tree);
  void read_mapping(const Tree& tree);
  bool take_option(const Tree& value, Options& options);
  void take_summary(const Tree& tree, Options& options);
  void take_max_age(const Tree& value);
  void take_histogram(const Tree& tree, Options& options);
  void take_quantiles(const Tree& list, std::vector<double>& quantiles);
  void take_buckets(const Tree& list, std::vector<double>& buckets);
  bool take_member(const Tree& value, Rule& rule);
  void take_action(const Tree& value, Rule& rule);
  void take_scale(const Tree& value, Rule& rule);
  void take_type(const Tree& value, Rule& rule);
  std::optional<Millis> ttl_of(const Tree& value);

  ExporterMapping made_;
  Options defaults_;
  std::vector<Rule> globs_;  // which come first there, wherever they stand
  std::vector<Rule> regexes_;
};

ExporterMapping Reader::read(const Tree& tree) && {
  if (tree.kind != Tree::Kind::Map) {
    fail(tree, "is no mapping file: a section with `mappings`");
    return std::move(made_);
  }
  for (const Tree& value : tree.children)
    if (value.key == "defaults") read_defaults(value);
  for (const Tree& value : tree.children) {
    if (value.key == "mappings") {
      if (value.kind == Tree::Kind::Map || value.kind == Tree::Kind::Text)
        fail(value, "is no list");
      for (const Tree& item : value.children)
        read_mapping(item);
    } else if (value.key != "defaults") {
      lose(value, "is unknown");
    }
  }
  Config::Metrics& metrics = made_.metrics;
  metrics.timer_unit = MetricsTimerUnit::Ms;
  if (defaults_.timers == Rule::Timers::Histogram) metrics.timers = MetricsTimers::Histogram;
  if (!defaults_.quantiles.empty()) metrics.quantiles = defaults_.quantiles;
  metrics.buckets = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  if (!defaults_.buckets.empty()) metrics.buckets = defaults_.buckets;
  if (defaults_.ttl) metrics.ttl = *defaults_.ttl;
  metrics.mapping = std::move(globs_);
  std::ranges::move(regexes_, std::back_inserter(metrics.mapping));
  // What no rule names has its own name there, a counter without _total.
  Rule others;
  others.pattern = "**";
  others.name = "$1";
  metrics.mapping.push_back(std::move(others));
  if (metrics.mapping.size() > exposition::kRulesMax) {
    made_.faults.push_back({0, "mappings",
                            "has " + std::to_string(metrics.mapping.size() - 1) +
                                " items, allowed are " +
                                std::to_string(exposition::kRulesMax - 1)});
  }
  return std::move(made_);
}

void Reader::read_defaults(const Tree& tree) {
  for (const Tree& value : tree.children) {
    if (take_option(value, defaults_)) continue;
    if (value.key == "glob_disable_ordering") {
      if (value.text == "true") lose(value, "rules count in their order here");
    } else {
      lose(value, "is unknown");
    }
  }
}

void Reader::read_mapping(const Tree& tree) {
  if (tree.kind != Tree::Kind::Map) return fail(tree, "an item that is no section");
  Rule rule;
  rule.line = tree.line;
  Options options = {.is_regex = defaults_.is_regex};
  for (const Tree& value : tree.children)
    if (!take_option(value, options) && !take_member(value, rule)) lose(value, "is unknown");
  const bool is_regex = options.is_regex.value_or(false);
  if (rule.pattern.empty()) return fail(tree, "an item without match");
  if (rule.name.empty() && rule.action != Rule::Action::Drop)
    return fail(tree, "an item without name");
  rule.by = is_regex ? Rule::By::Regex : Rule::By::Glob;
  if (is_regex) rule.pattern = anchored(rule.pattern);
  rule.timers = options.timers.value_or(Rule::Timers::AsConfigured);
  rule.quantiles = std::move(options.quantiles);
  rule.buckets = std::move(options.buckets);
  rule.ttl = options.ttl;
  for (const auto& [name, value] : rule.labels) {
    if (names_capture(value)) lose(tree, "the label " + name + " refers to a capture by its name");
  }
  if (names_capture(rule.name)) lose(tree, "name refers to a capture by its name");
  if (const std::string fault = exposition::fault_of(rule); !fault.empty())
    return lose(tree, "the whole item: " + fault);
  (is_regex ? regexes_ : globs_).push_back(std::move(rule));
}

/// Whether it is one.
bool Reader::take_option(const Tree& value, Options& options) {
  if (value.key == "observer_type" || value.key == "timer_type") {
    if (value.text == "histogram" || value.text == "summary") {
      options.timers = value.text == "histogram" ? Rule::Timers::Histogram : Rule::Timers::Summary;
    } else if (!value.text.empty()) {
      fail(value, "is neither histogram nor summary");
    }
  } else if (value.key == "match_type") {
    if (value.text != "glob" && value.text != "regex") fail(value, "is neither glob nor regex");
    options.is_regex = value.text == "regex";
  } else if (value.key == "ttl") {
    options.ttl = ttl_of(value);
  } else if (value.key == "buckets") {
    take_buckets(value, options.buckets);
  } else if (value.key == "quantiles") {
    take_quantiles(value, options.quantiles);
  } else if (value.key == "summary_options") {
    take_summary(value, options);
  } else if (value.key == "histogram_options") {
    take_histogram(value, options);
  } else {
    return false;
  }
  return true;
}

void Reader::take_summary(const Tree& tree, Options& options) {
  for (const Tree& value : tree.children) {
    if (value.key == "quantiles") {
      take_quantiles(value, options.quantiles);
    } else if (value.key == "max_age") {
      take_max_age(value);
    } else if (value.key == "age_buckets" || value.key == "buf_cap") {
      lose(value, "quantiles are kept in another way here, which needs none");
    } else {
      lose(value, "is unknown");
    }
  }
}

void Reader::take_max_age(const Tree& value) {
  const auto age = go_duration(value.text);
  if (!age) return fail(value, std::string{kNoGo});
  if (*age != ingest::query::kExpositionWindow)
    lose(value, "quantiles are of the last minute here");
}

void Reader::take_histogram(const Tree& tree, Options& options) {
  for (const Tree& value : tree.children) {
    if (value.key == "buckets") {
      take_buckets(value, options.buckets);
    } else if (value.key.starts_with("native_histogram_")) {
      lose(value, "there are no native histograms here, but classic buckets");
    } else {
      lose(value, "is unknown");
    }
  }
}

/// {quantile: 0.99, error: 0.001}: the error there is a choice; here it is 0.55% of the value.
void Reader::take_quantiles(const Tree& list, std::vector<double>& quantiles) {
  quantiles.clear();
  for (const Tree& item : list.children) {
    const auto place = std::ranges::find(item.children, "quantile", &Tree::key);
    const auto number = place == item.children.end() ? std::nullopt : read_number(place->text);
    if (!number) return fail(item, "is no quantile as {quantile: 0.99, error: 0.001}");
    quantiles.push_back(*number);
  }
  std::ranges::sort(quantiles);
}

void Reader::take_buckets(const Tree& list, std::vector<double>& buckets) {
  buckets.clear();
  for (const Tree& item : list.children) {
    if (item.text == "+Inf" || item.text == ".inf") continue;  // comes by itself
    const auto number = read_number(item.text);
    if (!number) return fail(item, "\"" + item.text + "\" is no number");
    buckets.push_back(*number);
  }
}

bool Reader::take_member(const Tree& value, Rule& rule) {
  if (value.key == "match") {
    rule.pattern = value.text;
  } else if (value.key == "name") {
    rule.name = value.text;
  } else if (value.key == "help") {
    rule.help = value.text;
  } else if (value.key == "labels") {
    for (const Tree& label : value.children)
      rule.labels.emplace_back(label.key, label.text);
  } else if (value.key == "action") {
    take_action(value, rule);
  } else if (value.key == "scale") {
    take_scale(value, rule);
  } else if (value.key == "honor_labels") {
    rule.tags = value.text == "true" ? Rule::Tags::Over : Rule::Tags::Under;
  } else if (value.key == "match_metric_type") {
    take_type(value, rule);
  } else {
    return false;
  }
  return true;
}

void Reader::take_action(const Tree& value, Rule& rule) {
  if (value.text == "drop") {
    rule.action = Rule::Action::Drop;
  } else if (value.text != "map") {
    fail(value, "is neither map nor drop");
  }
}

void Reader::take_scale(const Tree& value, Rule& rule) {
  const auto scale = read_number(value.text);
  if (!scale) return fail(value, "is no number");
  if (*scale <= 0) return lose(value, "a scale is above 0 here");
  rule.scale = *scale;
}

void Reader::take_type(const Tree& value, Rule& rule) {
  if (value.text == "counter") {
    rule.kind = Kind::Counter;
  } else if (value.text == "gauge") {
    rule.kind = Kind::Gauge;
  } else if (value.text == "observer" || value.text == "timer") {
    rule.kind = Kind::Timer;
  } else {
    fail(value, "is neither counter, gauge nor observer");
  }
}

/// Nothing for 0, which is for ever there.
std::optional<Millis> Reader::ttl_of(const Tree& value) {
  auto ttl = go_duration(value.text);
  if (!ttl) {
    fail(value, std::string{kNoGo});
    return std::nullopt;
  }
  if (*ttl == Millis{0}) return std::nullopt;
  if (*ttl > kTtlMax) {
    lose(value, "a series stays for at most " + duration_text(kTtlMax) + " here");
    ttl = kTtlMax;
  }
  if (*ttl > Config{}.series_ttl)
    made_.series_ttl = std::max(*ttl, made_.series_ttl.value_or(Millis{0}));
  return ttl;
}

std::string numbers_text(const std::vector<double>& numbers) {
  std::string text = "[";
  for (const double number : numbers)
    text.append(text.size() > 1 ? ", " : "").append(number_text(number));
  return text + "]";
}

}  // namespace

ExporterMapping read_exporter_mapping(std::string_view text) {
  Document document = parse_tree(text);
  if (!document.faults.empty()) {
    ExporterMapping none;
    none.faults = std::move(document.faults);
    return none;
  }
  return Reader{}.read(document.tree);
}

std::string metrics_text(const ExporterMapping& mapping) {
  const Config::Metrics& metrics = mapping.metrics;
  std::string text;
  if (mapping.series_ttl) text += "series_ttl: " + duration_text(*mapping.series_ttl) + "\n";
  text += "metrics:\n";
  if (metrics.ttl > Millis{0}) text += "  ttl: " + duration_text(metrics.ttl) + "\n";
  text += "  timer_unit: ms\n";
  text +=
      metrics.timers == MetricsTimers::Histogram ? "  timers: histogram\n" : "  timers: summary\n";
  text += "  quantiles: " + numbers_text(metrics.quantiles) + "\n";
  text += "  buckets: " + numbers_text(metrics.buckets) + "\n";
  text += "  mapping:\n";
  for (const Rule& rule : metrics.mapping)
    text += "    - " + rule_text(rule) + "\n";
  return text;
}

}  // namespace gateway::config
