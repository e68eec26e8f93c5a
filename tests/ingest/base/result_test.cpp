#include "ingest/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace ingest {
namespace {

Result<int> parse(const std::string& text) {
  if (text != "1") return Failure{Error{22, "no: " + text}};
  return 1;
}
Result<std::string> describe(const std::string& text) {
  const int value = TRY(parse(text));
  return std::to_string(value + 1);
}
Result<void> only_check(const std::string& text) {
  TRY(parse(text));
  return {};
}

TEST(Result, IsAValueOrTheReasonThereIsNone) {
  EXPECT_EQ(*parse("1"), 1);
  ASSERT_FALSE(parse("2"));
  EXPECT_EQ(parse("2").error().code, 22);
}

TEST(Result, TryGivesTheValueOrReturnsTheError) {
  EXPECT_EQ(*describe("1"), "2");
  EXPECT_EQ(describe("x").error().what, "no: x");
  EXPECT_TRUE(only_check("1"));
  EXPECT_EQ(only_check("x").error().what, "no: x");
}

TEST(Result, CarriesWhatOnlyMoves) {
  Result<std::unique_ptr<int>> made{std::make_unique<int>(3)};
  const std::unique_ptr<int> taken = *std::move(made);
  EXPECT_EQ(*taken, 3);
}

TEST(Result, KeepsValueAndErrorOfOneTypeApart) {
  const Result<int, int> good{1};
  const Result<int, int> bad{Failure{1}};
  EXPECT_TRUE(good);
  EXPECT_FALSE(bad);
}

}  // namespace
}  // namespace ingest
