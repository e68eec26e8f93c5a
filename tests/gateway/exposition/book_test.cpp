#include "gateway/exposition/book.h"

#include <gtest/gtest.h>

#include <limits>

namespace gateway::exposition {
namespace {

using ingest::WallTime;
using ingest::model::Kind;
using ingest::model::SeriesKey;
using ingest::model::TagView;
using ingest::query::ExpositionPart;
using ingest::query::ExpositionRow;
using ingest::query::ExpositionTable;
using ingest::query::TimerShape;

constexpr WallTime kNow{ingest::Millis{1'764'000'000'000}};

/// A table by hand.
struct Table {
  std::shared_ptr<ExpositionTable> made = std::make_shared<ExpositionTable>();
  Table() {
    made->made = kNow;
    made->parts.resize(1);
  }
  Table& row(std::uint32_t series, const SeriesKey& key, double value, double count = 0,
             std::uint32_t generation = 0, WallTime last_seen = kNow) {
    ExpositionPart& part = made->parts[0];
    part.rows.push_back({.series = series,
                         .generation = generation,
                         .kind = key.kind(),
                         .last_seen = last_seen,
                         .key_first = static_cast<std::uint32_t>(part.keys.size()),
                         .key_bytes = static_cast<std::uint32_t>(key.bytes().size()),
                         .value = value,
                         .count = count});
    part.keys += key.bytes();
    return *this;
  }
  Table& timer(std::uint32_t series, const SeriesKey& key, double sum, double count,
               TimerShape shape, const std::vector<double>& numbers) {
    ExpositionPart& part = made->parts[0];
    row(series, key, sum, count);
    part.rows.back().numbers_first = static_cast<std::uint32_t>(part.numbers.size());
    part.numbers.insert(part.numbers.end(), numbers.begin(), numbers.end());
    made->shapes.push_back(std::make_shared<const TimerShape>(std::move(shape)));
    part.rows.back().shape = made->shapes.back().get();
    return *this;
  }
};

const MappingPtr& plain() {
  static const MappingPtr kPlain = std::make_shared<const Mapping>(Mapping::Defaults{});
  return kPlain;
}

std::string page(Book& book, const Table& table, Format format = Format::Text) {
  book.take(table.made, plain());
  std::string out;
  book.print(format, out);
  return out;
}
bool has(const std::string& text, std::string_view line) {
  return text.find(line) != std::string::npos;
}

const SeriesKey kCounter{Kind::Counter, "http.requests", {{"route", "/a \"b\""}}};
const SeriesKey kTimer{Kind::Timer, "took", {{"host", "a"}}};

TEST(Book, PrintsEachTypeInTheTextFormat) {
  Book book{100};
  Table table;
  table.row(0, kCounter, 812)
      .row(1, {Kind::Gauge, "level", {}}, 0.5)
      .row(2, {Kind::Set, "who", {}}, 3)
      .timer(3, kTimer, 12.5, 4, {.quantiles = {0.5, 1}},
             {2, std::numeric_limits<double>::quiet_NaN()});
  EXPECT_EQ(page(book, table),
            "# HELP http_requests_total http.requests, a counter\n"
            "# TYPE http_requests_total counter\n"
            "http_requests_total{route=\"/a \\\"b\\\"\"} 812\n"
            "# HELP level level, a gauge\n"
            "# TYPE level gauge\n"
            "level 0.5\n"
            "# HELP took took, a timer\n"
            "# TYPE took summary\n"
            "took{host=\"a\",quantile=\"0.5\"} 2\n"
            "took{host=\"a\",quantile=\"1\"} NaN\n"
            "took_sum{host=\"a\"} 12.5\n"
            "took_count{host=\"a\"} 4\n"
            "# HELP who who, distinct members in the last minute\n"
            "# TYPE who gauge\n"
            "who 3\n");
  EXPECT_EQ(book.counts().series, 4U);
}

TEST(Book, PrintsOpenMetricsWithTheCountersEndAndUnits) {
  Book book{100};
  Table table;
  table.row(0, {Kind::Counter, "io.bytes", {}}, 7)
      .timer(1, {Kind::Timer, "took.seconds", {}}, 3, 2, {.bounds = {1, 2.5}}, {1, 2});
  EXPECT_EQ(page(book, table, Format::OpenMetrics),
            "# HELP io_bytes io.bytes, a counter\n"
            "# TYPE io_bytes counter\n"
            "# UNIT io_bytes bytes\n"
            "io_bytes_total 7\n"
            "# HELP took_seconds took.seconds, a timer\n"
            "# TYPE took_seconds histogram\n"
            "# UNIT took_seconds seconds\n"
            "took_seconds_bucket{le=\"1.0\"} 1\n"
            "took_seconds_bucket{le=\"2.5\"} 2\n"
            "took_seconds_bucket{le=\"+Inf\"} 2\n"
            "took_seconds_sum 3\n"
            "took_seconds_count 2\n");
}

TEST(Book, TwoMetricsOfOneNameAndTypeShareAFamily) {
  Book book{100};
  Table table;
  table.row(0, {Kind::Gauge, "a.b", {{"x", "1"}}}, 1).row(1, {Kind::Gauge, "a_b", {{"x", "2"}}}, 2);
  const std::string text = page(book, table);
  EXPECT_EQ(text.find("# TYPE a_b "), text.rfind("# TYPE "));
  EXPECT_TRUE(has(text, "a_b{x=\"1\"} 1\na_b{x=\"2\"} 2\n"));
  EXPECT_EQ(book.counts().name_clashes, 0U);
}

TEST(Book, AnotherTypeOfOneNameGetsANameOfItsOwnAndIsReported) {
  Book book{100};
  Table table;
  table.row(0, {Kind::Counter, "a", {}}, 1)
      .row(1, {Kind::Gauge, "a", {}}, 2)
      .row(2, {Kind::Set, "a", {}}, 3)
      .timer(3, {Kind::Timer, "a", {}}, 4, 5, {}, {})
      .row(4, {Kind::Gauge, "a.timer.sum", {}}, 6)
      .row(5, {Kind::Gauge, "a.value", {{"x", "1"}}}, 7);
  const std::string text = page(book, table);
  EXPECT_TRUE(has(text, "\na_total 1\n"));
  EXPECT_TRUE(has(text, "\na_value 2\n"));
  EXPECT_TRUE(has(text, "\na_members 3\n"));
  EXPECT_TRUE(has(text, "\na_timer_sum 4\n"));
  EXPECT_TRUE(has(text, "\na_timer_sum_value 6\n"));
  EXPECT_TRUE(has(text, "\na_value{x=\"1\"} 7\n"));
  EXPECT_EQ(book.counts().name_clashes, 3U);
  EXPECT_TRUE(book.take_clash());
  EXPECT_FALSE(book.take_clash());
  page(book, table);
  EXPECT_FALSE(book.take_clash());  // once
}

TEST(Book, TheSameNameAndLabelsAreToldApart) {
  Book book{100};
  Table table;
  table.row(0, {Kind::Gauge, "a.b", {}}, 1)
      .row(1, {Kind::Gauge, "a_b", {}}, 2)
      .row(2, {Kind::Gauge, "a_b", {{"empty", ""}}}, 3);
  const std::string text = page(book, table);
  EXPECT_TRUE(has(text,
                  "a_b 1\na_b{weir_metric=\"a_b\"} 2\n"
                  "a_b{weir_metric=\"a_b\",weir_series=\"2\"} 3\n"));
  EXPECT_EQ(book.counts().label_clashes, 2U);
}

TEST(Book, OwnNamesAreTakenAlreadyAlsoWhenTheyComeLater) {
  Book book{100};
  Table table;
  table.row(0, {Kind::Gauge, "weir.level", {}}, 1);
  EXPECT_TRUE(has(page(book, table), "\nweir_level 1\n"));
  book.reserve({"weir_level"});
  EXPECT_TRUE(has(page(book, table), "\nweir_level_value 1\n"));
}

TEST(Book, ASeriesKeepsItsNameAndOneThatIsGoneGivesItBack) {
  Book book{100};
  Table both;
  both.row(0, {Kind::Gauge, "a", {}}, 1).row(1, {Kind::Counter, "a", {}}, 2);
  EXPECT_TRUE(has(page(book, both), "\na_events_total 2\n"));
  Table one;
  one.row(1, {Kind::Counter, "a", {}}, 2);
  EXPECT_TRUE(has(page(book, one), "\na_events_total 2\n"));
  Table anew;  // its index is another series' by now
  anew.row(1, {Kind::Counter, "a", {}}, 3, 0, 1);
  EXPECT_TRUE(has(page(book, anew), "\na_total 3\n"));
  EXPECT_EQ(book.counts().families, 1U);
}

TEST(Book, WhatIsSilentForItsTtlLeavesAndComesBack) {
  Book book{100};
  Table silent;
  silent.row(0, {Kind::Gauge, "a", {}}, 1, 0, 0, kNow - ingest::Millis{600'000});
  EXPECT_EQ(page(book, silent), "");
  EXPECT_EQ(book.counts().silent, 1U);
  Table back;
  back.row(0, {Kind::Gauge, "a", {}}, 1, 0, 0, kNow - ingest::Millis{599'999});
  EXPECT_TRUE(has(page(book, back), "\na 1\n"));
}

TEST(Book, WhatIsAboveTheLimitIsLeftOutAndCounted) {
  Book book{2};
  Table table;
  for (std::uint32_t i = 0; i < 5; ++i)
    table.row(i, {Kind::Gauge, "a", {{"i", std::to_string(i)}}}, i);
  EXPECT_TRUE(has(page(book, table), "a{i=\"0\"} 0\na{i=\"1\"} 1\n"));
  EXPECT_EQ(book.counts().series, 2U);
  EXPECT_EQ(book.counts().above_limit, 3U);
}

TEST(Book, AnotherMappingNamesAllAnew) {
  Book book{100};
  Table table;
  table.row(0, {Kind::Gauge, "a", {}}, 1).row(1, {Kind::Counter, "a", {}}, 2);
  page(book, table);
  Table one;
  one.row(1, {Kind::Counter, "a", {}}, 2);
  book.take(one.made, std::make_shared<const Mapping>(Mapping::Defaults{}));
  std::string text;
  book.print(Format::Text, text);
  EXPECT_TRUE(has(text, "\na_total 2\n"));
}

}  // namespace
}  // namespace gateway::exposition
