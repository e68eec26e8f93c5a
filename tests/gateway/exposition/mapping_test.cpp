#include "gateway/exposition/mapping.h"

#include <gtest/gtest.h>

#include "gateway/exposition/pattern.h"

namespace gateway::exposition {
namespace {

using ingest::model::Kind;
using ingest::model::SeriesKey;
using ingest::model::TagView;

Mapped mapped(Kind kind, std::string_view name, std::vector<TagView> tags = {}) {
  const SeriesKey key{kind, name, std::move(tags)};
  auto all = Mapping{{}}.map(SeriesView::of(kind, key.bytes()));
  EXPECT_TRUE(all);
  return all.value_or(Mapped{});
}

std::string labels(Kind kind, std::vector<TagView> tags) {
  std::string text;
  for (const auto& [name, value] : mapped(kind, "m", std::move(tags)).labels)
    text += name + '=' + value + ' ';
  return text;
}

TEST(SeriesView, ReadsWhatAKeySays) {
  const SeriesKey key{Kind::Gauge, "a.b", {{"x", "1"}, {"empty", ""}}};
  const SeriesView view = SeriesView::of(Kind::Gauge, key.bytes());
  EXPECT_EQ(view.name, "a.b");
  ASSERT_EQ(view.tags.size(), 2U);
  EXPECT_EQ(view.tags[0].key, "empty");
  EXPECT_EQ(view.tags[0].value, "");
  EXPECT_EQ(view.tags[1].value, "1");
}

TEST(Mapping, ANameSaysWhatItsTypeSays) {
  EXPECT_EQ(mapped(Kind::Counter, "http.requests").name, "http_requests");
  EXPECT_EQ(mapped(Kind::Counter, "http.requests.total").name, "http_requests");
  EXPECT_EQ(mapped(Kind::Gauge, "http.requests.total").name, "http_requests_total_value");
  for (const char* end : {"count", "sum", "bucket", "created"}) {
    EXPECT_EQ(mapped(Kind::Gauge, std::string{"a."} + end).name,
              std::string{"a_"} + end + "_value");
    EXPECT_EQ(mapped(Kind::Counter, std::string{"a."} + end).name, std::string{"a_"} + end);
  }
}

TEST(Mapping, TagsAreLegalLabelsEachOnceAndNoneEmpty) {
  EXPECT_EQ(labels(Kind::Gauge, {{"b", "2"}, {"a", "1"}, {"none", ""}}), "a=1 b=2 ");
  EXPECT_EQ(labels(Kind::Gauge, {{"a.b", "1"}, {"a_b", "2"}, {"a-b", "3"}, {"a_b_2", "4"}}),
            "a_b=3 a_b_2=4 a_b_3=1 a_b_4=2 ");
  EXPECT_EQ(labels(Kind::Gauge, {{"__name__", "x"}, {"le", "1"}}), "le=1 tag__name__=x ");
  EXPECT_EQ(labels(Kind::Timer, {{"le", "1"}, {"quantile", "2"}}), "tag_le=1 tag_quantile=2 ");
}

TEST(Mapping, TimersAreAsConfigured) {
  const Mapping summaries{{.quantiles = {0.5}, .buckets = {1, 2}}};
  EXPECT_EQ(summaries.shape("any")->quantiles, std::vector<double>{0.5});
  EXPECT_FALSE(summaries.shape("any")->is_histogram());
  const Mapping histograms{
      {.timers = Rule::Timers::Histogram, .quantiles = {0.5}, .buckets = {1, 2}}};
  EXPECT_EQ(histograms.shape("any")->bounds, (std::vector<double>{1, 2}));
}

// ---- rules ----

Rule glob(std::string pattern, std::string name) {
  Rule rule;
  rule.pattern = std::move(pattern);
  rule.name = std::move(name);
  return rule;
}
Rule regex(std::string pattern, std::string name) {
  Rule rule = glob(std::move(pattern), std::move(name));
  rule.by = Rule::By::Regex;
  return rule;
}

/// "name{label=value ...}", "" where it is dropped.
std::string by(const std::vector<Rule>& rules, std::string_view name,
               std::vector<TagView> tags = {}, Kind kind = Kind::Gauge) {
  for (const Rule& rule : rules)
    EXPECT_EQ(fault_of(rule), "");
  const SeriesKey key{kind, name, std::move(tags)};
  const auto mapped = Mapping{{}, rules}.map(SeriesView::of(kind, key.bytes()));
  if (!mapped) return "";
  std::string text = mapped->name + '{';
  for (const auto& [label, value] : mapped->labels)
    text += label + '=' + value + ' ';
  return text + '}';
}

TEST(MappingRules, CapturesGoIntoNameAndLabels) {
  Rule rule = glob("http.*.requests.**", "http_${1}_$2");
  rule.labels = {{"site", "$1"}, {"all", "$0"}, {"price", "$$1"}};
  EXPECT_EQ(by({rule}, "http.shop.requests.get.ok"),
            "http_shop_get_ok{all=http.shop.requests.get.ok price=$1 site=shop }");
  EXPECT_EQ(by({rule}, "http.shop.eu.requests.get"), "http_shop_eu_requests_get{}");
  Rule regular = regex(R"(([a-z]+)\.(\d+)\.(?:ms|s))", "took_$1");
  regular.labels = {{"shard", "$2"}};
  EXPECT_EQ(by({regular}, "db.17.ms"), "took_db{shard=17 }");
  EXPECT_EQ(by({regular}, "x.db.17.ms"), "x_db_17_ms{}");  // anchored
}

TEST(MappingRules, AGlobsOtherCharactersStandForThemselves) {
  EXPECT_EQ(by({glob("a+b(c).?", "x")}, "a+b(c).z"), "x{}");
  EXPECT_EQ(by({glob("a+b(c).?", "x")}, "aab(c).z"), "aab_c__z{}");
  EXPECT_EQ(by({glob("a.?", "x")}, "a.bc"), "a_bc{}");
}

TEST(MappingRules, TheFirstThatMatchesCountsUnlessItGoesOn) {
  const std::vector<Rule> plain{glob("a.*", "first"), glob("a.b", "second")};
  EXPECT_EQ(by(plain, "a.b"), "first{}");
  std::vector<Rule> going = plain;
  going[0].goes_on = true;
  going[0].labels = {{"seen", "yes"}};
  EXPECT_EQ(by(going, "a.b"), "second{seen=yes }");
  EXPECT_EQ(by(going, "a.c"), "first{seen=yes }");
}

TEST(MappingRules, MayBeForOneKindAlone) {
  Rule rule = glob("a", "timed");
  rule.kind = Kind::Timer;
  EXPECT_EQ(by({rule}, "a", {}, Kind::Timer), "timed{}");
  EXPECT_EQ(by({rule}, "a", {}, Kind::Gauge), "a{}");
}

TEST(MappingRules, DropKeepRemoveAndRename) {
  Rule drop = glob("debug.**", "");
  drop.action = Rule::Action::Drop;
  EXPECT_EQ(by({drop}, "debug.a.b"), "");
  EXPECT_EQ(by({drop}, "a"), "a{}");
  const std::vector<TagView> tags{{"env", "prod"}, {"host", "a"}, {"user", "7"}};
  Rule rule = glob("a", "");
  rule.keep = {"env", "host"};
  EXPECT_EQ(by({rule}, "a", tags), "a{env=prod host=a }");
  rule.keep.clear();
  rule.remove = {"user"};
  rule.rename = {{"host", "instance_name"}};
  EXPECT_EQ(by({rule}, "a", tags), "a{env=prod instance_name=a }");
}

TEST(MappingRules, OfATagAndALabelOfOneNameTheLabelCountsUnlessTagsAreHonored) {
  Rule rule = glob("*.a", "a");
  rule.labels = {{"env", "$1"}};
  EXPECT_EQ(by({rule}, "dev.a", {{"env", "prod"}}), "a{env=dev }");
  rule.tags = Rule::Tags::Over;
  EXPECT_EQ(by({rule}, "dev.a", {{"env", "prod"}}), "a{env=prod }");
  EXPECT_EQ(by({rule}, "dev.a"), "a{env=dev }");
}

TEST(MappingRules, TimersHaveTheirOwnShapeTtlAndScale) {
  Rule rule = glob("took.*", "took_seconds");
  rule.timers = Rule::Timers::Histogram;
  rule.buckets = {0.1, 0.5};
  rule.scale = 0.001;
  rule.ttl = ingest::Millis{60'000};
  Rule other = glob("size.*", "size");
  other.quantiles = {0.25};
  const Mapping mapping{{.quantiles = {0.5}, .buckets = {1}}, {rule, other}};
  const auto shape = mapping.shape("took.a");
  EXPECT_EQ(shape->bounds, (std::vector<double>{100, 500}));
  EXPECT_EQ(shape->shown_bounds, (std::vector<double>{0.1, 0.5}));
  EXPECT_EQ(mapping.shape("took.b"), shape);
  EXPECT_EQ(mapping.shape("size.a")->quantiles, std::vector<double>{0.25});
  EXPECT_EQ(mapping.shape("any")->quantiles, std::vector<double>{0.5});
  const SeriesKey key{Kind::Timer, "took.a", {}};
  const auto mapped = mapping.map(SeriesView::of(Kind::Timer, key.bytes()));
  EXPECT_EQ(mapped->scale, 0.001);
  EXPECT_EQ(mapped->ttl, ingest::Millis{60'000});
}

TEST(MappingRules, MillisecondsAreToldAsSeconds) {
  const Mapping mapping{
      {.timers = Rule::Timers::Histogram, .buckets = {0.5}, .timer_scale = 0.001}};
  EXPECT_EQ(mapping.shape("a")->bounds, std::vector<double>{500});
  const SeriesKey timer{Kind::Timer, "a", {}};
  EXPECT_EQ(mapping.map(SeriesView::of(Kind::Timer, timer.bytes()))->scale, 0.001);
  const SeriesKey gauge{Kind::Gauge, "a", {}};
  EXPECT_EQ(mapping.map(SeriesView::of(Kind::Gauge, gauge.bytes()))->scale, 1);
}

TEST(MappingRules, ACounterThatARuleNamesIsCalledThat) {
  const SeriesKey key{Kind::Counter, "hits", {}};
  const auto mapped =
      Mapping{{}, {glob("hits", "web_hits")}}.map(SeriesView::of(Kind::Counter, key.bytes()));
  EXPECT_EQ(mapped->name, "web_hits");
  EXPECT_EQ(mapped->name_of, Mapped::NameOf::Rule);
}

TEST(MappingRules, FaultsSayWhatIsWrong) {
  const auto has = [](const Rule& rule, std::string_view what) {
    EXPECT_NE(fault_of(rule).find(what), std::string::npos) << fault_of(rule);
  };
  has(glob("", "a"), "neither match nor regex");
  has(glob(std::string(257, 'a'), "a"), "longer than 256");
  has(regex("a(", "a"), "cannot be read");
  has(glob("a.*", "$2"), "refers to $2, but the pattern has 1");
  Rule rule = glob("a", "b");
  rule.labels = {{"no-name", "x"}};
  has(rule, "no-name is no legal name");
  rule.labels = {{"x", "$1"}};
  has(rule, "the label x refers to $1");
  rule.labels.clear();
  rule.rename = {{"a", "1a"}};
  has(rule, "1a, for a, is no legal name");
  rule.rename.clear();
  rule.quantiles = {0.5, 1.5};
  has(rule, "quantiles");
  rule.quantiles.clear();
  rule.buckets = {2, 1};
  has(rule, "buckets");
  rule.buckets.clear();
  rule.scale = 0;
  has(rule, "scale");
}

TEST(MappingRules, FiveHundredRulesAreOnePass) {
  std::vector<Rule> rules;
  for (int i = 0; i < 500; ++i)
    rules.push_back(glob("service" + std::to_string(i) + ".*.**", "s" + std::to_string(i)));
  EXPECT_EQ(by(rules, "service499.a.b.c"), "s499{}");
  EXPECT_EQ(by(rules, "service500.a.b.c"), "service500_a_b_c{}");
}

}  // namespace
}  // namespace gateway::exposition
