#include "ingest/timeline/survey.h"

#include <set>

#include "ingest/timeline/catalogue_builder.h"
#include "ingest/timeline/known_kinds.h"
#include "tests/ingest/timeline/given.h"

namespace ingest::timeline {
namespace {

using model::Kind;
using model::SeriesKey;

query::Where where_of(const char* json) {
  auto where = query::Where::compile(*query::parse_matchers(json, {}));
  EXPECT_TRUE(where);
  return *std::move(where);
}

/// Four names, three kinds, two tenants, and one that is gone.
void fill(Given& given) {
  for (const char* env : {"prod", "dev"}) {
    for (int i = 0; i < 5; ++i) {
      const std::string host = std::string{env} + std::to_string(i);
      given.send({Kind::Counter, "a.one", {{"env", env}, {"host", host}}}, 100'100, {1});
      given.send({Kind::Timer, "a.one", {{"env", env}, {"host", host}}}, 100'200, {1});
      if (i < 2) given.send({Kind::Gauge, "b", {{"env", env}, {"host", host}}}, 100'300, {1});
    }
  }
  given.send({Kind::Counter, "a.only.dev", {{"env", "dev"}}}, 100'100, {1});
  given.send({Kind::Counter, "bare", {}}, 100'100, {1});
  given.send({Kind::Gauge, "gone", {{"env", "prod"}}}, 100'100, {1});
  given.expire(0, {Kind::Gauge, "gone", {{"env", "prod"}}});
  given.tick(100'500);
}

std::shared_ptr<const query::Catalogue> surveyed(const Given& given, query::Where where,
                                                 std::size_t slice) {
  CatalogueSurvey survey{given.timeline, std::move(where)};
  for (;;) {
    std::size_t steps = slice;
    if (auto made = survey.go_on(steps)) return made;
  }
}

std::string text_of(const query::Catalogue& catalogue) {
  std::string text = std::to_string(catalogue.series);
  for (const query::Metric& metric : catalogue.metrics) {
    text += "\n" + metric.name + " " + std::string{model::kind_name(metric.kind)} + " " +
            std::to_string(metric.series) + " " + std::to_string(to_ms(metric.last_seen));
    for (const query::TagKey& tag : metric.tags) {
      text += " " + tag.key;
      for (const query::TagValue& value : tag.values)
        text += "|" + value.value + std::to_string(value.series);
    }
  }
  return text;
}

TEST(CatalogueSurvey, WithoutMatchersIsTheCatalogueOfAll) {
  Given given;
  fill(given);
  CatalogueBuilder builder{given.timeline};
  builder.begin();
  const auto all = builder.build(100'000);
  for (const std::size_t slice : {1U, 3U, 100'000U})
    EXPECT_EQ(text_of(*surveyed(given, {}, slice)), text_of(*all)) << slice;
}

TEST(CatalogueSurvey, CountsWhatSatisfiesTheMatchersAndNothingElse) {
  Given given;
  fill(given);
  for (const std::size_t slice : {1U, 1'000U}) {
    const std::string text = text_of(*surveyed(given, where_of(R"([["env","=","prod"]])"), slice));
    EXPECT_EQ(text.find("dev"), std::string::npos) << text;
    EXPECT_EQ(text.find("bare"), std::string::npos) << text;
    EXPECT_EQ(text.find("gone"), std::string::npos) << text;
    EXPECT_NE(text.find("a.one counter 5 100500 env|prod5 host|prod01"), std::string::npos) << text;
    EXPECT_EQ(text.substr(0, 3), "12\n");
  }
}

TEST(CatalogueSurvey, ASeriesThatGoesMeanwhileHurtsNobody) {
  Given given;
  fill(given);
  CatalogueSurvey survey{given.timeline, where_of(R"([["env","=","prod"]])")};
  std::size_t steps = 3;
  EXPECT_EQ(survey.go_on(steps), nullptr);
  for (int i = 0; i < 5; ++i)
    given.expire(0,
                 {Kind::Timer, "a.one", {{"env", "prod"}, {"host", "prod" + std::to_string(i)}}});
  given.tick(100'750);
  steps = 100'000;
  const auto made = survey.go_on(steps);
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(text_of(*made).find("a.one timer 5"), std::string::npos);
}

/// One name whose `host` has 5,000 values.
void fill_many(Given& given) {
  for (int i = 0; i < 5'000; ++i)
    given.send({Kind::Counter, "many", {{"host", std::to_string(i)}}}, 100'100, {1});
  for (int i = 0; i < 3; ++i)
    given.send({Kind::Counter, "many", {{"a", std::to_string(i)}, {"host", "7"}}}, 100'100, {1});
  given.tick(100'500);
}

TEST(CatalogueSurvey, ATagOfManyValuesIsToldAndForgottenInSlices) {
  Given given;
  fill_many(given);
  CatalogueSurvey survey{given.timeline, {}};
  std::shared_ptr<const query::Catalogue> made;
  int turns = 0;
  for (; made == nullptr && turns < 1'000; ++turns) {
    std::size_t steps = 100;
    made = survey.go_on(steps);
  }
  ASSERT_NE(made, nullptr);
  // Each series with its tag, each value read, each value freed.
  EXPECT_GE(turns, (2 + 1 + 1) * 5'000 / 100);
  ASSERT_EQ(made->metrics.size(), 1U);
  const query::TagKey& host = made->metrics[0].tags.at(1);
  EXPECT_EQ(made->metrics[0].tags[0].values.size(), 3U);
  ASSERT_EQ(host.values.size(), query::kCatalogueValuesMax);
  EXPECT_EQ(host.values[0].value, "7");
  EXPECT_EQ(host.values[0].series, 4U);
  EXPECT_EQ(host.values[1].value, "0");
  EXPECT_EQ(host.values[2].value, "1");
  EXPECT_EQ(host.values[3].value, "10");
}

TEST(CatalogueBuilder, ATagOfManyValuesIsReadInSlices) {
  Given given;
  fill_many(given);
  CatalogueBuilder builder{given.timeline};
  builder.begin();
  std::shared_ptr<const query::Catalogue> made;
  int turns = 0;
  for (; made == nullptr && turns < 1'000; ++turns)
    made = builder.build(100);
  ASSERT_NE(made, nullptr);
  EXPECT_GE(turns, 5'000 / 100);
  EXPECT_EQ(text_of(*made), text_of(*surveyed(given, {}, 1'000)));
}

TEST(CatalogueBuilder, WhatGoesBetweenTwoSlicesHurtsNobody) {
  Given given;
  fill_many(given);
  CatalogueBuilder builder{given.timeline};
  builder.begin();
  EXPECT_EQ(builder.build(100), nullptr);
  for (int i = 0; i < 5'000; ++i)
    given.expire(0, {Kind::Counter, "many", {{"host", std::to_string(i)}}});
  for (int i = 0; i < 3; ++i)
    given.expire(0, {Kind::Counter, "many", {{"a", std::to_string(i)}, {"host", "7"}}});
  given.send({Kind::Gauge, "many", {{"host", "new"}}}, 100'600, {1});
  given.tick(100'750);
  const auto made = builder.build(100'000);
  ASSERT_NE(made, nullptr);
  ASSERT_EQ(made->metrics.size(), 1U);
  EXPECT_EQ(made->metrics[0].kind, Kind::Gauge);
  EXPECT_EQ(made->metrics[0].tags.at(0).values.at(0).value, "new");
}

query::SeriesPage page_of(const Given& given, const query::SeriesAsk& ask, query::Where where,
                          std::size_t slice) {
  SeriesSurvey survey{given.timeline, ask, std::move(where)};
  for (;;) {
    std::size_t steps = slice;
    if (auto page = survey.go_on(steps)) return *std::move(page);
  }
}

TEST(SeriesSurvey, PagesVisitEachSeriesOnceInOrderWhateverTheLimit) {
  Given given;
  fill(given);
  for (std::size_t limit = 1; limit <= 14; ++limit) {
    std::vector<std::string> seen;
    query::SeriesAsk ask{.limit = limit};
    for (int pages = 0; pages < 20; ++pages) {
      const auto page = page_of(given, ask, where_of(R"([["env","=","prod"]])"), 1 + limit % 3);
      for (const query::SeriesFound& found : page.items)
        seen.push_back(query::place_text(found.key));
      EXPECT_LE(page.items.size(), limit);
      ask.after = page.next;
      if (ask.after.empty()) break;
    }
    EXPECT_EQ(seen.size(), 12U) << limit;
    EXPECT_EQ((std::set<std::string>{seen.begin(), seen.end()}).size(), 12U) << limit;
    EXPECT_TRUE(seen.front().starts_with("counter@a.one\\0env\\0prod\\0host\\0prod0")) << seen[0];
    EXPECT_TRUE(seen[5].starts_with("timer@a.one")) << seen[5];
    EXPECT_TRUE(seen.back().starts_with("gauge@b")) << seen.back();
  }
}

TEST(SeriesSurvey, AGlobAndANameSelectMetrics) {
  Given given;
  fill(given);
  const auto count = [&](const char* metric) {
    return page_of(given, {.metric = metric, .limit = 1'000}, {}, 7).items.size();
  };
  EXPECT_EQ(count("a.**"), 21U);
  EXPECT_EQ(count("a.one"), 20U);
  EXPECT_EQ(count("a"), 0U);
  EXPECT_EQ(count("bare"), 1U);
  EXPECT_EQ(count("gone"), 0U);
  EXPECT_EQ(count(""), 26U);
}

TEST(SeriesSurvey, APageEndsWhereItsKeysAreLong) {
  Given given;
  for (int i = 0; i < 1'000; ++i) {
    std::vector<model::TagView> tags;
    const std::string value = std::to_string(i) + std::string(250, 'v');
    tags.push_back({"a", value});
    tags.push_back({"b", value});
    given.send({Kind::Counter, "m", tags}, 100'100, {1});
  }
  const auto page = page_of(given, {.limit = 1'000}, {}, 1'000);
  EXPECT_LT(page.items.size(), 600U);
  EXPECT_FALSE(page.next.empty());
}

TEST(KnownKinds, WhatOthersSendUnderANameIsNothingToAQuery) {
  Given given;
  given.send({Kind::Counter, "m", {{"env", "prod"}}}, 100'100, {1});
  given.send({Kind::Timer, "m", {{"env", "dev"}}}, 100'100, {1});
  given.send({Kind::Gauge, "g", {{"env", "dev"}}}, 100'100, {1});
  given.tick(100'250);
  const query::Query all = query_of(R"({"metric":"m"})");
  const query::Query prod = query_of(R"({"metric":"m","where":[["env","=","prod"]]})");
  EXPECT_EQ(known_kinds(given.timeline, all).count(), 2U);
  EXPECT_EQ(known_kinds(given.timeline, prod).count(), 1U);
  EXPECT_EQ(given.streams.keyed(all).by, (std::vector<std::string>{"@kind"}));
  EXPECT_TRUE(given.streams.keyed(prod).by.empty());
  // Nor whether they send gauges, of which no sum is told.
  const std::string sum = R"({"metric":"g","stats":["sum"],"where":[["env","=",)";
  EXPECT_FALSE(given.streams.watch(query_of(sum + R"("dev"]]})")));
  EXPECT_TRUE(given.streams.watch(query_of(sum + R"("prod"]]})")));
}

// On the hub's thread, which has some ms for it: a regular expression costs as much as many looks.
TEST(KnownKinds, LooksNoFurtherThanItHasTimeFor) {
  Given given;
  const query::Query query = query_of(R"({"metric":"m","where":[["env","=~","p.*"]]})");
  const std::size_t steps = query::Where::compile(query.where)->steps();
  ASSERT_GT(steps, 1U);
  const std::size_t seen = kKindsStepsMax / steps;
  for (std::size_t i = 0; i < seen - 1; ++i)
    given.send({Kind::Counter, "m", {{"env", "prod"}, {"i", std::to_string(i)}}}, 100'100, {1});
  given.send({Kind::Timer, "m", {{"env", "prod"}}}, 100'100, {1});
  EXPECT_EQ(known_kinds(given.timeline, query).count(), 2U);
  given.send({Kind::Gauge, "m", {{"env", "prod"}}}, 100'100, {1});
  EXPECT_EQ(known_kinds(given.timeline, query).count(), 2U);
}

}  // namespace
}  // namespace ingest::timeline
