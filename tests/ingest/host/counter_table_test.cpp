#include "ingest/host/counter_table.h"

#include <array>

#include "ingest/host/words.h"
#include "tests/ingest/host/machine.h"

namespace ingest::host {
namespace {

constexpr std::array kColumns{Column{"io", "direction:in"}, Column{"io", "direction:out", 0.5}};

class CounterTableTest : public Machine {
 protected:
  using Counters = std::array<std::uint64_t, 2>;
  using Things = std::vector<std::pair<std::string, Counters>>;
  std::map<std::string, double> pass(CounterTable& table, const Things& things) {
    report_.begin(now_);
    for (const auto& [name, counters] : things)
      table.see(name, counters);
    table.report(report_);
    return said();
  }
  CounterTable table_{{.label = "device", .columns = kColumns, .rows_max = 2}};
};

TEST_F(CounterTableTest, SaysWhatGrewInOurUnits) {
  EXPECT_TRUE(pass(table_, {{"a", {10, 10}}}).empty());  // no growth without a before
  const auto grown = pass(table_, {{"a", {15, 30}}});
  EXPECT_EQ(grown.at("io{device:a,direction:in}"), 5);
  EXPECT_EQ(grown.at("io{device:a,direction:out}"), 10);
  EXPECT_EQ(kinds_.at("io"), model::Kind::Counter);
}

TEST_F(CounterTableTest, OneThingNeedsNoName) {
  CounterTable one{{.columns = kColumns}};
  pass(one, {{"", {1, 1}}});
  EXPECT_EQ(pass(one, {{"", {4, 1}}}).at("io{direction:in}"), 3);
}

TEST_F(CounterTableTest, WhatStandsStillIsSaidOnceInAWhile) {
  pass(table_, {{"a", {1, 1}}});
  EXPECT_EQ(pass(table_, {{"a", {1, 1}}}).size(), 2u);  // so that its rows are there
  std::size_t said = 0;
  for (unsigned i = 0; i < Report::kStillEvery; ++i)
    said += pass(table_, {{"a", {1, 1}}}).size();
  EXPECT_EQ(said, 2u);
}

TEST_F(CounterTableTest, ADeviceThatBeganAgainGivesNoSpike) {
  pass(table_, {{"a", {1'000, 1'000}}});
  EXPECT_TRUE(pass(table_, {{"a", {5, 2'000}}}).empty());  // another device of that name
  EXPECT_EQ(pass(table_, {{"a", {7, 2'001}}}).at("io{device:a,direction:in}"), 2);
}

TEST_F(CounterTableTest, ACounterThatWavesIsHeldAlone) {
  CounterTable held{
      {.label = "cpu", .columns = kColumns, .rows_max = 2, .back = CounterTable::Back::Held}};
  pass(held, {{"0", {100, 100}}});
  const auto grown = pass(held, {{"0", {99, 104}}});
  EXPECT_EQ(grown.at("io{cpu:0,direction:in}"), 0);
  EXPECT_EQ(grown.at("io{cpu:0,direction:out}"), 2);
}

TEST_F(CounterTableTest, AThingThatWentAndCameAgainHasNoGrowthYet) {
  pass(table_, {{"a", {10, 10}}});
  pass(table_, {});
  EXPECT_TRUE(pass(table_, {{"a", {900, 900}}}).empty());
}

TEST_F(CounterTableTest, AnOrderThatChangesIsFollowed) {
  pass(table_, {{"a", {1, 1}}, {"b", {10, 10}}});
  const auto grown = pass(table_, {{"b", {12, 10}}, {"a", {2, 1}}});
  EXPECT_EQ(grown.at("io{device:a,direction:in}"), 1);
  EXPECT_EQ(grown.at("io{device:b,direction:in}"), 2);
}

TEST_F(CounterTableTest, ThingsBeyondTheMaximumFoldIntoOneRow) {
  Things things{{"a", {0, 0}}, {"b", {0, 0}}, {"c", {5, 5}}, {"d", {7, 7}}};
  pass(table_, things);
  for (auto& [name, counters] : things)
    counters[0] += 100;
  const auto grown = pass(table_, things);
  EXPECT_EQ(grown.at("io{device:a,direction:in}"), 100);
  EXPECT_EQ(grown.at("io{device:b,direction:in}"), 100);
  EXPECT_EQ(grown.at("io{weir_overflow:true,direction:in}"), 200);
  EXPECT_FALSE(any_named(grown, "io{device:c"));
  EXPECT_EQ(table_.folded(), 2u);
}

TEST_F(CounterTableTest, ARowIsGivenToTheNextWhenItsThingIsGone) {
  pass(table_, {{"a", {0, 0}}, {"b", {0, 0}}, {"c", {0, 0}}});
  EXPECT_EQ(table_.folded(), 1u);
  const auto grown = pass(table_, {{"a", {0, 0}}, {"c", {9, 0}}});
  EXPECT_EQ(grown.at("io{device:c,direction:in}"), 9);
  EXPECT_EQ(table_.folded(), 0u);
  pass(table_, {{"new", {0, 0}}, {"a", {0, 0}}, {"c", {9, 0}}});  // rows are kept, not ranked
  EXPECT_EQ(pass(table_, {{"new", {4, 0}}, {"a", {1, 0}}, {"c", {9, 0}}})
                .count("io{device:a,direction:in}"),
            1u);
  EXPECT_EQ(table_.folded(), 1u);
}

TEST_F(CounterTableTest, AFloodOfThingsThatComeAndGoIsBounded) {
  for (int round = 0; round < 50; ++round) {
    Things things;
    for (std::uint64_t i = 0; i < 100; ++i)
      things.push_back({"veth" + std::to_string(100 * round + static_cast<int>(i)), {i, i}});
    EXPECT_LE(pass(table_, things).size(), 2u);
    EXPECT_EQ(table_.folded(), 98u);
  }
}

TEST_F(CounterTableTest, WhatTheKernelDoesNotSayIsNotSaid) {
  pass(table_, {{"a", {kUnsaid, 1}}});
  const auto grown = pass(table_, {{"a", {kUnsaid, 5}}});
  EXPECT_EQ(grown.count("io{device:a,direction:in}"), 0u);
  EXPECT_EQ(grown.at("io{device:a,direction:out}"), 2);
  EXPECT_EQ(pass(table_, {{"a", {800, 5}}}).count("io{device:a,direction:in}"),
            0u);  // new: no before
}

TEST_F(CounterTableTest, ANameThatCannotStandInATagIsPassedOver) {
  const Things odd{{"a,b", {1, 1}}, {"a b", {1, 1}}, {"", {1, 1}}, {"\xff", {1, 1}}};
  pass(table_, odd);
  EXPECT_TRUE(pass(table_, odd).empty());
  EXPECT_EQ(table_.folded(), 0u);
}

}  // namespace
}  // namespace ingest::host
