#include "gateway/server/batch_book.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway::server {
namespace {

using Is = BatchBook::Is;
constexpr ingest::MonoTime kStart{std::chrono::hours{1}};

TEST(BatchBook, ARepeatedIdHearsWhatTheFirstDid) {
  BatchBook book;
  EXPECT_EQ(book.begin("a", kStart).is, Is::First);
  book.finish("a",
              {.taken = {.accepted = 7, .rejected = 1, .faults = {{3, "bad_value"}}},
               .ask = ingest::query::DurableAsk{.folded = ingest::wall_from_ms(5), .losses = 2}});
  const auto again = book.begin("a", kStart + std::chrono::minutes{1});
  EXPECT_EQ(again.is, Is::Repeated);
  EXPECT_EQ(again.done.taken.accepted, 7u);
  ASSERT_EQ(again.done.taken.faults.size(), 1u);
  EXPECT_EQ(again.done.taken.faults[0].line, 3u);
  EXPECT_EQ(again.done.ask->folded, ingest::wall_from_ms(5));
  EXPECT_EQ(again.done.ask->losses, 2u);
  EXPECT_EQ(book.begin("b", kStart).is, Is::First);
}

TEST(BatchBook, WhatIsBeingTakenIsNotTakenTwice) {
  BatchBook book;
  EXPECT_EQ(book.begin("a", kStart).is, Is::First);
  EXPECT_EQ(book.begin("a", kStart).is, Is::Busy);
  book.finish("a", {});
  EXPECT_EQ(book.begin("a", kStart).is, Is::Repeated);
}

TEST(BatchBook, WhatIsAbandonedMayComeAgain) {
  BatchBook book;
  EXPECT_EQ(book.begin("a", kStart).is, Is::First);
  book.abandon("a");
  EXPECT_EQ(book.size(), 0u);
  EXPECT_EQ(book.begin("a", kStart).is, Is::First);
}

TEST(BatchBook, ForgetsAfterItsTime) {
  BatchBook book;
  book.begin("a", kStart);
  book.finish("a", {});
  const auto later = kStart + BatchBook::kKept;
  EXPECT_EQ(book.begin("a", later - ingest::Millis{1}).is, Is::Repeated);
  EXPECT_EQ(book.begin("a", later).is, Is::First);
  EXPECT_EQ(book.size(), 1u);
  EXPECT_EQ(book.forgotten_early(), 0u);
}

TEST(BatchBook, AnOldOneThatStandsBehindAYoungerOneGoesToo) {
  BatchBook book;
  book.begin("ahead", kStart + ingest::Millis{2});  // by the clock of another worker
  book.begin("a", kStart);
  book.finish("a", {.taken = {.accepted = 1, .rejected = 0, .faults = {}}, .ask = {}});
  const auto later = kStart + BatchBook::kKept;
  EXPECT_EQ(book.begin("a", later).is, Is::First);
  book.finish("a", {.taken = {.accepted = 2, .rejected = 0, .faults = {}}, .ask = {}});
  EXPECT_EQ(book.size(), 2u);
  const auto again = book.begin("a", later + ingest::Millis{10});
  EXPECT_EQ(again.is, Is::Repeated);
  EXPECT_EQ(again.done.taken.accepted, 2u);
}

TEST(BatchBook, HoldsNoMoreThanItsNumberAndCountsWhatGoes) {
  BatchBook book{3};
  for (int i = 0; i < 5; ++i) {
    const std::string key = std::to_string(i);
    EXPECT_EQ(book.begin(key, kStart).is, Is::First);
    book.finish(key, {});
  }
  EXPECT_EQ(book.size(), 3u);
  EXPECT_EQ(book.forgotten_early(), 2u);
  EXPECT_EQ(book.begin("4", kStart).is, Is::Repeated);
  EXPECT_EQ(book.begin("0", kStart).is, Is::First);
  book.finish("1", {});  // long forgotten: nothing
  EXPECT_EQ(book.size(), 3u);
}

// A disk that comes late brings batches that are older than those of this process.
TEST(BatchBook, WhatIsRestoredLateGoesBeforeWhatCameSince) {
  BatchBook book{3};
  book.begin("new", kStart + ingest::Millis{100});
  book.restore("old", kStart, std::nullopt);
  book.restore("older", kStart + ingest::Millis{-5}, std::nullopt);
  EXPECT_EQ(book.begin("newer", kStart + ingest::Millis{200}).is, Is::First);
  EXPECT_EQ(book.forgotten_early(), 1u);
  EXPECT_EQ(book.begin("new", kStart + ingest::Millis{200}).is, Is::Busy);
  EXPECT_EQ(book.begin("old", kStart + ingest::Millis{200}).is, Is::Torn);
  book.restore("oldest", kStart + ingest::Millis{-9}, std::nullopt);
  EXPECT_EQ(book.size(), 3u);
  EXPECT_EQ(book.forgotten_early(), 2u);
  EXPECT_EQ(book.begin("new", kStart + ingest::Millis{200}).is, Is::Busy);
}

}  // namespace
}  // namespace gateway::server
