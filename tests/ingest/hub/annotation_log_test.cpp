#include "ingest/hub/annotation_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ingest::hub {
namespace {

using Of = model::Annotation::Of;
using Level = model::Annotation::Level;

constexpr WallTime kStart = wall_from_ms(1'700'000'000'000);
WallTime at(std::int64_t ms) {
  return kStart + Millis{ms};
}

struct Said {
  Of of = Of::Event;
  std::string title;
  std::int64_t ms = 0;
  Level level = Level::Info;
  std::string host{};
};
model::KeptAnnotationPtr said(Said what) {
  auto made = std::make_shared<model::KeptAnnotation>();
  made->of = what.of;
  made->title = std::move(what.title);
  made->time = at(what.ms);
  made->level = what.level;
  made->host = std::move(what.host);
  return made;
}
model::KeptAnnotationPtr event(std::string title, std::int64_t ms) {
  return said({.title = std::move(title), .ms = ms});
}
model::KeptAnnotationPtr check(std::string name, std::int64_t ms, Level level,
                               std::string host = "web-1") {
  return said({Of::Check, std::move(name), ms, level, std::move(host)});
}

std::vector<std::string> titles(const query::Annotations& annotations) {
  std::vector<std::string> all;
  for (const auto& one : annotations.log)
    all.push_back(one.what->title);
  return all;
}
using Titles = std::vector<std::string>;

/// What came and what is there add up.
void expect_adds_up(const AnnotationLog& log, std::uint64_t came) {
  const AnnotationLedger& ledger = log.ledger();
  EXPECT_EQ(ledger.kept + ledger.unchanged + ledger.outdated + ledger.late, came);
  EXPECT_EQ(ledger.kept, ledger.held + ledger.aged + ledger.evicted);
}

TEST(AnnotationLog, StandsInOrderOfTimeWhateverTheOrderOfComing) {
  AnnotationLog log{{}};
  log.take(event("second", 2'000));
  log.take(event("first", 1'000));
  log.take(event("third", 2'000));
  const auto made = log.tick(at(3'000));
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(titles(*made), (Titles{"first", "second", "third"}));
  EXPECT_EQ(made->newest, 3U);
  EXPECT_EQ(made->log[0].id, 2U) << "numbers say the order of coming";
}

TEST(AnnotationLog, TellsOnlyWhatChanged) {
  AnnotationLog log{{}};
  EXPECT_EQ(log.tick(at(0)), nullptr);
  log.take(event("deploy", 0));
  EXPECT_NE(log.tick(at(250)), nullptr);
  EXPECT_EQ(log.tick(at(500)), nullptr);
}

TEST(AnnotationLog, PastItsCountTheOldestGoes) {
  AnnotationLog log{{.count_max = 2}};
  log.take(event("b", 2'000));
  log.take(event("c", 3'000));
  log.take(event("a", 1'000));  // the oldest itself
  log.take(event("d", 4'000));
  EXPECT_EQ(titles(*log.tick(at(5'000))), (Titles{"c", "d"}));
  EXPECT_EQ(log.ledger().evicted, 2U);
  expect_adds_up(log, 4);
}

TEST(AnnotationLog, PastItsAgeItGoesAndWhatComesSoOldIsLate) {
  AnnotationLog log{{.retention = Millis{10'000}}};
  log.take(event("old", 0));
  log.take(event("young", 5'000));
  EXPECT_EQ(titles(*log.tick(at(10'000))), (Titles{"old", "young"}));
  EXPECT_EQ(titles(*log.tick(at(10'001))), (Titles{"young"}));
  log.take(event("late", 0));
  EXPECT_EQ(log.tick(at(10'250)), nullptr);
  EXPECT_EQ(log.ledger().aged, 1U);
  EXPECT_EQ(log.ledger().late, 1U);
  expect_adds_up(log, 3);
}

TEST(AnnotationLog, ACheckEntersWhenItsStatusChanges) {
  AnnotationLog log{{}};
  log.take(check("db", 1'000, Level::Success));
  log.take(check("db", 2'000, Level::Success));
  log.take(check("db", 3'000, Level::Error));
  log.take(check("db", 4'000, Level::Error));
  log.take(check("db", 5'000, Level::Success));
  const auto made = log.tick(at(6'000));
  ASSERT_EQ(made->log.size(), 2U);
  EXPECT_EQ(made->log[0].what->time, at(3'000));
  EXPECT_EQ(made->log[0].what->level, Level::Error);
  EXPECT_EQ(made->log[1].what->level, Level::Success);
  ASSERT_EQ(made->checks.size(), 1U);
  EXPECT_EQ(made->checks[0]->time, at(5'000));
  EXPECT_EQ(log.ledger().unchanged, 3U);
  expect_adds_up(log, 5);
}

TEST(AnnotationLog, AFirstWordIsNewsUnlessAllIsWell) {
  for (const Level level : {Level::Info, Level::Warning, Level::Error, Level::Success}) {
    AnnotationLog log{{}};
    log.take(check("db", 1'000, level));
    const auto made = log.tick(at(2'000));
    EXPECT_EQ(made->log.size(), level == Level::Success ? 0U : 1U);
    EXPECT_EQ(made->checks.size(), 1U) << "its last word stands in any case";
    expect_adds_up(log, 1);
  }
}

TEST(AnnotationLog, ARepeatedWordIsStillTheLastOne) {
  AnnotationLog log{{}};
  log.take(check("db", 1'000, Level::Success));
  ASSERT_NE(log.tick(at(1'250)), nullptr);
  log.take(check("db", 2'000, Level::Success));
  const auto made = log.tick(at(2'250));
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made->checks[0]->time, at(2'000));
  EXPECT_TRUE(made->log.empty());
}

TEST(AnnotationLog, EachHostHasItsOwnStateOfACheck) {
  AnnotationLog log{{}};
  log.take(check("db", 1'000, Level::Error, "web-2"));
  log.take(check("db", 1'000, Level::Success, "web-1"));
  const auto made = log.tick(at(2'000));
  ASSERT_EQ(made->checks.size(), 2U);
  EXPECT_EQ(made->checks[0]->host, "web-1");
  EXPECT_EQ(made->checks[1]->level, Level::Error);
}

TEST(AnnotationLog, ChecksOfOtherTagsAreOtherChecks) {
  const auto of_shard = [](std::string shard, std::int64_t ms, Level level) {
    auto made = std::make_shared<model::KeptAnnotation>(*check("db", ms, level));
    made->tags = {{"env", "prod"}, {"shard", std::move(shard)}};
    return made;
  };
  AnnotationLog log{{}};
  log.take(of_shard("2", 1'000, Level::Error));
  log.take(of_shard("1", 2'000, Level::Success));
  log.take(of_shard("2", 1'500, Level::Error));  // older than the other's word, and no news
  const auto made = log.tick(at(3'000));
  ASSERT_EQ(made->checks.size(), 2U);
  EXPECT_EQ(made->checks[0]->tags[1].value, "1");
  EXPECT_EQ(made->checks[1]->level, Level::Error);
  EXPECT_EQ(made->checks[1]->time, at(1'500));
  EXPECT_EQ(made->log.size(), 1U) << "neither changed the other's status";
  expect_adds_up(log, 3);
}

TEST(AnnotationLog, AnOlderWordOfACheckChangesNothing) {
  AnnotationLog log{{}};
  log.take(check("db", 5'000, Level::Error));
  log.take(check("db", 4'000, Level::Success));
  const auto made = log.tick(at(6'000));
  EXPECT_EQ(made->checks[0]->level, Level::Error);
  EXPECT_EQ(made->log.size(), 1U);
  EXPECT_EQ(log.ledger().outdated, 1U);
  expect_adds_up(log, 2);
}

TEST(AnnotationLog, PastItsChecksTheLongestSilentIsForgotten) {
  AnnotationLog log{{.count_max = 10}};
  const auto checks = static_cast<std::int64_t>(AnnotationLog::kChecksMax);
  for (std::int64_t i = 0; i < checks; ++i)
    log.take(check("c" + std::to_string(i), 1'000 + i, Level::Success));
  log.take(check("c0", 9'000, Level::Success));  // speaks again
  log.take(check("one more", 9'000, Level::Success));
  const auto made = log.tick(at(10'000));
  EXPECT_EQ(made->checks.size(), AnnotationLog::kChecksMax);
  EXPECT_EQ(log.ledger().checks_evicted, 1U);
  const auto has = [&](std::string_view name) {
    return std::any_of(made->checks.begin(), made->checks.end(),
                       [&](const auto& each) { return each->title == name; });
  };
  EXPECT_TRUE(has("c0"));
  EXPECT_TRUE(has("one more"));
  EXPECT_FALSE(has("c1"));
}

TEST(AnnotationLog, ForgetsChecksAsAPlainListOfThemDoes) {
  std::mt19937 random{7};  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same input each time
  const auto pick = [&](int most) { return std::uniform_int_distribution{0, most}(random); };
  AnnotationLog log{{.count_max = 10}};
  std::map<std::string, std::pair<std::int64_t, int>> plain;  // when it spoke, which word that was
  for (int word = 0; word < 5'000; ++word) {
    const std::string name = "c" + std::to_string(pick(1'500));
    const std::int64_t ms = word / 10 + pick(200);
    log.take(check(name, ms, Level::Success));
    if (plain.contains(name) && ms < plain[name].first) continue;
    plain[name] = {ms, word};
    if (plain.size() <= AnnotationLog::kChecksMax) continue;
    plain.erase(std::min_element(plain.begin(), plain.end(),
                                 [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
  std::set<std::string> held;
  const auto made = log.tick(at(10'000));
  for (const auto& each : made->checks)
    held.insert(each->title);
  std::set<std::string> expected;
  for (const auto& [name, when] : plain)
    expected.insert(name);
  EXPECT_EQ(held, expected);
  EXPECT_GT(log.ledger().checks_evicted, 100U);
}

TEST(AnnotationLog, ASilentCheckIsForgottenWithItsTime) {
  AnnotationLog log{{.retention = Millis{10'000}}};
  log.take(check("db", 0, Level::Error));
  ASSERT_EQ(log.tick(at(0))->checks.size(), 1U);
  EXPECT_TRUE(log.tick(at(20'000))->checks.empty());
}

TEST(AnnotationLog, AddsUpAndStaysInItsLimitsForAnyInput) {
  std::mt19937 random{20};  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same input each time
  const auto pick = [&](int most) { return std::uniform_int_distribution{0, most}(random); };
  AnnotationLog log{{.count_max = 50, .retention = Millis{5'000}}};
  std::uint64_t came = 0;
  for (std::int64_t tick = 1; tick <= 400; ++tick) {
    for (int i = pick(12); i > 0; --i, ++came) {
      const std::int64_t ms = tick * 250 - pick(6'000);
      const std::string name = "n" + std::to_string(pick(30));
      log.take(pick(1) == 0 ? event(name, ms) : check(name, ms, static_cast<Level>(pick(3))));
    }
    if (const auto made = log.tick(at(tick * 250))) {
      EXPECT_LE(made->log.size(), 50U);
      for (std::size_t i = 1; i < made->log.size(); ++i)
        EXPECT_LE(made->log[i - 1].what->time, made->log[i].what->time);
    }
    expect_adds_up(log, came);
  }
  ASSERT_NE(log.tick(at(10'000'000)), nullptr);
  EXPECT_EQ(log.ledger().bytes, 0U) << "what went gave its memory back";
}

}  // namespace
}  // namespace ingest::hub
