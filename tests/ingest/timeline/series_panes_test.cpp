// What is kept of a series: panes and roll-ups against plain merges of everything that came.

#include "ingest/timeline/series_panes.h"

#include <algorithm>
#include <map>
#include <random>

#include "ingest/model/packed_merge.h"
#include "ingest/model/packed_partial.h"
#include "tests/ingest/timeline/given.h"

namespace ingest::timeline {
namespace {

using model::Kind;
using model::Partial;
using model::SeriesKey;
using Bytes = std::vector<std::byte>;
using Panes = std::map<PaneNumber, Partial>;

constexpr std::array kLevels{Rollup::Base, Rollup::Ten, Rollup::Sixty};

Bytes packed(const Partial& partial) {
  Bytes bytes;
  model::pack(partial, bytes);
  return bytes;
}

Panes panes_of(const Timeline& timeline, SeriesIndex series, Rollup level) {
  Panes panes;
  timeline.panes(series).each(level, 0, SeriesPanes::kNever,
                              [&](PaneNumber number, const Partial& partial) {
                                EXPECT_TRUE(panes.empty() || panes.rbegin()->first < number);
                                panes.emplace(number, partial);
                              });
  return panes;
}

// What can be seen of totals: values stand in the order of their coming, sums round in it.
void expect_same(const Partial& a, const Partial& b) {
  ASSERT_EQ(a.kind(), b.kind());
  switch (a.kind()) {
    case Kind::Counter:
      EXPECT_EQ(a.counter().lines(), b.counter().lines());
      EXPECT_EQ(a.counter().total(), b.counter().total());
      return;
    case Kind::Gauge:
      EXPECT_EQ(a.gauge().last(0), b.gauge().last(0));
      EXPECT_EQ(a.gauge().first(), b.gauge().first());
      EXPECT_EQ(a.gauge().sum(), b.gauge().sum());
      EXPECT_EQ(a.gauge().samples(), b.gauge().samples());
      return;
    case Kind::Timer:
      EXPECT_EQ(a.timer().weight(), b.timer().weight());
      EXPECT_EQ(a.timer().min(), b.timer().min());
      EXPECT_EQ(a.timer().max(), b.timer().max());
      EXPECT_EQ(a.timer().sum(), b.timer().sum());
      EXPECT_TRUE(same(a.timer().stddev(), b.timer().stddev()));
      EXPECT_EQ(a.timer().histogram().scale(), b.timer().histogram().scale());
      EXPECT_EQ(a.timer().histogram().positive().weights, b.timer().histogram().positive().weights);
      for (double q = 0; q <= 1; q += 0.05)
        EXPECT_EQ(a.timer().quantile(q), b.timer().quantile(q));
      return;
    case Kind::Set:
      EXPECT_EQ(a.set().distinct(), b.set().distinct());
      return;
  }
}

void expect_same(const Panes& a, const Panes& b) {
  ASSERT_EQ(a.size(), b.size());
  for (auto left = a.begin(), right = b.begin(); left != a.end(); ++left, ++right) {
    ASSERT_EQ(left->first, right->first);
    expect_same(left->second, right->second);
  }
}

struct Told final : PackedSink {
  std::map<std::pair<SeriesIndex, Rollup>, std::vector<std::pair<PaneNumber, Bytes>>> panes;
  std::size_t base_count = 0;
  void packed(SeriesIndex series, Rollup level, PaneNumber pane,
              std::span<const std::byte> bytes) override {
    panes[{series, level}].emplace_back(pane, Bytes{bytes.begin(), bytes.end()});
    base_count += level == Rollup::Base ? 1 : 0;
  }
};

/// Samples of 4 series, one of each kind, over some minutes, in panes of a second.
struct Load {
  struct Sample {
    std::size_t series;
    std::int64_t time_ms;
    double value;
  };
  explicit Load(std::uint64_t seed, int seconds) {
    std::mt19937_64 random{seed};
    for (int second = 0; second < seconds; ++second) {
      if (random() % 20 == 0) second += static_cast<int>(random() % 25);  // all are silent
      for (std::size_t series = 0; series < keys.size(); ++series) {
        const int count = random() % 3 == 0 ? static_cast<int>(random() % 60) : 2;
        for (int i = 0; i < count; ++i) {
          samples.push_back({series, 100'000 + 1'000L * second + 15 * i,
                             static_cast<double>(1 + random() % 4'000) / 8});
        }
      }
    }
  }
  std::vector<SeriesKey> keys{SeriesKey{Kind::Counter, "c", {}}, SeriesKey{Kind::Gauge, "g", {}},
                              SeriesKey{Kind::Timer, "t", {}}, SeriesKey{Kind::Set, "s", {}}};
  std::vector<Sample> samples;
};

/// Hands the samples over in partials cut at random, at random ticks before their pane closes.
class Sender {
 public:
  Sender(const Load& load, std::uint64_t seed, Timeline::Options options = {})
      : load_(load), random_(seed), given_(options) {
    given_.timeline.tell_packed(told);
    // The same index for the same key, whoever speaks first.
    for (const SeriesKey& key : load.keys) {
      given_.timeline.born(0, {{next_, 1}, key});
      given_.locals[{0, key}] = {next_++, 1};
    }
    given_.next_local = next_;
  }
  void run(std::int64_t until_ms) {
    std::size_t next = 0;
    for (; now_ < until_ms; now_ += 250) {
      while (next < load_.samples.size() && load_.samples[next].time_ms < now_ + 250)
        waiting_.push_back(load_.samples[next++]);
      send_some();
      given_.tick(now_ + 250);
    }
  }
  const Timeline& timeline() const { return given_.timeline; }
  Told told;

 private:
  // Samples of one pane that leave together are one partial of one worker.
  void send_some() {
    std::ranges::shuffle(waiting_, random_);
    std::vector<Load::Sample> kept;
    std::map<std::tuple<std::size_t, std::int64_t, std::size_t>, Partial> partials;
    for (const Load::Sample& sample : waiting_) {
      const std::int64_t pane = sample.time_ms / 1'000;
      const bool must = (pane + 3) * 1'000 <= now_ + 500;  // it closes soon
      if (!must && random_() % 3 != 0) {
        kept.push_back(sample);
        continue;
      }
      const Kind kind = load_.keys[sample.series].kind();
      const auto here =
          partials.try_emplace({sample.series, pane, random_() % 2}, Partial{kind}).first;
      here->second.merge(folded(kind, {sample.value}, at(sample.time_ms)));
    }
    for (auto& [where, partial] : partials) {
      const auto& [series, pane, worker] = where;
      given_.send(worker, load_.keys[series], at(1'000 * pane), std::move(partial));
    }
    waiting_ = std::move(kept);
  }

  const Load& load_;
  std::mt19937_64 random_;
  Given given_;
  std::vector<Load::Sample> waiting_;
  std::uint32_t next_ = 0;
  std::int64_t now_ = 100'000;
};

TEST(SeriesPanes, AnyOrderAndSplitOfTheSamePartialsGivesTheSamePanesAndRollUps) {
  for (std::uint64_t seed = 1; seed <= 4 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const Load load{seed, 200};
    Sender one{load, 2 * seed};
    Sender other{load, 2 * seed + 1};
    one.run(400'000);
    other.run(400'000);
    for (SeriesIndex series = 0; series < load.keys.size(); ++series) {
      for (const Rollup level : kLevels) {
        SCOPED_TRACE(testing::Message() << "series " << series << " level " << int(level));
        const Panes panes = panes_of(one.timeline(), series, level);
        EXPECT_GE(panes.size(), level == Rollup::Sixty ? 2U : 8U);
        expect_same(panes, panes_of(other.timeline(), series, level));
      }
    }
  }
}

TEST(SeriesPanes, EveryRollUpIsTheMergeOfItsPanesToTheBit) {
  const Load load{7, 300};
  Sender sender{load, 3};
  sender.run(500'000);
  for (SeriesIndex series = 0; series < load.keys.size(); ++series) {
    for (const auto& [from, to, ratio] :
         {std::tuple{Rollup::Base, Rollup::Ten, 10}, {Rollup::Ten, Rollup::Sixty, 6}}) {
      std::map<PaneNumber, std::vector<Bytes>> parts;
      for (const auto& [number, partial] : panes_of(sender.timeline(), series, from))
        parts[number / ratio].push_back(packed(partial));
      const Panes rolled = panes_of(sender.timeline(), series, to);
      ASSERT_EQ(rolled.size(), parts.size());
      for (const auto& [number, records] : parts) {
        model::PackedMerge merge;  // its own test says what that is
        for (const Bytes& record : records)
          merge.add(record);
        EXPECT_TRUE(std::ranges::equal(merge.finish(), packed(rolled.at(number)))) << number;
      }
    }
    EXPECT_GE(sender.timeline().panes(series).made_until(Rollup::Sixty), 400 / 60);
  }
}

TEST(SeriesPanes, TellsEachPaneAndRollUpOnceInOrderAsItIsKept) {
  const Load load{5, 150};
  Sender sender{load, 9};
  sender.run(400'000);
  for (SeriesIndex series = 0; series < load.keys.size(); ++series) {
    for (const Rollup level : kLevels) {
      std::vector<std::pair<PaneNumber, Bytes>> held;
      sender.timeline().panes(series).each_packed(
          level, 0, SeriesPanes::kNever, [&](PaneNumber number, std::span<const std::byte> bytes) {
            held.emplace_back(number, Bytes{bytes.begin(), bytes.end()});
          });
      EXPECT_FALSE(held.empty());
      EXPECT_EQ(held, (sender.told.panes[{series, level}]));
    }
  }
}

TEST(SeriesPanes, ReadsTheSameWhileAPaneIsOpenAndAfterItWasPacked) {
  Given given;
  const SeriesKey timer{Kind::Timer, "t", {}};
  Panes plain;
  for (std::int64_t now = 100'250; now <= 130'000; now += 250) {
    const std::int64_t time = now - 250 - (now % 750 == 0 ? 1'500 : 0);
    const Partial partial = folded(Kind::Timer, {static_cast<double>(now % 977)}, at(time));
    given.send(0, timer, at(time), Partial{partial});
    const auto [here, is_new] = plain.try_emplace(time / 1'000, partial);
    if (!is_new) here->second.merge(partial);
    given.tick(now);
    expect_same(panes_of(given.timeline, 0, Rollup::Base), plain);
    EXPECT_EQ(given.timeline.panes(0).size(Rollup::Base), plain.size());
  }
}

TEST(SeriesPanes, SpreadsThePackingOfAPaneOverTheTicksOfTheNext) {
  constexpr int kSeries = 1'000;
  Given given;
  Told told;
  given.timeline.tell_packed(told);
  std::size_t before = 0;
  std::size_t most = 0;
  for (std::int64_t now = 100'000; now < 110'000; now += 250) {
    if (now % 1'000 == 0) {
      for (int i = 0; i < kSeries; ++i)
        given.send({Kind::Counter, "c" + std::to_string(i), {}}, now, {1});
    }
    given.tick(now + 250);
    most = std::max(most, told.base_count - before);
    before = told.base_count;
  }
  EXPECT_LE(most, kSeries / 4 + 1);
  EXPECT_GE(told.base_count, 6U * kSeries);
}

TEST(SeriesPanes, KeepsEachLevelForItsTime) {
  Given given({.retention = Millis{100'000},
               .retention_ten = Millis{200'000},
               .retention_sixty = Millis{600'000}});
  const SeriesKey counter{Kind::Counter, "c", {}};
  for (std::int64_t now = 100'000; now < 1'500'000; now += 1'000) {
    given.send(counter, now, {1});
    given.tick(now + 1'000);
  }
  const SeriesPanes panes = given.timeline.panes(0);
  EXPECT_EQ(panes.covers(Rollup::Base), 1'500 - 100);
  EXPECT_EQ(panes.size(Rollup::Base), 100U);
  EXPECT_EQ(panes.covers(Rollup::Ten), 150 - 20);
  EXPECT_EQ(panes.covers(Rollup::Sixty), 25 - 10);
  double total = 0;
  panes.each(Rollup::Sixty, panes.covers(Rollup::Sixty), panes.made_until(Rollup::Sixty),
             [&](PaneNumber, const Partial& partial) { total += partial.counter().total(); });
  EXPECT_EQ(total, 60.0 * static_cast<double>(panes.made_until(Rollup::Sixty) - 15));
  EXPECT_GE(panes.made_until(Rollup::Sixty), 24);
}

TEST(SeriesPanes, KnowsWhatAGaugeWasBeforeEachLevel) {
  Given given({.retention = Millis{60'000}, .retention_ten = Millis{120'000}});
  const SeriesKey gauge{Kind::Gauge, "g", {}};
  for (std::int64_t now = 100'000; now < 700'000; now += 1'000) {
    if (now < 300'000) given.send(gauge, now, {static_cast<double>(now / 1'000)});
    given.tick(now + 1'000);
    const SeriesPanes panes = given.timeline.panes(0);
    for (const Rollup level : {Rollup::Base, Rollup::Ten}) {
      const auto before = panes.before(level);
      const PaneNumber per_pane = level == Rollup::Ten ? 10 : 1;
      PaneNumber first = SeriesPanes::kNever;
      panes.each(level, 0, SeriesPanes::kNever,
                 [&](PaneNumber number, const Partial&) { first = std::min(first, number); });
      if (!before) continue;
      EXPECT_EQ(before->value, static_cast<double>((before->pane + 1) * per_pane - 1));
      if (first != SeriesPanes::kNever) {
        EXPECT_EQ(before->pane + 1, first);
      }
    }
  }
  ASSERT_TRUE(given.timeline.panes(0).before(Rollup::Ten));
  EXPECT_EQ(given.timeline.panes(0).before(Rollup::Ten)->value, 299);
}

TEST(SeriesPanes, SkipsALevelThatIsNoLongerThanAPaneAndKeepsThePanesInItsPlace) {
  Given given({.pane = Millis{20'000}, .allowed_lateness = Millis{0}});
  const SeriesKey counter{Kind::Counter, "c", {}};
  for (std::int64_t now = 100'000; now < 4'000'000; now += 20'000) {
    given.send(counter, now, {1});
    given.tick(now + 20'000);
  }
  const SeriesPanes panes = given.timeline.panes(0);
  EXPECT_EQ(panes.size(Rollup::Ten), 0U);
  EXPECT_EQ(panes.covers(Rollup::Ten), SeriesPanes::kNever);
  EXPECT_EQ(panes.size(Rollup::Base), 195U);  // more than 10 minutes: as long as 10 s roll-ups
  EXPECT_GE(panes.size(Rollup::Sixty), 60U);
}

}  // namespace
}  // namespace ingest::timeline
