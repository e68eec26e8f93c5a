// An hour of a subscriber's frames against the same hour asked afterwards: every stat, from panes,
// from roll-ups of 10 s and of 60 s, through memory and through a real archive, which heard of each
// change as the hub's does.

#include <memory>
#include <random>
#include <thread>

#include "ingest/hub/archive_sink.h"
#include "tests/ingest/archive/house.h"
#include "tests/ingest/history/office.h"

namespace ingest::history {
namespace {

using hub::ArchiveSink;
using model::Kind;
using timeline::ask_of;
using timeline::at;
using timeline::Given;
using timeline::query_of;
using timeline::Table;
using Name = query::Stat::Name;

constexpr std::int64_t kBegin = 36'000'000;
constexpr std::int64_t kEnd = kBegin + 3'600'000;
constexpr Millis kLateness{2'000};

const std::string kStats =
    R"("stats":["count","rate","sum","mean","min","max","stddev","first","last","delta",)"
    R"("distinct","ewma","zscore","p0","p50","p99","p99_err","p100","buckets"])";

std::string question(const std::string& window, const std::string& slide) {
  return R"({"metric":"**","by":["host"],"window":")" + window + R"(","slide":")" + slide + "\"," +
         kStats + "}";
}

/// What a subscriber of that time was told last of each window: by query, window end and key.
using Seen = std::map<std::int64_t, std::map<std::vector<std::string>, Table::Values>>;

class Hour {
 public:
  explicit Hour(timeline::Timeline::Options time) : given(time, {}, at(kBegin)) {}

  void keep_in(archive::Archive& archive) { sink_.emplace(given.timeline, given.streams, archive); }
  void watch(const std::string& json) { watched_[given.watch(json)] = json; }
  void send(const SeriesKey& key, std::int64_t ms, double value) {
    given.send(0, key, at(ms), timeline::folded(key.kind(), {value}, at(ms)));
  }
  void tick(std::int64_t now) {
    given.tick(now);
    while (sink_ && !sink_->send({at(now), at(now) - kLateness}))
      std::this_thread::yield();
    for (const auto& [id, json] : watched_) {
      Table& table = given.reader.tables[id];
      for (const auto& [window, times] : table.finals) {
        for (const auto& [slot, values] : table.told[window])
          seen[json][to_ms(window.end)][table.keys.at(slot)] = values;
        table.told.erase(window);
      }
      table.finals.clear();
    }
  }

  std::map<std::string, Seen> seen;
  Given given;

 private:
  std::map<query::StreamId, std::string> watched_;
  std::optional<ArchiveSink> sink_;
};

/// Processes that lived through it: one that has all of it in panes, one that keeps few and has an
/// archive, and one that keeps next to nothing.
struct Hours {
  Hours(const std::vector<std::string>& watched, archive::Archive& archive) {
    for (const std::string& json : watched)
      all.watch(json);
    few.keep_in(archive);
    std::mt19937_64 random{21};
    std::lognormal_distribution<double> values(2, 2);
    for (std::int64_t now = kBegin + 1'000; now <= kEnd; now += 1'000) {
      for (const Kind kind : {Kind::Counter, Kind::Gauge, Kind::Timer, Kind::Set}) {
        for (const char* host : {"a", "b"}) {
          const bool silent = host[0] == 'b' && now / 300'000 % 2 == 1;
          if (silent || random() % 3 == 0) continue;
          const SeriesKey key{kind, std::string{model::kind_name(kind)}, {{"host", host}}};
          const double value =
              kind == Kind::Timer && random() % 9 == 0 ? -values(random) : values(random);
          const std::int64_t time = now - static_cast<std::int64_t>(random() % 999) - 1;
          all.send(key, time, value);
          few.send(key, time, value);
          least.send(key, time, value);
        }
      }
      all.tick(now);
      few.tick(now);
      least.tick(now);
    }
  }
  Hour all{{.retention = std::chrono::hours{2}}};
  Hour few{{.retention = std::chrono::seconds{60}, .retention_ten = std::chrono::minutes{20}}};
  Hour least{{.retention = std::chrono::seconds{60},
              .retention_ten = std::chrono::minutes{2},
              .retention_sixty = std::chrono::minutes{10}}};
};

/// A desk before the archive's own thread.
class Desk {
 public:
  Desk(const timeline::Timeline& timeline, const PastDesk::Options& options,
       archive::Archive& archive)
      : desk_(
            timeline, options,
            [&archive](std::unique_ptr<archive::Job>& job) { return archive.try_ask(job); },
            [] {}) {}
  RangeAnswerPtr ask(RangeAsk ask) {
    RangeAnswerPtr answer;
    desk_.ask(std::move(ask), [&](const RangeAnswerPtr& given) { answer = given; });
    const bool answered = archive::until([&] {
      desk_.turn();
      return answer != nullptr;
    });
    EXPECT_TRUE(answered);
    return answer;
  }

