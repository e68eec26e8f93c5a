// What tells the samples inside a box from the others, and the column it is read from.
#include "gateway/server/box_shares.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace gateway::server {
namespace {

using Numbers = std::vector<double>;

/// Of scale 0, where bucket i is (2^i, 2^(i+1)]; without negative values.
Numbers buckets(double zeros, double first, const Numbers& counts, double scale = 0) {
  Numbers list{static_cast<double>(counts.size() + 3), scale, zeros, first};
  list.insert(list.end(), counts.begin(), counts.end());
  list.push_back(0);
  return list;
}

std::string names(const BoxShares::Found& found) {
  std::string all;
  for (const BoxShares::Item& item : found.items)
    all += item.key + "=" + item.value + " ";
  return all;
}

TEST(BoxShares, TheTagOfTheUpperBandComesFirst) {
  BoxShares shares({256, 1'024});
  // route=/slow is all above 256, but for 2 of 100; /fast below, but for 1 of 300.
  shares.add({{"host", "a"}, {"route", "/slow"}}, buckets(0, 4, {1, 0, 0, 0, 49}));
  shares.add({{"host", "b"}, {"route", "/slow"}}, buckets(0, 4, {1, 0, 0, 0, 49}));
  shares.add({{"host", "a"}, {"route", "/fast"}}, buckets(0, 4, {149, 0, 0, 0, 1}));
  shares.add({{"host", "b"}, {"route", "/fast"}}, buckets(0, 4, {150, 0, 0, 0, 0}));
  const BoxShares::Found found = shares.finish();
  EXPECT_DOUBLE_EQ(found.inside, 99);
  EXPECT_DOUBLE_EQ(found.outside, 301);
  ASSERT_FALSE(found.items.empty());
  const BoxShares::Item& first = found.items.front();
  EXPECT_EQ(first.key, "route");
  EXPECT_EQ(first.value, "/slow");
  EXPECT_NEAR(first.inside, 98.0 / 99, 1e-12);
  EXPECT_NEAR(first.outside, 2.0 / 301, 1e-12);
  EXPECT_NEAR(first.lift, (98.0 / 99) / (100.0 / 400), 1e-12);
  EXPECT_EQ(names(found), "route=/slow host=a host=b route=/fast ");
}

TEST(BoxShares, ABucketThatTheBandCutsCountsByItsWidth) {
  BoxShares shares({192, 320});  // half of (128, 256], a quarter of (256, 512]
  shares.add({}, buckets(0, 7, {10, 20}));
  const BoxShares::Found found = shares.finish();
  EXPECT_DOUBLE_EQ(found.inside, 10);
  EXPECT_DOUBLE_EQ(found.outside, 20);
}

TEST(BoxShares, KnowsFineBucketsZerosAndNegativeValues) {
  const double edge = std::exp2(1.0 / 64);
  BoxShares fine({1, edge});
  fine.add({}, buckets(0, 0, {5, 7}, 6));
  EXPECT_NEAR(fine.finish().inside, 5, 1e-9);

  Numbers both = buckets(3, 0, {4});
  both.pop_back();
  const Numbers negative{4, 0, 0, 1, 6};  // [-4, -2)
  both.insert(both.end(), negative.begin(), negative.end());
  const auto inside = [&](double low, double high) {
    BoxShares shares({low, high});
    shares.add({}, both);
    EXPECT_DOUBLE_EQ(shares.finish().inside + shares.finish().outside, 13);
    return shares.finish().inside;
  };
  EXPECT_DOUBLE_EQ(inside(0, 0), 3);
  EXPECT_DOUBLE_EQ(inside(-4, -2), 6);
  EXPECT_DOUBLE_EQ(inside(-3, 0.5), 6);  // half of the negative ones, and the zeros
  EXPECT_DOUBLE_EQ(inside(1, 2), 4);
  EXPECT_DOUBLE_EQ(inside(-1e300, 1e300), 13);
}

TEST(BoxShares, WhereNothingIsInsideNothingIsTold) {
  BoxShares shares({1e6, 1e7});
  shares.add({{"a", "b"}}, buckets(0, 0, {5}));
  EXPECT_TRUE(shares.finish().items.empty());
  EXPECT_DOUBLE_EQ(shares.finish().outside, 5);
}

TEST(BoxShares, EqualOnesComeByTheirNames) {
  BoxShares shares({0, 1e9});
  for (const char* value : {"c", "a", "b"})
    shares.add({{"z", value}, {"y", value}}, buckets(0, 0, {1}));
  EXPECT_EQ(names(shares.finish()), "y=a y=b y=c z=a z=b z=c ");
}

TEST(BoxShares, TellsFiftyAtMostAndCountsABoundedNumber) {
  BoxShares shares({0, 1e9});
  for (std::size_t i = 0; i < BoxShares::kTagsMax + 10; ++i)
    shares.add({{"user", std::to_string(i)}}, buckets(0, 0, {1}));
  const BoxShares::Found found = shares.finish();
  EXPECT_EQ(found.items.size(), BoxShares::kItemsMax);
  EXPECT_TRUE(found.left_out);
  EXPECT_DOUBLE_EQ(found.inside, static_cast<double>(BoxShares::kTagsMax + 10));
}

TEST(BoxShares, AMalformedListCountsForNothing) {
  BoxShares shares({0, 1e9});
  for (const Numbers& list :
       {Numbers{}, Numbers{0}, Numbers{5, 1}, Numbers{-1, 2, 3}, Numbers{2, 1, 1}})
    shares.add({{"a", "b"}}, list);
  EXPECT_DOUBLE_EQ(shares.finish().inside + shares.finish().outside, 0);
}

TEST(TagsColumn, IsReadAsItIsWritten) {
  using Tags = std::vector<Tag>;
  EXPECT_EQ(read_tags_column(""), Tags{});
  EXPECT_EQ(read_tags_column("region=eu,route=/a"), (Tags{{"region", "eu"}, {"route", "/a"}}));
  EXPECT_EQ(read_tags_column("canary="), (Tags{{"canary", ""}}));
  EXPECT_EQ(read_tags_column(R"(a\=b=c\,d\\,e=f=g)"), (Tags{{"a=b", "c,d\\"}, {"e", "f=g"}}));
  EXPECT_EQ(read_tags_column("a=b\\"), (Tags{{"a", "b\\"}}));
}

}  // namespace
}  // namespace gateway::server
