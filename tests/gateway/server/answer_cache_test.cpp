// Answers that may be a little old: who works one out, and what the others get meanwhile.
#include "gateway/server/answer_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway::server {
namespace {

using ingest::Millis;
using ingest::MonoTime;
using Is = AnswerCache::Is;

constexpr Millis kFresh{1'000};
MonoTime at(int ms) {
  return MonoTime{Millis{ms}};
}
AnswerCache::Body body(const char* text) {
  return std::make_shared<const std::string>(text);
}

TEST(AnswerCache, WhatIsFreshIsGivenAndWhatIsNotIsDue) {
  AnswerCache cache;
  EXPECT_EQ(cache.find("a", at(0), kFresh).is, Is::Due);
  cache.keep("a", body("one"));
  EXPECT_EQ(*cache.find("a", at(999), kFresh).body, "one");
  EXPECT_EQ(cache.find("a", at(1'000), kFresh).is, Is::Due);
  EXPECT_EQ(cache.find("b", at(0), kFresh).is, Is::Due);
}

TEST(AnswerCache, ItsAgeIsThatOfItsQuestion) {
  AnswerCache cache;
  static_cast<void>(cache.find("a", at(0), kFresh));
  cache.keep("a", body("one"));  // however long that took
  EXPECT_EQ(cache.find("a", at(1'001), kFresh).is, Is::Due);
}

TEST(AnswerCache, OneWorksItOutAndTheOthersGetTheOldOne) {
  AnswerCache cache;
  static_cast<void>(cache.find("a", at(0), kFresh));
  cache.keep("a", body("one"));
  EXPECT_EQ(cache.find("a", at(2'000), kFresh).is, Is::Due);
  EXPECT_EQ(*cache.find("a", at(2'001), kFresh).body, "one");
  cache.give_up("a");
  EXPECT_EQ(cache.find("a", at(2'002), kFresh).is, Is::Due);
  EXPECT_EQ(cache.find("a", at(2'003), kFresh).is, Is::Fresh);
  EXPECT_EQ(cache.find("a", at(12'002), kFresh).is, Is::Due) << "nobody came back with it";
}

TEST(AnswerCache, KeepsSoManyAndTheOneAskedForLongestAgoGoes) {
  AnswerCache cache;
  for (std::size_t i = 0; i < AnswerCache::kAnswersMax; ++i) {
    static_cast<void>(cache.find(std::to_string(i), at(0), kFresh));
    cache.keep(std::to_string(i), body("x"));
  }
  EXPECT_EQ(cache.find("0", at(1), kFresh).is, Is::Fresh);
  static_cast<void>(cache.find("one more", at(1), kFresh));
  EXPECT_EQ(cache.find("0", at(1), kFresh).is, Is::Fresh);
  cache.keep("1", body("gone"));
  EXPECT_EQ(cache.find("1", at(1), kFresh).is, Is::Due);
}

}  // namespace
}  // namespace gateway::server
