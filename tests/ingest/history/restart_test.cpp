// What the past answers in a process that has just taken back what one before it held.
#include <map>

#include "tests/ingest/history/office.h"

namespace ingest::history {
namespace {

using model::Kind;
using timeline::ask_of;
using timeline::at;
using timeline::Given;

constexpr std::int64_t kUntil = 160'000;

/// All panes of a timeline, into one that was just made.
void bring(const timeline::Timeline& from, timeline::Timeline& to) {
  to.restore_from(at(100'000));
  for (timeline::SeriesIndex i = 0; i < from.indexes(); ++i) {
    to.born(1, {.series = {i, 0}, .key = from.series(i)->key});
    std::map<PaneNumber, std::vector<std::byte>> bytes;
    from.panes(i).each_packed(Rollup::Base, 0, timeline::SeriesPanes::kNever,
                              [&](PaneNumber pane, std::span<const std::byte> packed) {
                                bytes[pane].assign(packed.begin(), packed.end());
                              });
    std::vector<timeline::PackedPane> panes;
    panes.reserve(bytes.size());
    for (const auto& [pane, packed] : bytes)
      panes.push_back({pane, packed});
    to.restore(1, {i, 0}, panes);
  }
  to.leave(1);
  to.resume();
}

TEST(PastDesk, KnowsThePastAfterAStartInEventTimeBeforeAnySampleComes) {
  Given before;
  for (std::int64_t now = 100'500; now <= kUntil; now += 500) {
    before.send({Kind::Counter, "m", {{"host", "a"}}}, now - 100, {1});
    before.send({Kind::Timer, "t", {}}, now - 100, {static_cast<double>(now % 7)});
    before.tick(now);
  }
  // By event time nothing has come yet: time stands at its beginning.
  timeline::Timeline restarted{{}, 2, WallTime{}};
  bring(before.timeline, restarted);
  ASSERT_EQ(restarted.finished(), WallTime{});
  const PastDesk::Options options{
      .task = {.range = {}, .memory = {.since = at(100'000), .archived = true}}};
  for (const char* json :
       {R"({"metric":"m","by":["host"],"stats":["count","rate"],"window":"5s","slide":"5s"})",
        R"({"metric":"t","stats":["p50","max"],"window":"10s","slide":"2s"})"}) {
    const query::RangeAsk ask = ask_of(json, 110'000, kUntil + 60'000);
    Office was{before.timeline, options};
    const Answered wanted = was.ask_all(ask);
    ASSERT_EQ(wanted.times.back(), kUntil);
    Office is{restarted, options};
    const Answered got = is.ask_all(ask);
    EXPECT_EQ(got.times, wanted.times);
    expect_same(wanted, got);
  }
}

}  // namespace
}  // namespace ingest::history
