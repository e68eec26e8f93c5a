// What the protocol is for: whatever streams, joiners and slow readers do, every client has the
// server's table, and no hole goes unnoticed. Random schedules; the client model is written from
// the protocol's text alone.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/gateway/publish/house.h"

namespace gateway::publish {
namespace {

using ingest::Millis;
using test::Client;
using test::House;
using test::json;
using test::Revision;
using test::RowSlot;
using test::Told;
using test::Window;

/// A stream that makes up its rows: new, silent, changing and expiring ones, windows that move,
/// late samples that restate earlier windows, and a last word for each.
class RandomStream {
 public:
  struct Row {
    std::string key;
    std::vector<double> values;  // count, p50
    std::vector<double> list;    // buckets; empty is null
    ingest::query::Marks marks = 0;
  };

  RandomStream(std::uint32_t seed, Millis slide, std::size_t rows_max)
      : random_(seed), slide_(slide), rows_max_(rows_max) {}

  std::vector<Told> tick(test::WallTime now) {
    std::vector<Told> told;
    const Window window = test::window_at(now, Millis{10'000}, slide_);
    const bool moved = window != window_;
    if (moved && began_) earlier_.push_back(window_);
    window_ = window;
    Told newest;
    newest.window = window;
    remove_some(newest);
    add_some(newest);
    for (auto& [slot, row] : rows_) {
      if (began_ && !moved && !chance(20) && !is_new(newest, slot)) continue;
      if (chance(50) || is_new(newest, slot)) row = random_row(row.key);
      push(newest, slot, row);
    }
    const bool late_first = chance(50);  // the order of windows within a tick is the hub's own
    if (late_first) tell_earlier(now, told);
    if (moved || !newest.rows.empty() || !newest.removed.empty()) told.push_back(newest);
    if (!late_first) tell_earlier(now, told);
    began_ = true;
    return told;
  }
  const std::map<RowSlot, Row>& rows() const { return rows_; }

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  Row random_row(const std::string& key) {
    const auto count = static_cast<double>(random_() % 1'000);
    const double median = static_cast<double>(random_() % 100'000) / 7;
    Row row{key, {count, chance(10) ? std::nan("") : median}, {}, 0};
    if (chance(80)) row.list = {6, 0, -12, 1, static_cast<double>(random_() % 3), 2};
    if (chance(10)) row.marks |= ingest::query::kStale;
    if (chance(10)) row.marks |= ingest::query::kOverflowed;
    return row;
  }
  static bool is_new(const Told& told, RowSlot slot) {
    for (const auto& row : told.added) {
      if (row.slot == slot) return true;
    }
    return false;
  }
  static void push(Told& told, RowSlot slot, const Row& row) {
    told.rows.push_back(slot);
    told.values.insert(told.values.end(), row.values.begin(), row.values.end());
    told.values.push_back(row.list.empty() ? std::nan("") : static_cast<double>(told.lists.size()));
    told.marks.push_back(row.marks);
    if (row.list.empty()) return;
    told.lists.push_back(static_cast<double>(row.list.size()));
    told.lists.insert(told.lists.end(), row.list.begin(), row.list.end());
    told.lists.push_back(0);  // no negative values
  }
  void remove_some(Told& told) {
    for (auto at = rows_.begin(); at != rows_.end();) {
      if (began_ && chance(churn_)) {
        told.removed.push_back(at->first);
        at = rows_.erase(at);
      } else {
        ++at;
      }
    }
    if (chance(2)) churn_ = chance(20) ? 60 : 3;
  }
  void add_some(Told& told) {
    const std::size_t wanted = random_() % (rows_max_ / 4 + 1);
    for (std::size_t i = 0; i < wanted && rows_.size() < rows_max_; ++i) {
      RowSlot slot = 0;
      while (rows_.contains(slot))
        ++slot;  // slots are used again at once
      rows_[slot] = random_row("k" + std::to_string(born_++));
      told.added.push_back({slot, {rows_[slot].key}});
    }
  }
  void tell_earlier(test::WallTime now, std::vector<Told>& all) {
    while (!earlier_.empty() && earlier_.front().end + Millis{2'000} <= now) {
      all.push_back(about(earlier_.front(), Revision::Final, 30));
      earlier_.erase(earlier_.begin());
    }
    for (const Window& window : earlier_) {
      if (chance(20)) all.push_back(about(window, Revision::Restated, 30));
    }
  }
  Told about(const Window& window, Revision revision, unsigned percent) {
    Told told;
    told.revision = revision;
    told.rev = ++revs_;
    told.window = window;
    for (const auto& [slot, row] : rows_) {
      if (chance(percent)) push(told, slot, random_row(row.key));
    }
    return told;
  }

  std::mt19937 random_;
  Millis slide_;
  std::size_t rows_max_;
  unsigned churn_ = 3;
  bool began_ = false;
  std::uint64_t born_ = 0;
  std::uint32_t revs_ = 0;
  Window window_;
  std::vector<Window> earlier_;
  std::map<RowSlot, Row> rows_;
};

/// The table that a client should have, by key.
std::map<std::string, test::Table::Row> table_of(const RandomStream& stream) {
  std::map<std::string, test::Table::Row> table;
  for (const auto& [slot, row] : stream.rows()) {
    json values = json::array();
    for (const double value : row.values)
      values.push_back(std::isnan(value) ? json{} : json(value));
    values.push_back(row.list.empty() ? json{} : json(row.list));
    json marks = json::array();
    if ((row.marks & ingest::query::kOverflowed) != 0) marks.push_back("overflow");
    if ((row.marks & ingest::query::kStale) != 0) marks.push_back("stale");
    table[row.key] = {row.key, values, marks};
  }
  return table;
}

void expect_near(const json& said, const json& meant) {
  ASSERT_EQ(said.size(), meant.size());
  EXPECT_EQ(said[0], meant[0]) << "counts are exact";
  EXPECT_EQ(said[2], meant[2]) << "lists too";
  if (meant[1].is_null()) {
    EXPECT_TRUE(said[1].is_null());
  } else {
    EXPECT_NEAR(said[1].get<double>(), meant[1].get<double>(), meant[1].get<double>() * 5e-5);
  }
}

void expect_table(const test::Table& table, const RandomStream& stream) {
  const auto meant = table_of(stream);
  ASSERT_EQ(table.rows.size(), meant.size());
  for (const auto& [index, row] : table.rows) {
    const auto found = meant.find(row.key[0].get<std::string>());
    ASSERT_NE(found, meant.end()) << row.key;
    expect_near(row.values, found->second.values);
    EXPECT_EQ(row.marks, found->second.marks);
  }
}

std::string sub(std::uint64_t id, int rate_ms, int slide_ms) {
  return R"({"t":"sub","id":)" + std::to_string(id) + R"(,"rate":)" + std::to_string(rate_ms) +
         R"(,"q":{"metric":"m","by":["k"],"stats":["count","p50","buckets"],"window":10000,"slide":)" +
         std::to_string(slide_ms) + "}}";
}

struct Schedule {
  std::uint32_t seed;
  int rate_ms;
  int slide_ms;
  std::size_t rows_max;
};
class Convergence : public testing::TestWithParam<Schedule> {};

TEST_P(Convergence, SnapThenEveryUpdateIsAFreshSnapAtEachTick) {
  const auto [seed, rate_ms, slide_ms, rows_max] = GetParam();
  House house;
  RandomStream stream{seed, Millis{slide_ms}, rows_max};
  Client& steady = house.connect();
  house.say(steady, sub(1, rate_ms, slide_ms));
  for (int tick = 1; tick <= 400; ++tick) {
    const test::WallTime next = house.now + Millis{250};
    std::vector<std::pair<test::StreamId, Told>> told;
    for (Told& one : stream.tick(next))
      told.emplace_back(1, std::move(one));
    house.tick(told);
    Client& fresh = house.connect(static_cast<std::uint32_t>(tick % 2));
    house.say(fresh, sub(9, rate_ms, slide_ms));
    ASSERT_EQ(fresh.model.count("snap"), 1U);
    ASSERT_EQ(fresh.model.tables[1], steady.model.tables[1]) << "tick " << tick;
    house.leave(fresh);
    if (house.now.time_since_epoch() % Millis{rate_ms} == Millis{0}) {
      expect_table(steady.model.tables[1], stream);
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(steady.model.count("u"), 400U * 250U / static_cast<unsigned>(rate_ms) / 2);
  EXPECT_EQ(steady.model.tables[1].corrections > 0, rate_ms <= slide_ms);
  EXPECT_EQ(steady.model.gaps, 0U);
}

INSTANTIATE_TEST_SUITE_P(Schedules, Convergence,
                         testing::Values(Schedule{1, 250, 1'000, 12}, Schedule{2, 250, 1'000, 60},
                                         Schedule{3, 250, 10'000, 12},
                                         Schedule{4, 1'000, 1'000, 30}, Schedule{5, 500, 2'000, 30},
                                         Schedule{6, 5'000, 1'000, 30},
                                         Schedule{7, 250, 1'000, 150},
                                         Schedule{8, 2'000, 5'000, 5}));

/// Clients that come, stop reading, go and resume where they stood.
class Crowd {
 public:
  Crowd(House& house, std::uint32_t seed) : house_(house), random_(seed) {}

  void step() {
    const std::size_t chosen = random_() % kSize;
    if (members_.size() <= chosen) {
      join(nullptr);
      return;
    }
    Client*& client = members_[chosen];
    const auto what = random_() % 10;
    if (what < 5) {
      client->reads = !client->reads;
    } else if (what < 7) {
      Client* before = client;
      house_.leave(*before);
      members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(chosen));
      join(what < 6 ? before : nullptr);
    }
    house_.settle();
  }
  void all_read() {
    for (Client* client : members_)
      client->reads = true;
    house_.settle();
  }
  const std::vector<Client*>& members() const { return members_; }
  std::uint64_t gaps() const {
    std::uint64_t gaps = 0;
    for (const auto& client : house_.clients)
      gaps += client->model.gaps;
    return gaps;
  }

 private:
  static constexpr std::size_t kSize = 8;

  void join(const Client* before) {
    Client& client = house_.connect(static_cast<std::uint32_t>(random_() % 2));
    std::string text = sub(1, 250, 1'000);
    const std::uint64_t ch = before == nullptr ? 0 : before->model.channels.at(1);
    if (ch != 0 && before->model.tables.contains(ch) && before->model.tables.at(ch).known) {
      const test::Table& table = before->model.tables.at(ch);
      client.model.tables[ch] = table;
      text.pop_back();
      text += R"(,"from":{"epoch":"01JDX8Q3","ch":)" + std::to_string(ch) + R"(,"s":)" +
              std::to_string(table.s) + "}}";
    }
    members_.push_back(&client);
    house_.say(client, text);
  }

  House& house_;
  std::mt19937 random_;
  std::vector<Client*> members_;
};

TEST(Convergence, EveryClientOfThreeHundredRandomSchedulesEndsWithTheServersTable) {
  std::uint64_t gaps = 0;
  std::uint64_t replays = 0;
  std::uint64_t demotions = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    Publisher::Options options;
    options.ring = {Millis{0}, 1, 1'000'000, 6};
    House house{options, {Millis{0}, 1, 1'000'000, 4}};
    house.frames_max = 1 + seed % 7;
    RandomStream stream{seed, Millis{1'000}, 10};
    Crowd crowd{house, seed};
    for (int tick = 0; tick < 40; ++tick) {
      std::vector<std::pair<test::StreamId, Told>> told;
      if (!house.streams.watched.empty()) {
        for (Told& one : stream.tick(house.now + Millis{250}))
          told.emplace_back(1, std::move(one));
      }
      house.tick(told);
      crowd.step();
      ASSERT_FALSE(HasFailure()) << "seed " << seed << " tick " << tick;
    }
    crowd.all_read();
    // To a boundary of every tier: some were too slow for theirs.
    while (house.now.time_since_epoch() % Millis{60'000} != Millis{0})
      house.tick();
    for (Client* client : crowd.members()) {
      if (house.ledger().frames_encoded == 0) continue;
      expect_table(client->model.tables[client->model.channels[1]], stream);
      ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
    gaps += crowd.gaps();
    replays += house.ledger().replays;
    demotions += house.ledger().demotions;
  }
  EXPECT_GT(gaps, 300U);
  EXPECT_GT(replays, 100U);
  EXPECT_GT(demotions, 30U);
}

}  // namespace
}  // namespace gateway::publish