 private:
  PastDesk desk_;
};

/// Of `buckets` the sums of their lists, as the subscriber's table has them.
template <class Asked>
Answered with_sums(Asked& asked, RangeAsk ask) {
  const auto fields = query::fields(ask.query);
  const auto list = std::ranges::find(fields, "buckets", &query::Field::name) - fields.begin();
  Answered all;
  for (int pages = 0; pages < 10'000; ++pages) {
    const RangeAnswerPtr answer = asked.ask(ask);
    if (answer == nullptr || !answer->has_value()) {
      ADD_FAILURE() << (answer == nullptr ? "no answer" : answer->error().msg);
      return all;
    }
    query::RangePage page = **answer;
    const std::size_t cells = page.keys.size() * page.times.size();
    for (std::size_t i = 0; i < cells; ++i) {
      double& cell = page.values[static_cast<std::size_t>(list) * cells + i];
      cell = Table::sum_of_list(page.lists, cell);
    }
    all.add(page);
    if (page.next.empty()) return all;
    ask.cursor = page.next;
  }
  return all;
}

/// How many rows of windows were compared.
std::size_t expect_as_seen(const Seen& seen, const Answered& past, std::int64_t since) {
  std::size_t compared = 0;
  for (const auto& [end, rows] : seen) {
    if (end <= since) continue;
    for (const auto& [key, values] : rows) {
      const Table::Values& told = past.at(key, end);
      EXPECT_TRUE(std::ranges::equal(values, told, timeline::same))
          << end << ::testing::PrintToString(key) << ::testing::PrintToString(values)
          << ::testing::PrintToString(told);
      if (testing::Test::HasFailure()) return compared;
      ++compared;
    }
  }
  return compared;
}

struct Case {
  const char* name;
  const Hour& memory;
  const std::string& json;
  std::int64_t since;  // what the process does not have begins there
  std::size_t least;   // rows of windows to compare
};

template <class Asked>
void expect_as_seen(const Hours& hours, const Case& each, Asked& asked) {
  SCOPED_TRACE(each.name);
  const Answered past = with_sums(asked, ask_of(each.json, each.since, kEnd));
  EXPECT_EQ(past.window, query_of(each.json).window) << "nothing coarser had to do";
  EXPECT_GE(expect_as_seen(hours.all.seen.at(each.json), past, each.since), each.least);
}

const PastDesk::Options kOptions{.task = {.range = {}, .memory = {.since = at(kBegin)}}};

TEST(AnHourOfThePast, IsWhatASubscriberSawFromMemoryRollUpsAndDisk) {
  const std::string fine = question("6s", "2s");
  const std::string tens = question("30s", "10s");
  const std::string minutes = question("2min", "1min");
  archive::House house;
  house.time_by = TimeBy::Event;
  house.start();
  const Hours hours{{fine, tens, minutes}, *house.archive};
  // ewma and zscore look at thirty windows more.
  for (const Case& each : {
           Case{"panes", hours.all, fine, kBegin, 10'000},
           Case{"roll-ups of 10 s", hours.few, tens, kEnd - 600'000, 300},
           Case{"roll-ups of 60 s", hours.few, minutes, kBegin, 300},
       }) {
    Office office{each.memory.given.timeline, kOptions};
    expect_as_seen(hours, each, office);
  }
  // All but the last minute, which is not over for the disk.
  ASSERT_TRUE(archive::until([&] { return house.archive->ledger().periods_filed == 59; }));
  const Case panes{"panes on disk", hours.few, fine, kBegin, 10'000};
  const Case tens_on_disk{"roll-ups of 10 s on disk", hours.few, tens, kBegin, 2'000};
  const Case minutes_on_disk{"roll-ups of 60 s on disk", hours.least, minutes, kBegin, 300};
  for (const Case& each : {panes, tens_on_disk, minutes_on_disk}) {
    Desk desk{each.memory.given.timeline, kOptions, *house.archive};
    expect_as_seen(hours, each, desk);
  }
  // Another process that finds the same folder.
  house.archive.reset();
  house.start();
  Desk desk{hours.few.given.timeline, kOptions, *house.archive};
  expect_as_seen(hours, panes, desk);
}

}  // namespace
}  // namespace ingest::history
