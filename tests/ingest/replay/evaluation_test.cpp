#include "ingest/replay/evaluation.h"

#include <random>

#include "tests/ingest/replay/given.h"

namespace ingest::replay {
namespace {

using codec::Format;
using std::chrono::seconds;

constexpr std::int64_t kStart = 1'700'000'000;  // s

constexpr const char* kCount = R"({"metric":"m","stats":["count"],"window":"1s","slide":"1s"})";

/// One event of `m` at each of these times, in ms after kStart.
std::string counters(std::initializer_list<std::int64_t> times) {
  std::string lines;
  for (const std::int64_t ms : times) {
    lines += R"({"name":"m","kind":"counter","value":1,"ts":)" +
             std::to_string(kStart * 1'000 + ms) + "}\n";
  }
  return lines;
}

Evaluated counted(std::initializer_list<std::int64_t> times, const Options& options = {}) {
  Lines lines{Format::Json, counters(times), 100};
  return evaluate(lines, kCount, options);
}

std::optional<double> count_at(const Evaluated& all, std::int64_t end_ms) {
  return value_at(all, kStart * 1'000 + end_ms);
}

TEST(Evaluation, GivesEachWindowOnceWhenItIsClosed) {
  const Evaluated all = counted({100, 200, 1'100, 3'700});
  ASSERT_EQ(all.windows.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(to_ms(all.windows[i].window.end),
              (kStart + static_cast<std::int64_t>(i) + 1) * 1'000);
    EXPECT_EQ(all.windows[i].window.end - all.windows[i].window.start, seconds{1});
  }
  EXPECT_EQ(count_at(all, 1'000), 2);
  EXPECT_EQ(count_at(all, 2'000), 1);
  EXPECT_EQ(count_at(all, 3'000), 0);
  EXPECT_EQ(count_at(all, 4'000), 1);
}

TEST(Evaluation, WindowsAlignToTheEpochInUtc) {
  const std::string query = R"({"metric":"m","stats":["count"],"window":"1d","slide":"1d"})";
  constexpr std::int64_t kDay = 86'400'000;
  // The last millisecond of a day and the first of the next, over a leap second and in summer.
  const std::int64_t leap = 17'167 * kDay;    // 2017-01-01
  const std::int64_t summer = 18'809 * kDay;  // 2021-07-01
  std::string lines;
  for (const std::int64_t ms : {leap - 1, leap, summer - 1, summer})
    lines += R"({"name":"m","kind":"counter","value":1,"ts":)" + std::to_string(ms) + "}\n";
  Lines source{Format::Json, lines, 64};
  const Evaluated all = evaluate(source, query, {});
  for (const FinalWindow& window : all.windows) {
    EXPECT_EQ(to_ms(window.window.start) % kDay, 0);
    EXPECT_EQ(to_ms(window.window.end) - to_ms(window.window.start), kDay);
  }
  for (const std::int64_t end : {leap, leap + kDay, summer, summer + kDay})
    EXPECT_EQ(value_at(all, end), 1) << end;
}

TEST(Evaluation, TakesALateSampleUntilItsPaneClosesAndCountsItAfter) {
  // The pane of 500 closes at 1,000 + 2,000.
  const Evaluated in_time = counted({500, 2'999, 600});
  EXPECT_EQ(count_at(in_time, 1'000), 2);
  EXPECT_EQ(in_time.account.late, 0U);
  const Evaluated late = counted({500, 3'000, 600});
  EXPECT_EQ(count_at(late, 1'000), 1);
  EXPECT_EQ(late.account.late, 1U);
  const Evaluated folded = counted({500, 3'000, 600}, {.late = Late::Now});
  EXPECT_EQ(count_at(folded, 1'000), 1);
  EXPECT_EQ(count_at(folded, 4'000), 2);
  EXPECT_EQ(folded.account.late_folded, 1U);
}

TEST(Evaluation, ASampleADayAheadIsFutureAndMovesNothing) {
  constexpr std::int64_t kDay = 86'400'000;
  const Evaluated all = counted({100, 1'200, kDay, 1'300, 600, 2'500});
  EXPECT_EQ(all.account.future, 1U);
  EXPECT_EQ(all.account.late, 0U);
  EXPECT_EQ(count_at(all, 1'000), 2);
  EXPECT_EQ(count_at(all, 2'000), 2);
  EXPECT_EQ(count_at(all, 3'000), 1);
  EXPECT_EQ(all.windows.size(), 3U);
}

TEST(Evaluation, ADayWithoutSamplesIsALeapAndNotTheFuture) {
  constexpr std::int64_t kDay = 86'400'000;
  const Evaluated all = counted({100, kDay + 100, kDay + 200, 2 * kDay});
  EXPECT_EQ(all.account.future, 0U);
  EXPECT_EQ(all.account.own, 4U);
  EXPECT_EQ(count_at(all, 1'000), 1);
  EXPECT_EQ(count_at(all, kDay + 1'000), 2);
  EXPECT_EQ(count_at(all, 2 * kDay + 1'000), 1);
  EXPECT_LT(all.windows.size(), 4'000U);  // rows leave 10 minutes after their last sample
}

TEST(Evaluation, OfARecordingTheFutureIsAheadOfTheArrival) {
  Recorded recorded{wall_from_ms(kStart * 1'000)};
  recorded.add(Millis{0}, 1, "m:1|c|T" + std::to_string(kStart));
  recorded.add(Millis{100}, 1, "m:1|c|T" + std::to_string(kStart + 86'400));
  recorded.add(Millis{200}, 1, "m:1|c|T" + std::to_string(kStart + 10));
  const Evaluated all = evaluate(recorded, kCount, {});
  EXPECT_EQ(all.account.future, 1U);
  EXPECT_EQ(all.account.own, 2U);
}

TEST(Evaluation, WindowsGoOnClosingWhenOneSourceStopsAndItsReturnStallsNothing) {
  Recorded recorded{wall_from_ms(kStart * 1'000)};
  const auto say = [&](std::int64_t at_s, std::uint32_t connection, std::int64_t time_s) {
    recorded.add(seconds{at_s}, connection, "m:1|c|T" + std::to_string(kStart + time_s));
  };
  for (std::int64_t s = 0; s < 4; ++s) {
    say(s, 1, s);
    say(s, 2, s);
  }
  for (std::int64_t s = 4; s < 60; ++s)  // the second one has stopped at 3
    say(s, 1, s);
  std::vector<std::int64_t> ends;
  say(60, 2, 4);  // and returns with what is long over
  for (std::int64_t s = 60; s < 70; ++s) {
    say(s, 1, s);
    say(s, 2, s - 56);
  }
  const Evaluated all = evaluate(recorded, kCount, {});
  EXPECT_EQ(all.account.late, 11U);
  EXPECT_EQ(count_at(all, 2'000), 2);
  for (std::int64_t s = 5; s <= 70; ++s)
    EXPECT_EQ(count_at(all, s * 1'000), 1) << s;
}

TEST(Evaluation, OfArrivalsGivesWhatAServerOfThatTimeHad) {
  Recorded recorded{wall_from_ms(kStart * 1'000)};
  recorded.add(Millis{100}, 1, "m:1|c");
  recorded.add(Millis{5'000}, 1, "m:1|c|T" + std::to_string(kStart + 1));  // closed at 4
  recorded.add(Millis{5'100}, 1, "m:1|c");
  const Evaluated all = evaluate(recorded, kCount, {.time_by = TimeBy::Wall});
  EXPECT_EQ(all.account.late, 1U);
  EXPECT_EQ(count_at(all, 1'000), 1);
  EXPECT_EQ(count_at(all, 6'000), 1);
}

TEST(Evaluation, TellsTwoKindsOfANameApart) {
  std::string lines;
  for (const char* kind : {"counter", "timer"}) {
    for (const int value : {5, 9}) {
      lines += std::string{R"({"name":"m","kind":")"} + kind + R"(","value":)" +
               std::to_string(value) + R"(,"ts":)" + std::to_string(kStart * 1'000 + 100) + "}\n";
    }
  }
  Lines source{Format::Json, lines, 64};
  const Evaluated all = evaluate(source, kCount, {});
  ASSERT_EQ(all.windows.size(), 1U);
  ASSERT_EQ(all.windows.front().rows.size(), 2U);
  using Key = std::vector<std::string>;
  EXPECT_EQ(all.windows.front().rows[0].key, Key{"counter"});
  EXPECT_EQ(all.windows.front().rows[0].values, std::vector<double>{14});
  EXPECT_EQ(all.windows.front().rows[1].key, Key{"timer"});
  EXPECT_EQ(all.windows.front().rows[1].values, std::vector<double>{2});
}

TEST(Evaluation, GivesTheBucketsOfEachRow) {
  std::string lines;
  for (const char* host : {"a", "b"}) {
    for (const double value : {2.0, 2.0, -3.0, 0.0}) {
      lines += std::string{R"({"name":"m","kind":"timer","tags":{"host":")"} + host +
               R"("},"value":)" + std::to_string(value) + R"(,"ts":)" +
               std::to_string(kStart * 1'000 + 100) + "}\n";
    }
  }
  Lines source{Format::Json, lines, 64};
  const Evaluated all = evaluate(
      source, R"({"metric":"m","by":["host"],"stats":["buckets","count"],"window":"1s"})", {});
  ASSERT_EQ(all.windows.size(), 1U);
  ASSERT_EQ(all.windows.front().rows.size(), 2U);
  for (const FinalRow& row : all.windows.front().rows) {
    // Stats stand in their canonical order: count first.
    ASSERT_EQ(row.values.size(), 2U);
    EXPECT_EQ(row.values[0], 4);
    EXPECT_EQ(row.values[1], 0) << "where its list begins";
    ASSERT_GE(row.lists.size(), 4U);
    EXPECT_EQ(row.lists[2], 1) << "zeros";
    EXPECT_EQ(row.lists[static_cast<std::size_t>(row.lists[0])], 2) << "two of 2";
    const auto negative = static_cast<std::size_t>(row.lists[0]) + 1;
    EXPECT_EQ(row.lists.size(), negative + 1 + static_cast<std::size_t>(row.lists[negative]));
    EXPECT_EQ(row.lists.back(), 1) << "one of -3";
  }
}

TEST(Evaluation, GivesTheFirstRowsInTheOrderThatIsAskedFor) {
  std::string lines;
  for (int i = 0; i < 20; ++i)
    lines += "m:" + std::to_string((i * 7) % 20) + "|c|#route:r" + std::to_string(i) + "\n";
  Lines source{Format::Statsd, lines, 50};
  query::Query query =
      query_of(R"({"metric":"m","by":["route"],"stats":["count"],"window":"1s","slide":"1s"})");
  query.order = query::Order{.field = "count"};
  query.limit = 3;
  const Evaluated all = evaluate(source, query, {});
  ASSERT_EQ(all.windows.size(), 1U);
  ASSERT_EQ(all.windows[0].rows.size(), 3U);
  EXPECT_EQ(all.windows[0].rows[0].values[0], 19);
  EXPECT_EQ(all.windows[0].rows[1].values[0], 18);
  EXPECT_EQ(all.windows[0].rows[2].values[0], 17);
}

/// Lines of every kind over some minutes, out of order, late, skewed, damaged; in each format.
std::string mixed(Format format, int count) {
  std::mt19937_64 random{42};
  std::string lines;
  std::int64_t now = kStart * 1'000;
  for (int i = 0; i < count; ++i) {
    now += static_cast<std::int64_t>(random() % 40);
    if (random() % 5'000 == 0) now += 700'000;
    std::int64_t time = now - static_cast<std::int64_t>(random() % 2'500);
    if (random() % 100 == 0) time -= 5'000;
    if (random() % 2'000 == 0) time += 86'400'000;
    const std::string host = "h" + std::to_string(random() % 50);
    const double value =
        std::exp(static_cast<double>(random() % 1'000) / 70 - 5) * (random() % 4 == 0 ? -1 : 1);
    char text[256];
    if (random() % 500 == 0) {
      lines += "what is this\n";
    } else if (format == Format::Json) {
      const char* kinds[] = {"counter", "gauge", "timer"};
      std::snprintf(text, sizeof text,
                    R"({"name":"m.%s","kind":"%s","value":%.17g,"tags":{"host":"%s"},"ts":%lld})",
                    kinds[i % 3], kinds[i % 3], value, host.c_str(), static_cast<long long>(time));
      lines += std::string{text} + "\n";
    } else if (format == Format::Statsd) {
      const char* shapes[] = {"m.c:%.9g|c|@0.3|#host:%s|T%lld", "m.g:%.9g|g|#host:%s|T%lld",
                              "m.t:%.9g|ms|#host:%s|T%lld", "m.s:%.3g|s|#host:%s|T%lld"};
      std::snprintf(text, sizeof text, shapes[i % 4], value, host.c_str(),
                    static_cast<long long>(time / 1'000));
      lines += std::string{text} + "\n";
    } else if (format == Format::Influx) {
      std::snprintf(text, sizeof text, "m,host=%s a=%.17g,b=%di %lld000000", host.c_str(), value, i,
                    static_cast<long long>(time));
      lines += std::string{text} + "\n";
    } else {
      std::snprintf(text, sizeof text, "m.g;host=%s %.17g %lld", host.c_str(), value,
                    static_cast<long long>(time / 1'000));
      lines += std::string{text} + "\n";
    }
  }
  return lines;
}

void expect_same_bytes(Format format, const std::string& lines, const std::string& query) {
  std::string first;
  for (const std::size_t workers : {1U, 2U, 8U}) {
    for (const std::size_t piece : {std::size_t{7}, std::size_t{1'000}, lines.size()}) {
      Lines source{format, lines, piece};
      const Evaluated all = evaluate(source, query, {.workers = workers, .batch = 16});
      if (first.empty()) {
        first = all.text;
        EXPECT_GT(all.account.late, 0U);
        EXPECT_GT(all.account.lines.rejected_total(), 0U);
        EXPECT_GT(all.windows.size(), 10U);
      }
      EXPECT_TRUE(all.text == first)
          << codec::format_name(format) << " with " << workers << " workers, reads of " << piece;
    }
  }
}

// The promise of `weir replay`: the very same bytes, whatever does the work.
TEST(Evaluation, GivesTheSameBytesForAnyNumberOfWorkersAndAnySizeOfReads) {
  const std::string query =
      R"({"metric":"m.*","by":["host"],"stats":["count","sum","mean","stddev","min","max","last","delta","distinct","p50","p99"],"window":"20s","slide":"10s"})";
  for (const Format format : codec::kFormats)
    expect_same_bytes(format, mixed(format, 6'000), query);
}

TEST(Evaluation, AKeyPastACapIsTheSameForAnyNumberOfWorkers) {
  std::string lines;
  for (int i = 0; i < 30'000; ++i)
    lines += "m:1|c|#id:" + std::to_string((i * 31) % 3'000) + "\n";
  const std::string query = R"({"metric":"m","by":["id"],"stats":["count"],"window":"1s"})";
  std::string first;
  for (const std::size_t workers : {1U, 2U, 8U}) {
    Lines source{Format::Statsd, lines, 4'096};
    const Evaluated all =
        evaluate(source, query, {.series_max = 500, .rows_max = 200, .workers = workers});
    EXPECT_EQ(all.account.overflow, 30'000U / 3'000 * 2'500);
    if (first.empty()) first = all.text;
    EXPECT_TRUE(all.text == first);
    double total = 0;
    for (const FinalRow& row : all.windows.front().rows)
      total += row.values.front();
    EXPECT_EQ(total, 30'000);
  }
}

}  // namespace
}  // namespace ingest::replay
