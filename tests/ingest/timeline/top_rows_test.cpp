#include "ingest/timeline/top_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <random>
#include <set>

namespace ingest::timeline {
namespace {

using query::RowSlot;
using Direction = query::Order::Direction;
using Window = TopRows::Window;

const TopRows::KeyOf kBySlot = [](RowSlot slot) -> const std::vector<std::string>& {
  static const std::vector<std::vector<std::string>> kKeys{{"a"}, {"b"}, {"c"}, {"d"},
                                                           {"e"}, {"f"}, {"g"}, {"h"}};
  return kKeys[slot % kKeys.size()];
};

class Top {
 public:
  explicit Top(std::size_t limit, Direction direction = Direction::Descending)
      : rows_(limit, direction) {}
  /// Values of slots 0, 1, ...; what is inside afterwards.
  std::set<RowSlot> move(std::initializer_list<double> values, Window window = Window::Moved) {
    RowSlot slot = 0;
    for (const double value : values)
      rows_.set(slot++, value);
    rows_.choose(window, kBySlot);
    return inside(slot);
  }
  std::set<RowSlot> inside(RowSlot slots) const {
    std::set<RowSlot> found;
    for (RowSlot slot = 0; slot < slots; ++slot) {
      if (rows_.inside(slot)) found.insert(slot);
    }
    return found;
  }
  TopRows& rows() { return rows_; }

 private:
  TopRows rows_;
};

using Slots = std::set<RowSlot>;
const double kNull = std::nan("");

TEST(TopRows, BeginsWithTheFirstInTheOrder) {
  EXPECT_EQ(Top{2}.move({1, 9, 5, 7}), (Slots{1, 3}));
  EXPECT_EQ((Top{2, Direction::Ascending}.move({1, 9, 5, 7})), (Slots{0, 2}));
  EXPECT_EQ(Top{9}.move({1, 9}), (Slots{0, 1}));
}

TEST(TopRows, TiesGoByKeyAndNullsAreLast) {
  EXPECT_EQ(Top{2}.move({5, 5, 5, 5}), (Slots{0, 1}));
  EXPECT_EQ(Top{2}.move({kNull, 1, kNull, 0}), (Slots{1, 3}));
  EXPECT_EQ((Top{2, Direction::Ascending}.move({kNull, 1, kNull, 0})), (Slots{1, 3}));
  EXPECT_EQ(Top{3}.move({kNull, 1, kNull, 0}), (Slots{0, 1, 3}));
}

TEST(TopRows, ARowInsideStaysUntilItIsClearlyDisplaced) {
  Top top{1};
  EXPECT_EQ(top.move({100, 90}), (Slots{0}));
  EXPECT_EQ(top.move({100, 109}), (Slots{0})) << "within the margin";
  EXPECT_EQ(top.move({100, 111}), (Slots{1}));
  EXPECT_EQ(top.move({121, 111}), (Slots{1}));
  EXPECT_EQ(top.move({kNull, kNull}), (Slots{1})) << "nulls displace nothing";
  EXPECT_EQ(top.move({1, kNull}), (Slots{0}));
}

TEST(TopRows, ARowThatStandsBehindForLongGivesWay) {
  Top top{1};
  EXPECT_EQ(top.move({100, 90}), (Slots{0}));
  for (std::uint32_t i = 1; i < TopRows::kPatience; ++i)
    EXPECT_EQ(top.move({100, 101}), (Slots{0})) << i;
  EXPECT_EQ(top.move({100, 101}), (Slots{1}));
  EXPECT_EQ(top.move({102, 101}), (Slots{1})) << "and the other begins to wait";
}

TEST(TopRows, WhoComesBackInFrontWaitsAfresh) {
  Top top{1};
  top.move({100, 90});
  for (std::uint32_t i = 1; i < TopRows::kPatience; ++i)
    top.move({100, 101});
  EXPECT_EQ(top.move({101, 100}), (Slots{0}));
  EXPECT_EQ(top.move({100, 101}), (Slots{0}));
}

TEST(TopRows, NothingFlickersBetweenMoves) {
  Top top{2};
  top.move({1, 2, 3});
  EXPECT_EQ(top.move({1'000, 2, 3}, Window::Same), (Slots{1, 2}));
  EXPECT_EQ(top.move({1'000, 2, 3}), (Slots{0, 2}));
}

TEST(TopRows, AFreePlaceIsFilledAtOnceByTheBestOutside) {
  Top top{2};
  top.move({9, 8, 5, 7});
  top.rows().erase(0);
  top.rows().choose(Window::Same, kBySlot);
  EXPECT_EQ(top.inside(4), (Slots{1, 3}));
}

// Whatever the values do: never more than the limit, never fewer than there are, and every row that
// beats one inside clearly stands inside itself.
TEST(TopRows, KeepsItsPromisesWhateverTheValuesDo) {
  std::mt19937_64 random{5};
  for (const auto direction : {Direction::Descending, Direction::Ascending}) {
    TopRows top{10, direction};
    std::vector<double> values(40, kNull);
    for (int move = 0; move < 500; ++move) {
      for (RowSlot slot = 0; slot < values.size(); ++slot) {
        if (random() % 50 == 0) {
          top.erase(slot);
          values[slot] = std::nan("1");
          continue;
        }
        values[slot] = std::isnan(values[slot]) ? static_cast<double>(random() % 100)
                                                : values[slot] * (random() % 2 == 0 ? 0.9 : 1.1);
        top.set(slot, values[slot]);
      }
      top.choose(Window::Moved, kBySlot);
      std::size_t inside = 0;
      std::size_t alive = 0;
      for (RowSlot slot = 0; slot < values.size(); ++slot) {
        inside += top.inside(slot) ? 1 : 0;
        alive += std::isnan(values[slot]) ? 0 : 1;
      }
      ASSERT_EQ(inside, std::min<std::size_t>(alive, 10));
      for (RowSlot out = 0; out < values.size(); ++out) {
        for (RowSlot in = 0; in < values.size(); ++in) {
          if (top.inside(out) || !top.inside(in) || std::isnan(values[out])) continue;
          const double ahead =
              (direction == Direction::Descending ? 1 : -1) * (values[out] - values[in]);
          ASSERT_LE(ahead, TopRows::kMargin * std::abs(values[in])) << "move " << move;
        }
      }
    }
  }
}

}  // namespace
}  // namespace ingest::timeline
