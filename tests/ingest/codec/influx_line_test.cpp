#include "ingest/codec/influx_line.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <string>

#include "tests/ingest/codec/expect_lines.h"

namespace ingest::codec {
namespace {

using model::Kind;
// NOLINTNEXTLINE(misc-unused-using-decls): the literals below
using std::string_view_literals::operator""sv;

const InfluxLine kCodec;

Kept only(std::string_view line) {
  return only_sample(kCodec, line);
}

/// Series name -> value.
std::map<std::string, double> values_of(std::string_view line) {
  std::map<std::string, double> values;
  for (const Kept& sample : accepted(kCodec, line).samples)
    values[std::string{sample.key.name()}] = sample.value;
  return values;
}

void expect_rejected(std::string_view line, Reject reason) {
  expect_reject(kCodec, line, reason, "good,t=a f=1 1700000000");
}

TEST(InfluxLine, GivesAGaugeForEachField) {
  const Parsed parsed = accepted(
      kCodec, "cpu,host=web-17,region=eu usage_idle=98.25,usage_user=1 1700000000123456789");
  ASSERT_EQ(parsed.samples.size(), 2U);
  for (const Kept& sample : parsed.samples) {
    EXPECT_EQ(sample.kind, Kind::Gauge);
    EXPECT_EQ(sample.change, model::GaugeChange::Set);
    EXPECT_EQ(sample.key.tag("host"), "web-17");
    EXPECT_EQ(sample.key.tag("region"), "eu");
    EXPECT_EQ(sample.key.tags().size(), 2U);
    EXPECT_EQ(sample.time_ms, 1'700'000'000'123);
  }
  EXPECT_EQ(parsed.samples[0].key.name(), "cpu.usage_idle");
  EXPECT_EQ(parsed.samples[0].value, 98.25);
  EXPECT_EQ(parsed.samples[1].key.name(), "cpu.usage_user");
  EXPECT_EQ(only("m f=1").time_ms, -1) << "the arrival time";
}

// acceptance/ingest.md 25
TEST(InfluxLine, UnescapesWhatMayBeEscaped) {
  EXPECT_EQ(only("m,t=a\\ b\\,c\\=d f=1").key.tag("t"), "a b,c=d");
  EXPECT_EQ(only("m\\,n\\ o,t=a f=1").key.name(), "m,n o.f");
  EXPECT_EQ(only("m\\=n,t=a f=1").key.name(), "m\\=n.f") << "in a name = is no escape";
  EXPECT_EQ(only("m=n f=1").key.name(), "m=n.f");
  EXPECT_EQ(only("m\\x\\\\n f=1").key.name(), "m\\x\\\\n.f");
  EXPECT_EQ(only("m,t=\\x\\\\y\\n f=1").key.tag("t"), "\\x\\\\y\\n");
  EXPECT_EQ(only("m,k\\=\\ \\,=v f=1").key.tag("k= ,"), "v");
  EXPECT_EQ(only("m a\\ b\\,c\\=d=1").key.name(), "m.a b,c=d");
}

// 26
TEST(InfluxLine, ANewlineInsideQuotesBelongsToTheLine) {
  const std::string block = "m s=\"two\nlines\",f=1 1700000000\nn f=2\n";
  const Parsed parsed = parse_block(kCodec, block);
  EXPECT_EQ(parsed.ledger.received, 2U);
  EXPECT_EQ(parsed.ledger.accepted, 2U);
  ASSERT_EQ(parsed.samples.size(), 2U);
  EXPECT_EQ(parsed.samples[0].key.name(), "m.f");
  EXPECT_EQ(parsed.samples[0].time_ms, 1'700'000'000'000);
  EXPECT_EQ(parsed.samples[1].key.name(), "n.f");
  expect_any_split(kCodec, block);
  expect_any_split(kCodec, "m s=\"\n\n\",f=1\nbad\n\nm f=1,s=\"\\\"\n\\\\\"\nn f=2\n");
}

TEST(InfluxLine, ABackslashAndAnNInsideQuotesAreTwoCharacters) {
  const Parsed parsed =
      parse_block(kCodec, "m s=\"a\\nb\",f=1\nm s=\"a\\\\\",f=2\nm s=\"\\\"\",f=3");
  EXPECT_EQ(parsed.ledger.received, 3U);
  EXPECT_EQ(parsed.ledger.accepted, 3U);
  EXPECT_EQ(parsed.ledger.notes.string_field, 3U);
}

TEST(InfluxLine, AStringThatNeverEndsCostsALineAndNotTheStream) {
  std::string stream = "a f=1\nm s=\"open\nb f=2\n";
  EXPECT_EQ(parse_block(kCodec, stream).ledger.rejected_for(Reject::OpenString), 1U);
  stream += std::string(kLineBytesMax, 'x') + "\nc f=3\n";
  for (const std::size_t size : {std::size_t{1}, std::size_t{777}, stream.size()}) {
    const Parsed parsed = parse_stream(kCodec, stream, {.first = size, .size = size});
    ASSERT_EQ(parsed.samples.size(), 2U);
    EXPECT_EQ(parsed.samples[1].key.name(), "c.f");
    EXPECT_EQ(parsed.ledger.received, 3U);
    EXPECT_EQ(parsed.ledger.rejected_for(Reject::LineTooLong), 1U);
  }
}

// 27
TEST(InfluxLine, ReadsEveryTypeOfField) {
  const std::string_view line = "m f=1i,g=2u,h=t,j=\"s\"";
  EXPECT_EQ(values_of(line), (std::map<std::string, double>{{"m.f", 1}, {"m.g", 2}, {"m.h", 1}}));
  EXPECT_EQ(parse_block(kCodec, line).ledger.notes.string_field, 1U);
  for (const char* yes : {"t", "T", "true", "True", "TRUE"})
    EXPECT_EQ(only("m f=" + std::string{yes}).value, 1) << yes;
  for (const char* no : {"f", "F", "false", "False", "FALSE"})
    EXPECT_EQ(only("m f=" + std::string{no}).value, 0) << no;
}

TEST(InfluxLine, ALineOfStringsIsGoodAndGivesNothing) {
  const Parsed parsed = accepted(kCodec, "m s=\"a, b=c d\",u=\"\" 1700000000");
  EXPECT_TRUE(parsed.samples.empty());
  EXPECT_EQ(parsed.ledger.notes.string_field, 2U);
}

// 28
TEST(InfluxLine, KeepsEveryBitOfAnInteger) {
  const auto whole = [](std::string_view line) {
    const Kept sample = only(line);
    // Doubles of this size are integers, and the parts are exact.
    return static_cast<long double>(sample.value) + static_cast<long double>(sample.value_low);
  };
  EXPECT_EQ(whole("m f=18446744073709551615u"), 18446744073709551615.0L);
  EXPECT_EQ(whole("m f=18446744073709551615u") - whole("m f=18446744073709551610u"), 5);
  EXPECT_EQ(whole("m f=9223372036854775807i"), 9223372036854775807.0L);
  EXPECT_EQ(whole("m f=-9223372036854775808i"), -9223372036854775808.0L);
  EXPECT_EQ(whole("m f=-9223372036854775807i"), -9223372036854775807.0L);
  EXPECT_EQ(whole("m f=9007199254740993i"), 9007199254740993.0L);
  EXPECT_EQ(only("m f=9007199254740993i").value, 9007199254740992.0);
  EXPECT_EQ(only("m f=9007199254740992i").value_low, 0);
  EXPECT_FALSE(std::signbit(only("m f=-0i").value));
  EXPECT_FALSE(std::signbit(only("m f=-0i").value_low));
  EXPECT_EQ(only("m f=007i").value, 7);
}

TEST(InfluxLine, RefusesIntegersThatDoNotFit) {
  for (const char* value :
       {"9223372036854775808i", "-9223372036854775809i", "18446744073709551616u",
        "99999999999999999999999i", "-99999999999999999999999i", "99999999999999999999999u"}) {
    expect_rejected("m f=" + std::string{value}, Reject::Overflow);
  }
  for (const char* value :
       {"-1u", "+1u", "1.5i", "1e3i", "i", "u", "-i", "--1i", "+-1i", "0x1i", "1ii", "1iu"}) {
    expect_rejected("m f=" + std::string{value}, Reject::BadValue);
  }
}

TEST(InfluxLine, ReadsNumbersOfEveryShape) {
  EXPECT_EQ(only("m f=1.").value, 1);
  EXPECT_EQ(only("m f=.5").value, 0.5);
  EXPECT_EQ(only("m f=1e-3").value, 0.001);
  EXPECT_EQ(only("m f=-1.5E+2").value, -150);
  EXPECT_EQ(only("m f=98.20359281437127").value, 98.20359281437127);
  EXPECT_FALSE(std::signbit(only("m f=-0").value));
}

TEST(InfluxLine, GivesEachMalformedLineItsOwnReason) {
  struct Case {
    std::string_view line;
    Reject reason;
  };
  for (const auto& [line, reason] : {
           Case{"m f=", Reject::EmptyValue},
           Case{"m f=,g=1", Reject::EmptyValue},
           Case{"m f= 1700000000", Reject::EmptyValue},
           Case{"m f", Reject::MissingValue},
           Case{"m f,g=1", Reject::MissingValue},
           Case{"m f =1", Reject::MissingValue},
           Case{"m 1700000000", Reject::MissingValue},
           Case{"m ", Reject::MissingField},
           Case{"m", Reject::MissingField},
           Case{"m,t=a", Reject::MissingField},
           Case{"m,t=a ", Reject::MissingField},
           Case{"BAD", Reject::MissingField},
           Case{",t=1 f=1", Reject::EmptyName},
           Case{" ,t=1 f=1", Reject::EmptyName},
           Case{"m,t= f=1", Reject::EmptyTagValue},
           Case{"m,t=,u=1 f=1", Reject::EmptyTagValue},
           Case{"m,=a f=1", Reject::EmptyTagKey},
           Case{"m, f=1", Reject::BadTags},
           Case{"m,,t=a f=1", Reject::BadTags},
           Case{"m,t f=1", Reject::BadTags},
           Case{"m,t=a, f=1", Reject::BadTags},
           Case{"m,t=a=b f=1", Reject::BadTags},
           Case{"m,t=a\\ f=1", Reject::BadTags},
           Case{"m =1", Reject::EmptyField},
           Case{"m ,f=1", Reject::EmptyField},
           Case{"m f=1,", Reject::EmptyField},
           Case{"m f=1,,g=2", Reject::EmptyField},
           Case{"m f=1, g=2", Reject::EmptyField},
           Case{"m f=x", Reject::BadValue},
           Case{"m f=0x10", Reject::BadValue},
           Case{"m f=1_000", Reject::BadValue},
           Case{"m f=tr", Reject::BadValue},
           Case{"m f=tRUE", Reject::BadValue},
           Case{"m f=1=2", Reject::BadValue},
           Case{"m f==2", Reject::BadValue},
           Case{"m f='s'", Reject::BadValue},
           Case{"m f=x\"s\"", Reject::BadValue},
           Case{"m f=\"s\"x", Reject::BadValue},
           Case{"m f=\"s\"\"t\"", Reject::BadValue},
           Case{"m f=1\t2", Reject::BadValue},
           Case{"m f=nan", Reject::NotFinite},
           Case{"m f=inf", Reject::NotFinite},
           Case{"m f=-Inf", Reject::NotFinite},
           Case{"m f=1e999", Reject::NotFinite},
           Case{"m f=1 x", Reject::BadTime},
           Case{"m f=1 1e9", Reject::BadTime},
           Case{"m f=1 1700000000i", Reject::BadTime},
           Case{"m f=1 1700000000,g=2", Reject::BadTime},
           Case{"m f=1 10000000000000000000", Reject::BadTime},
           Case{"m f=1 1700000000 2", Reject::TrailingText},
           Case{"m f=1 1700000000 x", Reject::TrailingText},
       }) {
    expect_rejected(line, reason);
  }
  const Parsed open = parse_block(kCodec, "m f=1\nm s=\"open");
  EXPECT_EQ(open.ledger.rejected_for(Reject::OpenString), 1U);
  EXPECT_EQ(open.samples.size(), 1U);
}

TEST(InfluxLine, TakesALineWholeOrNotAtAll) {
  EXPECT_TRUE(parse_block(kCodec, "m f=1,g=2,h=x").samples.empty());
  EXPECT_TRUE(parse_block(kCodec, "m f=1,g=2 later").samples.empty());
  EXPECT_EQ(parse_block(kCodec, "m f=1,s=\"a\",h=x").ledger.notes.string_field, 0U);
}

// 29
TEST(InfluxLine, SkipsCommentsAndBlankLines) {
  const Parsed parsed =
      parse_block(kCodec, "# it's a \"comment\n\n   \nm f=1\r\n\r\n  #too\n  m f=2  \n#");
  EXPECT_EQ(parsed.ledger.received, 8U);
  EXPECT_EQ(parsed.ledger.ignored.comment, 3U);
  EXPECT_EQ(parsed.ledger.ignored.blank, 3U);
  EXPECT_EQ(parsed.ledger.accepted, 2U);
  EXPECT_TRUE(parsed.ledger.adds_up());
  expect_any_split(kCodec, "# it's a \"comment\n\n   \nm f=1\r\n\r\n  #too\n  m f=2  \n#\n");
}

TEST(InfluxLine, TheLastOfTwoFieldsWins) {
  EXPECT_EQ(only("m f=1,f=2").value, 2);
  EXPECT_EQ(values_of("m f=1,g=5,f=2i,h=7,g=t"),
            (std::map<std::string, double>{{"m.f", 2}, {"m.g", 1}, {"m.h", 7}}));
  EXPECT_EQ(values_of("m f=1,g=2,f=\"text\""), (std::map<std::string, double>{{"m.g", 2}}));
  EXPECT_EQ(only("m f=\"text\",f=2").value, 2);
  EXPECT_EQ(only("m f=18446744073709551615u,f=2").value_low, 0);
  EXPECT_EQ(only("m,t=a f=18446744073709551615u,f=\"text\",g=2").value_low, 0);
  EXPECT_EQ(only("m,t=a f=1,f=\"text\",g=2").key.tag("t"), "a");
  EXPECT_TRUE(accepted(kCodec, "m f=1,f=\"text\"").samples.empty());
}

// 30
TEST(InfluxLine, GuessesThePrecisionOfTheTime) {
  for (const char* time :
       {"1700000000", "1700000000000", "1700000000000000", "1700000000000000000"}) {
    EXPECT_EQ(only("m f=1 " + std::string{time}).time_ms, 1'700'000'000'000) << time;
  }
  const InfluxLine seconds{{.precision = TimeUnit::Seconds}};
  EXPECT_EQ(only_sample(seconds, "m f=1 170000000000").time_ms, 170'000'000'000'000);
  const InfluxLine nanoseconds{{.precision = TimeUnit::Nanoseconds}};
  EXPECT_EQ(only_sample(nanoseconds, "m f=1 1700000000").time_ms, 1'700);
}

// 31
TEST(InfluxLine, ReadsTheTimeAsText) {
  EXPECT_EQ(only("m f=1 1700000000.123").time_ms, 1'700'000'000'123);
  EXPECT_EQ(only("m f=1 0").time_ms, 0) << "late, which is the worker's to say";
  expect_rejected("m f=1 -1", Reject::BadTime);
  expect_rejected("m f=1 -1700000000", Reject::BadTime);
}

// 17
TEST(InfluxLine, KeepsUtf8AndRefusesWhatIsNone) {
  EXPECT_EQ(only("caf\xc3\xa9,k\xc3\xa9=v\xc3\xa9 f=1").key.name(), "caf\xc3\xa9.f");
  for (const std::string_view line :
       {"m\xff f=1"sv, "m,t=\xc3 f=1"sv, "m f\0=1"sv, "m s=\"\xed\xa0\x80\",f=1"sv, "#\xff"sv}) {
    expect_rejected(line, Reject::BadUtf8);
  }
}

// 18
TEST(InfluxLine, HoldsEachLimitToTheByte) {
  const auto text = [](std::size_t bytes) { return std::string(bytes, 'x'); };
  EXPECT_EQ(only(text(253) + " f=1").key.name().size(), 255U);
  EXPECT_EQ(only(text(252) + "\\  f=1").key.name().size(), 255U) << "without its backslash";
  expect_rejected(text(254) + " f=1", Reject::NameTooLong);
  expect_rejected(text(256) + ",t=a f=1", Reject::NameTooLong);
  expect_rejected("m " + text(254) + "=1", Reject::NameTooLong);
  only("m," + text(128) + "=v f=1");
  only("m," + text(127) + "\\==v f=1");
  expect_rejected("m," + text(129) + "=v f=1", Reject::TagKeyTooLong);
  only("m,t=" + text(256) + " f=1");
  only("m,t=" + text(255) + "\\, f=1");
  expect_rejected("m,t=" + text(257) + " f=1", Reject::TagValueTooLong);
  std::string tags;
  for (int i = 0; i < 32; ++i)
    tags += ",k" + std::to_string(i) + "=v";
  only("m" + tags + " f=1");
  expect_rejected("m" + tags + ",k32=v f=1", Reject::TooManyTags);
}

TEST(InfluxLine, HoldsTheNumberOfFields) {
  std::string line = "m";
  for (std::size_t i = 0; i < InfluxLine::kFieldsMax; ++i)
    line += (i == 0 ? " f" : ",f") + std::to_string(i) + "=" + std::to_string(i);
  // Among others: the batch is not empty, and makes room.
  const std::string others = "a f=1\nb f=2,g=3\n";
  const Parsed parsed = parse_block(kCodec, others + line + ",s=\"\"\n" + others);
  ASSERT_EQ(parsed.samples.size(), InfluxLine::kFieldsMax + 6);
  for (std::size_t i = 0; i < InfluxLine::kFieldsMax; ++i) {
    ASSERT_EQ(parsed.samples[3 + i].key.name(), "m.f" + std::to_string(i));
    ASSERT_EQ(parsed.samples[3 + i].value, static_cast<double>(i));
  }
  EXPECT_EQ(parsed.samples[InfluxLine::kFieldsMax + 5].key.name(), "b.g");
  expect_rejected(line + ",g=1", Reject::TooManyFields);
}

TEST(InfluxLine, ATagThatRepeatsIsTheSeriesKeysToJudge) {
  std::uint32_t duplicates = 0;
  const Kept sample = only("m,a=1,a=2 f=1");
  EXPECT_EQ(sample.key.tag("a"), "2");
  const model::RawKey raw{sample.name, sample.tags, sample.style, sample.field};
  model::SeriesKey::from_raw(Kind::Gauge, raw, &duplicates);
  EXPECT_EQ(duplicates, 1U);
}

}  // namespace
}  // namespace ingest::codec
