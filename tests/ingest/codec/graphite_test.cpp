#include "ingest/codec/graphite.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/ingest/codec/expect_lines.h"

namespace ingest::codec {
namespace {

// NOLINTNEXTLINE(misc-unused-using-decls): the literals below
using std::string_view_literals::operator""sv;

const Graphite kCodec;

Kept only(std::string_view line) {
  return only_sample(kCodec, line);
}

void expect_rejected(std::string_view line, Reject reason) {
  expect_reject(kCodec, line, reason, "good;t=a 1 1700000000");
}

// acceptance/ingest.md 32
TEST(Graphite, ReadsNameTagsValueAndTime) {
  const Kept sample = only("servers.web-17.load;region=eu;env=prod -1.25 1700000000");
  EXPECT_EQ(sample.kind, model::Kind::Gauge);
  EXPECT_EQ(sample.change, model::GaugeChange::Set) << "a sign is no change";
  EXPECT_EQ(sample.key.name(), "servers.web-17.load");
  EXPECT_EQ(sample.key.tags().size(), 2U);
  EXPECT_EQ(sample.key.tag("region"), "eu");
  EXPECT_EQ(sample.key.tag("env"), "prod");
  EXPECT_EQ(sample.value, -1.25);
  EXPECT_EQ(sample.time_ms, 1'700'000'000'000);
  EXPECT_EQ(only("a 5 1700000000").key.tags().size(), 0U);
  EXPECT_EQ(only("a;t=x=y 5 1700000000").key.tag("t"), "x=y");
}

TEST(Graphite, TimeMinusOneIsTheArrival) {
  EXPECT_EQ(only("a 5 -1").time_ms, -1);
  EXPECT_EQ(only("a;t=v 5 -1\r").time_ms, -1);
}

TEST(Graphite, RefusesValuesThatAreNoNumbers) {
  for (const char* value : {"nan", "NaN", "-nan", "inf", "-inf", "1e999"})
    expect_rejected("a " + std::string{value} + " 1700000000", Reject::NotFinite);
  for (const char* value : {"x", "0x10", "1_000", "1,5", "--1", "None", "U", "1i", "\"1\""})
    expect_rejected("a " + std::string{value} + " 1700000000", Reject::BadValue);
}

// 31
TEST(Graphite, ReadsTheTimeAsText) {
  EXPECT_EQ(only("a 5 1700000000.123").time_ms, 1'700'000'000'123);
  EXPECT_EQ(only("a 5 0").time_ms, 0) << "late, which is the worker's to say";
  for (const char* time : {"-2", "-1.0", "-1700000000", "--1", "+1", "now", "N", "1e9", "1.", ".5",
                           "1700000000s", "1700000000000", "99999999999999999999"}) {
    expect_rejected("a 5 " + std::string{time}, Reject::BadTime);
  }
}

TEST(Graphite, PartsAreDividedByAnyBlanks) {
  const Kept plain = only("a;t=v 5 1700000000");
  for (const char* line :
       {"a;t=v  5  1700000000", "a;t=v\t5\t1700000000", " a;t=v \t 5 1700000000 ",
        "a;t=v 5 1700000000\t", "a;t=v 5 1700000000\r", "a;t=v 5\t1700000000"}) {
    EXPECT_EQ(only(line), plain) << line;
  }
}

TEST(Graphite, ReadsWhatCollectdWrites) {
  const Parsed parsed = parse_block(kCodec,
                                    "collectd.web.cpu-0.cpu-idle 98.203593 1700000000\r\n"
                                    "collectd.web.load.load.shortterm 0.12 1700000000\r\n");
  ASSERT_EQ(parsed.samples.size(), 2U);
  EXPECT_EQ(parsed.samples[0].value, 98.203593);
  EXPECT_EQ(parsed.samples[1].key.name(), "collectd.web.load.load.shortterm");
}

TEST(Graphite, GivesEachMalformedLineItsOwnReason) {
  struct Case {
    std::string_view line;
    Reject reason;
  };
  for (const auto& [line, reason] : {
           Case{"a", Reject::MissingValue},
           Case{"a ", Reject::MissingValue},
           Case{"a;t=v", Reject::MissingValue},
           Case{"a;t=v ", Reject::MissingValue},
           Case{"BAD", Reject::MissingValue},
           Case{"a 5", Reject::MissingTime},
           Case{"a 5 ", Reject::MissingTime},
           Case{"a 5 1700000000 x", Reject::TrailingText},
           Case{"a 5 1700000000 1700000000", Reject::TrailingText},
           Case{"a b 5 1700000000", Reject::BadValue},
           Case{";t=v 5 1700000000", Reject::EmptyName},
           Case{"; 5 1700000000", Reject::EmptyName},
           Case{"a; 5 1700000000", Reject::BadTags},
           Case{"a;; 5 1700000000", Reject::BadTags},
           Case{"a;t 5 1700000000", Reject::BadTags},
           Case{"a;t=v; 5 1700000000", Reject::BadTags},
           Case{"a;t=v;;u=w 5 1700000000", Reject::BadTags},
           Case{"a;t;u=w 5 1700000000", Reject::BadTags},
           Case{"a;=v 5 1700000000", Reject::EmptyTagKey},
           Case{"a;= 5 1700000000", Reject::EmptyTagKey},
           Case{"a;t= 5 1700000000", Reject::EmptyTagValue},
           Case{"a;t=;u=w 5 1700000000", Reject::EmptyTagValue},
           Case{"a;t=v w 5 1700000000", Reject::BadValue},
           Case{"a:1|c", Reject::MissingValue},
       }) {
    expect_rejected(line, reason);
  }
}

TEST(Graphite, BlankLinesAreNothing) {
  const Parsed parsed = parse_block(kCodec, "\n  \n\t\r\na 1 -1\n\n");
  EXPECT_EQ(parsed.ledger.ignored.blank, 4U);
  EXPECT_EQ(parsed.ledger.accepted, 1U);
  EXPECT_TRUE(parsed.ledger.adds_up());
}

// 17
TEST(Graphite, KeepsUtf8AndRefusesWhatIsNone) {
  const Kept sample = only("caf\xc3\xa9;k\xc3\xa9=v\xc3\xa9 1 -1");
  EXPECT_EQ(sample.key.name(), "caf\xc3\xa9");
  EXPECT_EQ(sample.key.tag("k\xc3\xa9"), "v\xc3\xa9");
  for (const std::string_view line : {"a\xff 1 -1"sv, "a\0b 1 -1"sv, "a;t=\xc3 1 -1"sv, "\0"sv})
    expect_rejected(line, Reject::BadUtf8);
}

// 18
TEST(Graphite, HoldsEachLimitToTheByte) {
  const auto text = [](std::size_t bytes) { return std::string(bytes, 'x'); };
  only(text(255) + " 1 -1");
  expect_rejected(text(256) + " 1 -1", Reject::NameTooLong);
  expect_rejected(text(256) + ";t=v 1 -1", Reject::NameTooLong);
  only("a;" + text(128) + "=v 1 -1");
  expect_rejected("a;" + text(129) + "=v 1 -1", Reject::TagKeyTooLong);
  only("a;t=" + text(256) + " 1 -1");
  expect_rejected("a;t=" + text(257) + " 1 -1", Reject::TagValueTooLong);
  std::string tags;
  for (int i = 0; i < 32; ++i)
    tags += ";k" + std::to_string(i) + "=v";
  only("a" + tags + " 1 -1");
  expect_rejected("a" + tags + ";k32=v 1 -1", Reject::TooManyTags);
  expect_rejected("a 1 " + text(kLineBytesMax), Reject::LineTooLong);
}

}  // namespace
}  // namespace ingest::codec
