#include "ingest/archive/missing.h"

#include <gtest/gtest.h>

namespace ingest::archive {
namespace {

Gap gap(std::int64_t from_ms, std::int64_t until_ms) {
  return {wall_from_ms(from_ms), wall_from_ms(until_ms)};
}

TEST(Missing, JoinsHolesThatTouchOrOverlap) {
  Missing missing;
  missing.add(gap(40, 50));
  missing.add(gap(10, 20));
  missing.add(gap(20, 30));
  missing.add(gap(5, 5));
  EXPECT_EQ(missing.holes(), (std::vector<Gap>{gap(10, 30), gap(40, 50)}));
  missing.add(gap(25, 45));
  missing.add(gap(12, 13));
  EXPECT_EQ(missing.holes(), (std::vector<Gap>{gap(10, 50)}));
  missing.add(gap(1, 90));
  EXPECT_EQ(missing.holes(), (std::vector<Gap>{gap(1, 90)}));
}

TEST(Missing, JoinsTheNearestWhereThereWouldBeTooMany) {
  Missing missing;
  constexpr auto kAll = static_cast<std::int64_t>(Missing::kHolesMax);
  for (std::int64_t i = 0; i < kAll; ++i)
    missing.add(gap(i * 100, i * 100 + 10));
  missing.add(gap(350, 390));  // ten before the fifth
  ASSERT_EQ(missing.holes().size(), Missing::kHolesMax);
  EXPECT_EQ(missing.holes().at(4), gap(350, 410));
  EXPECT_EQ(missing.holes().back(), gap((kAll - 1) * 100, (kAll - 1) * 100 + 10));
}

TEST(Missing, KnowsHowFarEachLengthHasLeft) {
  Missing missing;
  EXPECT_FALSE(missing.left_until(Millis{1'000}).has_value());
  missing.left(Millis{1'000}, wall_from_ms(500));
  missing.left(Millis{1'000}, wall_from_ms(400));
  EXPECT_EQ(missing.left_until(Millis{1'000}), wall_from_ms(500));
  EXPECT_FALSE(missing.left_until(Millis{10'000}).has_value());
}

TEST(Missing, ReadsBackWhatItPackedAndNothingElse) {
  Missing missing;
  missing.left(Millis{1'000}, wall_from_ms(500));
  missing.left(Millis{10'000}, wall_from_ms(-500));
  missing.add(gap(10, 20));
  missing.add(gap(-40, -30));
  const auto bytes = missing.packed();
  EXPECT_EQ(Missing::unpack(bytes), missing);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(Missing::unpack(std::span{bytes}.first(length)).has_value()) << length;
  const std::vector<std::byte> wild(64, std::byte{0xff});
  EXPECT_FALSE(Missing::unpack(wild).has_value());
}

TEST(Missing, KnowsHolesOfOneLength) {
  Missing missing;
  missing.add(Millis{1'000}, gap(10, 20));
  missing.add(Millis{1'000}, gap(20, 30));
  missing.add(Millis{500}, gap(40, 50));
  missing.add(Millis{500}, gap(50, 50));
  missing.left(Millis{60'000}, wall_from_ms(5));
  EXPECT_EQ(missing.holes(Millis{1'000}), std::vector<Gap>{gap(10, 30)});
  EXPECT_TRUE(missing.holes().empty());
  EXPECT_TRUE(missing.holes(Millis{60'000}).empty());
  EXPECT_EQ(missing.lengths(), (std::vector{Millis{500}, Millis{1'000}, Millis{60'000}}));
  const auto bytes = missing.packed();
  EXPECT_EQ(Missing::unpack(bytes), missing);
  Missing other;
  other.add(missing);
  EXPECT_EQ(other, missing);
  other.forget(wall_from_ms(30));
  EXPECT_TRUE(other.holes(Millis{1'000}).empty());
  EXPECT_EQ(other.holes(Millis{500}), std::vector<Gap>{gap(40, 50)});
}

TEST(Missing, ForgetsHolesOfWhichNothingIsLeft) {
  Missing missing;
  missing.add(gap(10, 20));
  missing.add(gap(30, 40));
  missing.forget(wall_from_ms(20));
  EXPECT_EQ(missing.holes(), (std::vector<Gap>{gap(30, 40)}));
  Missing other;
  other.add(gap(35, 50));
  other.left(Millis{1'000}, wall_from_ms(7));
  missing.add(other);
  EXPECT_EQ(missing.holes(), (std::vector<Gap>{gap(30, 50)}));
  EXPECT_EQ(missing.left_until(Millis{1'000}), wall_from_ms(7));
}

}  // namespace
}  // namespace ingest::archive
