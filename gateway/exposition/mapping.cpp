#include "gateway/exposition/mapping.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <array>
#include <map>

#include "gateway/exposition/pattern.h"
#include "gateway/exposition/text.h"
#include "ingest/base/check.h"

namespace gateway::exposition {
namespace {

using ingest::model::Kind;
using ingest::model::TagView;
using ingest::query::TimerShape;
using ingest::query::TimerShapePtr;
using Labels = std::vector<std::pair<std::string, std::string>>;

std::string_view cut(std::string_view& text) {
  const std::size_t end = text.find('\0');
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return front;
}

/// Ends that say of a name what it is not: of a counter alone _total is the end, the others are
/// parts of summaries and histograms.
bool ends_strangely(std::string_view name) {
  constexpr std::array<std::string_view, 5> kEnds{"_total", "_count", "_sum", "_bucket",
                                                  "_created"};
  return std::ranges::any_of(kEnds, [&](std::string_view end) { return name.ends_with(end); });
}

std::string own_name(const SeriesView& series) {
  std::string name = metric_name(series.name);
  constexpr std::string_view kTotal = "_total";
  if (series.kind == Kind::Counter) {
    if (name.size() > kTotal.size() && name.ends_with(kTotal))
      name.resize(name.size() - kTotal.size());
  } else if (ends_strangely(name)) {
    name += "_value";
  }
  return name;
}

/// What scrapers and types keep for themselves.
std::string label_of(std::string_view tag, Kind kind) {
  std::string name = label_name(tag);
  if (kind == Kind::Timer && (name == "le" || name == "quantile")) name.insert(0, "tag_");
  return name;
}

/// An absent label equals an empty one, so empty ones are left out. Of two tags whose names become
/// one, the later gets a number.
Labels settled(Labels labels) {
  std::erase_if(labels, [](const auto& label) { return label.second.empty(); });
  std::ranges::stable_sort(labels, {}, &Labels::value_type::first);
  const auto is_taken = [&](const std::string& name, std::size_t but) {
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (i != but && labels[i].first == name) return true;
    return false;
  };
  std::string name;  // that was met last
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].first != name) {
      name = labels[i].first;
      continue;
    }
    int number = 2;
    while (is_taken(labels[i].first = name + '_' + std::to_string(number), i))
      ++number;
  }
  std::ranges::sort(labels, {}, &Labels::value_type::first);
  return labels;
}

std::string_view kind_words(Kind kind) {
  switch (kind) {
    case Kind::Counter:
      return "a counter";
    case Kind::Gauge:
      return "a gauge";
    case Kind::Timer:
      return "a timer";
    case Kind::Set:
      return "distinct members in the last minute";
  }
  return "";
}

/// All of the name, then what each group has of it.
std::vector<std::string_view> captured(const re2::RE2& regex, std::string_view name) {
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(regex.NumberOfCapturingGroups()) +
                                       1);
  const re2::StringPiece text{name.data(), name.size()};
  regex.Match(text, 0, text.size(), re2::RE2::ANCHOR_BOTH, groups.data(),
              static_cast<int>(groups.size()));
  std::vector<std::string_view> all;
  all.reserve(groups.size());
  for (const re2::StringPiece& group : groups)
    all.emplace_back(group.data(), group.size());
  return all;
}

/// Tags of which a rule decides.
void choose_tags(const Rule& rule, std::vector<TagView>& tags) {
  const auto stands_in = [](const std::vector<std::string>& list, const TagView& tag) {
    return std::ranges::find(list, tag.key) != list.end();
  };
  std::erase_if(tags, [&](const TagView& tag) {
    return (!rule.keep.empty() && !stands_in(rule.keep, tag)) || stands_in(rule.remove, tag);
  });
  for (TagView& tag : tags) {
    const auto renamed = std::ranges::find(rule.rename, tag.key, &Labels::value_type::first);
    if (renamed != rule.rename.end()) tag.key = renamed->second;
  }
}

/// Labels that rules gave, by name, and which counts where a tag has that name too.
using RuleLabels = std::map<std::string, std::pair<std::string, Rule::Tags>>;

Labels joined(const std::vector<TagView>& tags, RuleLabels given, Kind kind) {
  Labels all;
  for (const TagView& tag : tags) {
    std::string name = label_of(tag.key, kind);
    const auto same = given.find(name);
    if (same != given.end() && same->second.second == Rule::Tags::Under) continue;
    if (same != given.end()) given.erase(same);
    all.emplace_back(std::move(name), tag.value);
  }
  for (auto& [name, value] : given)
    all.emplace_back(name, std::move(value.first));
  return settled(std::move(all));
}

TimerShape shape_of(const Mapping::Defaults& defaults, const Rule& rule) {
  const bool is_histogram =
      rule.timers == Rule::Timers::Histogram ||
      (rule.timers == Rule::Timers::AsConfigured && defaults.timers == Rule::Timers::Histogram);
  if (!is_histogram)
    return {.quantiles = rule.quantiles.empty() ? defaults.quantiles : rule.quantiles};
  const std::vector<double>& shown = rule.buckets.empty() ? defaults.buckets : rule.buckets;
  TimerShape shape{.bounds = shown};
  const double scale = rule.scale * defaults.timer_scale;
  if (scale == 1) return shape;
  shape.shown_bounds = shown;
  for (double& bound : shape.bounds)
    bound /= scale;
  return shape;
}

}  // namespace

SeriesView SeriesView::of(Kind kind, std::string_view key_bytes) {
  SeriesView view{.kind = kind, .name = cut(key_bytes), .tags = {}};
  while (!key_bytes.empty()) {
    const std::string_view key = cut(key_bytes);
    view.tags.push_back({key, cut(key_bytes)});
  }
  return view;
}

struct Mapping::Compiled {
  struct One {
    Rule rule;
    std::unique_ptr<re2::RE2> regex;
    TimerShapePtr shape;
  };
  std::vector<One> rules;
  re2::RE2::Set all{re2::RE2::Quiet, re2::RE2::ANCHOR_BOTH};
  bool has_all = false;  // one pass of `all` says which rules match

  /// Those that do, in their order.
  std::vector<int> matches(std::string_view name) const {
    const re2::StringPiece text{name.data(), name.size()};
    std::vector<int> found;
    re2::RE2::Set::ErrorInfo fault{};
    if (has_all && (all.Match(text, &found, &fault) || fault.kind == re2::RE2::Set::kNoError)) {
      std::ranges::sort(found);
      return found;
    }
    found.clear();  // its automaton grew too large: one after another
    for (std::size_t i = 0; i < rules.size(); ++i)
      if (re2::RE2::FullMatch(text, *rules[i].regex)) found.push_back(static_cast<int>(i));
    return found;
  }
};

Mapping::Mapping(Defaults defaults, std::vector<Rule> rules)
    : defaults_(std::move(defaults)),
      shape_(std::make_shared<const TimerShape>(shape_of(defaults_, Rule{}))) {
  if (rules.empty()) return;
  compiled_ = std::make_unique<Compiled>();
  for (Rule& rule : rules) {
    const std::string regex = regex_of(rule);
    compiled_->all.Add(regex, nullptr);
    auto shape = std::make_shared<const TimerShape>(shape_of(defaults_, rule));
    auto compiled = std::make_unique<re2::RE2>(regex, re2::RE2::Quiet);
    CHECK(compiled->ok());  // fault_of() had nothing to say
    compiled_->rules.push_back({std::move(rule), std::move(compiled), std::move(shape)});
  }
  compiled_->has_all = compiled_->all.Compile();
}

Mapping::~Mapping() = default;

/// Calls apply(compiled rule) for each that counts.
template <class Apply>
void Mapping::each_match(Kind kind, std::string_view name, const Apply& apply) const {
  if (!compiled_) return;
  for (const int index : compiled_->matches(name)) {
    const Compiled::One& one = compiled_->rules[static_cast<std::size_t>(index)];
    if (one.rule.kind && *one.rule.kind != kind) continue;
    apply(one);
    if (!one.rule.goes_on) return;
  }
}

std::optional<Mapped> Mapping::map(const SeriesView& series) const {
  Mapped mapped{.name = own_name(series),
                .name_of = Mapped::NameOf::Metric,
                .help = std::string{series.name} + ", " + std::string{kind_words(series.kind)},
                .labels = {},
                .ttl = defaults_.ttl,
                .scale = 1};
  std::vector<TagView> tags = series.tags;
  RuleLabels labels;
  bool dropped = false;
  each_match(series.kind, series.name, [&](const Compiled::One& one) {
    const Rule& rule = one.rule;
    dropped = dropped || rule.action == Rule::Action::Drop;
    const auto captures = captured(*one.regex, series.name);
    if (!rule.name.empty()) {
      mapped.name = metric_name(expand(rule.name, captures));
      mapped.name_of = Mapped::NameOf::Rule;
    }
    if (!rule.help.empty()) mapped.help = rule.help;
    if (rule.ttl) mapped.ttl = *rule.ttl;
    if (rule.scale != 1) mapped.scale = rule.scale;
    choose_tags(rule, tags);
    for (const auto& [name, value] : rule.labels)
      labels[label_of(name, series.kind)] = {expand(value, captures), rule.tags};
  });
  if (dropped || mapped.name.empty()) return std::nullopt;
  if (series.kind == Kind::Timer) mapped.scale *= defaults_.timer_scale;
  mapped.labels = joined(tags, std::move(labels), series.kind);
  return mapped;
}

TimerShapePtr Mapping::shape(std::string_view metric) const {
  Rule merged;
  TimerShapePtr last = shape_;
  int count = 0;
  each_match(Kind::Timer, metric, [&](const Compiled::One& one) {
    ++count;
    last = one.shape;
    if (one.rule.timers != Rule::Timers::AsConfigured) merged.timers = one.rule.timers;
    if (!one.rule.quantiles.empty()) merged.quantiles = one.rule.quantiles;
    if (!one.rule.buckets.empty()) merged.buckets = one.rule.buckets;
    if (one.rule.scale != 1) merged.scale = one.rule.scale;
  });
  return count < 2 ? last : std::make_shared<const TimerShape>(shape_of(defaults_, merged));
}

}  // namespace gateway::exposition
