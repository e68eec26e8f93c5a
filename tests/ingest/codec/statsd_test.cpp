#include "ingest/codec/statsd.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>

#include "tests/ingest/codec/expect_lines.h"

namespace ingest::codec {
namespace {

using model::GaugeChange;
using model::Kind;
using model::TagStyle;
// NOLINTNEXTLINE(misc-unused-using-decls): the literals below
using std::string_view_literals::operator""sv;

Kept only(std::string_view line, StatsdOptions options = {}) {
  return only_sample(Statsd{options}, line);
}

void expect_rejected(std::string_view line, Reject reason) {
  expect_reject(Statsd{}, line, reason, "good:1|c|#t:v");
}

/// Events that a sample stands for, rounded, by model::weight_of.
double events(const Kept& sample) {
  const auto weight = model::weight_of({sample.numerator, sample.denominator});
  return static_cast<double>(weight) / static_cast<double>(model::kWeightOne);
}

// acceptance/ingest.md 1-3
TEST(Statsd, KeepsTheRateAsADecimal) {
  const Kept counter = only("a:1|c|@0.1");
  EXPECT_EQ(counter.kind, Kind::Counter);
  EXPECT_EQ(counter.name, "a");
  EXPECT_EQ(counter.value, 1);
  EXPECT_EQ(events(counter), 10);
  const Kept seven = only("a:7|c|@0.07");
  EXPECT_EQ(seven.value * seven.denominator / seven.numerator, 100);
  const Kept timer = only("t:320|ms|@0.1");
  EXPECT_EQ(timer.kind, Kind::Timer);
  EXPECT_EQ(events(timer), 10);
  EXPECT_EQ(timer.value * events(timer), 3200);
}

// 4
TEST(Statsd, ThreeTimersAtThreeTenthsAreTenEvents) {
  const Kept timer = only("t:1|ms|@0.3");
  EXPECT_EQ(std::round(3 * events(timer)), 10);
}

// 5
TEST(Statsd, RefusesBadRates) {
  for (const char* line : {"a:1|c|@0", "a:1|c|@-1", "a:1|c|@1.5", "a:1|c|@nan", "a:1|c|@",
                           "a:1|c|@0.1x", "a:1|c|@ 0.1", "a:1|c|@1e9", "g:1|g|@0", "u:1|s|@2"}) {
    expect_rejected(line, Reject::BadRate);
  }
}

// 6
TEST(Statsd, KeepsTheRateOfEachLine) {
  const Parsed parsed = parse_statsd("t:1|ms|@0.5\nt:2|ms\nt:3|ms|@0.25");
  ASSERT_EQ(parsed.samples.size(), 3u);
  EXPECT_EQ(events(parsed.samples[0]), 2);
  EXPECT_EQ(events(parsed.samples[1]), 1);
  EXPECT_EQ(events(parsed.samples[2]), 4);
}

// 7
TEST(Statsd, ASignedGaugeIsAChange) {
  EXPECT_EQ(only("g:333|g").change, GaugeChange::Set);
  EXPECT_EQ(only("g:-10|g").change, GaugeChange::Add);
  EXPECT_EQ(only("g:-10|g").value, -10);
  EXPECT_EQ(only("g:+4|g").change, GaugeChange::Add);
  EXPECT_EQ(only("g:+4|g").value, 4);
}

TEST(Statsd, ASignedGaugeIsAValueWhenConfigured) {
  const StatsdOptions absolute{.signed_gauge = SignedGauge::Absolute};
  EXPECT_EQ(only("g:-5|g", absolute).change, GaugeChange::Set);
  EXPECT_EQ(only("g:-5|g", absolute).value, -5);
  EXPECT_EQ(only("g:+5|g", absolute).change, GaugeChange::Set);
}

TEST(Statsd, OnlyGaugesChange) {
  EXPECT_EQ(only("a:-10|c").change, GaugeChange::Set);
  EXPECT_EQ(only("a:-10|c").value, -10);
  EXPECT_EQ(only("t:+10|ms").value, 10);
}

// 8
TEST(Statsd, MinusZeroIsZero) {
  const Kept gauge = only("g:-0|g");
  EXPECT_EQ(gauge.change, GaugeChange::Add);
  EXPECT_FALSE(std::signbit(gauge.value));
}

TEST(Statsd, NotesARateThatMeansNothing) {
  const Parsed gauge = parse_statsd("g:+5|g|@0.1");
  ASSERT_EQ(gauge.samples.size(), 1u);
  EXPECT_EQ(gauge.samples[0].value, 5);
  EXPECT_EQ(events(gauge.samples[0]), 1);
  EXPECT_EQ(gauge.ledger.notes.rate_ignored, 1u);
  EXPECT_EQ(parse_statsd("u:x|s|@0.5").ledger.notes.rate_ignored, 1u);
  EXPECT_EQ(parse_statsd("g:5|g|@1").ledger.notes.rate_ignored, 0u);
  EXPECT_EQ(parse_statsd("a:5|c|@0.5").ledger.notes.rate_ignored, 0u);
}

// 9
TEST(Statsd, RefusesValuesThatAreNotFinite) {
  for (const char* line :
       {"a:nan|g", "a:inf|c", "a:-inf|ms", "a:1e999|g", "a:+Infinity|h", "a:1:nan|ms"}) {
    expect_rejected(line, Reject::NotFinite);
  }
  EXPECT_EQ(only("a:1e3|c").value, 1000);
}

TEST(Statsd, RefusesValuesThatAreNoNumbers) {
  for (const char* line : {"a:0x10|c", "a:1_000|c", "a: 1|c", "a:1 |c", "a:one|g", "a:1:x:3|c",
                           "a:1,5|ms", "a:+-1|g", "a:--1|g", "a:-|g", "a:+|g", "a:.|c"}) {
    expect_rejected(line, Reject::BadValue);
  }
}

// 10
TEST(Statsd, TakesManyValuesOfOneLine) {
  const Parsed counters = parse_statsd("a:1:2:3|c|@0.5");
  ASSERT_EQ(counters.samples.size(), 3u);
  EXPECT_EQ(counters.ledger.accepted, 1u);
  EXPECT_EQ(counters.ledger.samples, 3u);
  double total = 0;
  for (const Kept& sample : counters.samples)
    total += sample.value * events(sample);
  EXPECT_EQ(total, 12);
  EXPECT_EQ(parse_statsd("a:1::2|ms").samples.size(), 2u);
  EXPECT_EQ(parse_statsd("a:1:|ms").samples.size(), 1u);
  expect_rejected("a::|ms", Reject::EmptyValue);
  EXPECT_EQ(only("u:1:2|s").member, "1:2");
}

TEST(Statsd, GivesAllValuesOfALineOrNone) {
  std::string line = "a:1";
  for (int i = 0; i < 1'000; ++i)
    line += ":1";
  Collected sink;
  LineLedger ledger;
  Statsd{}.parse(line + "|c\n" + line + ":x|c", ledger, sink);
  EXPECT_EQ(sink.samples.size(), 1'001u);
  EXPECT_EQ(ledger.samples, 1'001u);
  EXPECT_EQ(ledger.rejected_for(Reject::BadValue), 1u);
}

TEST(Statsd, EachGaugeOfManyHasItsOwnSign) {
  const Parsed parsed = parse_statsd("g:1:+2:-3|g");
  ASSERT_EQ(parsed.samples.size(), 3u);
  EXPECT_EQ(parsed.samples[0].change, GaugeChange::Set);
  EXPECT_EQ(parsed.samples[1].change, GaugeChange::Add);
  EXPECT_EQ(parsed.samples[2].value, -3);
}

// 11
TEST(Statsd, GivesEachMalformedLineItsOwnReason) {
  expect_rejected("a:|c", Reject::EmptyValue);
  expect_rejected(":1|c", Reject::EmptyName);
  expect_rejected("a:1", Reject::MissingKind);
  expect_rejected("a:1|", Reject::EmptyKind);
  expect_rejected("a:1|q", Reject::UnknownKind);
  expect_rejected("a|c", Reject::MissingValue);
}

TEST(Statsd, RefusesOtherMalformedLines) {
  struct Case {
    std::string_view line;
    Reject reason;
  };
  for (const auto& [line, reason] : {
           Case{"BAD", Reject::MissingValue},
           Case{"|", Reject::MissingValue},
           Case{"a", Reject::MissingValue},
           Case{"a|c:1", Reject::MissingValue},
           Case{":", Reject::EmptyName},
           Case{"::", Reject::EmptyName},
           Case{",k=v:1|c", Reject::EmptyName},
           Case{"#k=v:1|c", Reject::EmptyName},
           Case{"[k=v]:1|c", Reject::EmptyName},
           Case{"a:", Reject::MissingKind},
           Case{"u:|s", Reject::EmptyValue},
           Case{"a:1||#k:v", Reject::EmptyKind},
           Case{"a:1|C", Reject::UnknownKind},
           Case{"a:1|m", Reject::UnknownKind},
           Case{"a:1|cc", Reject::UnknownKind},
           Case{"a:1|c ", Reject::UnknownKind},
           Case{"a:1| c", Reject::UnknownKind},
           Case{"a:1|#k:v", Reject::UnknownKind},
           Case{"a:1|@0.1", Reject::UnknownKind},
           Case{"a:1|c|T", Reject::BadTime},
           Case{"a:1|c|T-5", Reject::BadTime},
           Case{"a:1|c|Tnow", Reject::BadTime},
           Case{"a:1|c|T1e9", Reject::BadTime},
           Case{"a:1|c|T99999999999999", Reject::BadTime},
           Case{"a:1|c|@0.1|@0.1", Reject::RepeatedField},
           Case{"a:1|c|#a:1|#b:2", Reject::RepeatedField},
           Case{"a:1|c|T1700000000|T1700000000", Reject::RepeatedField},
           Case{"a,k=v:1|c|#k:v", Reject::MixedTags},
           Case{"a[k=v:1|c", Reject::BadTags},
           Case{"a[k=v]x:1|c", Reject::BadTags},
           Case{"a[k=v]", Reject::MissingValue},
           Case{"a[k=v]|c", Reject::MissingValue},
           Case{"a,k=v", Reject::MissingValue},
           Case{"a,k=v|c", Reject::MissingValue},
           Case{"a:1|c|#:v", Reject::EmptyTagKey},
           Case{"a:1|c|#a:1,:v", Reject::EmptyTagKey},
           Case{"a,=v:1|c", Reject::EmptyTagKey},
       }) {
    expect_rejected(line, reason);
  }
}

// 12
TEST(Statsd, KnowsTheKinds) {
  const std::map<std::string, Kind> kinds{{"c", Kind::Counter}, {"g", Kind::Gauge},
                                          {"ms", Kind::Timer},  {"h", Kind::Timer},
                                          {"d", Kind::Timer},   {"s", Kind::Set}};
  for (const auto& [letter, kind] : kinds) {
    EXPECT_EQ(only("a:5|" + letter).kind, kind) << letter;
  }
}

TEST(Statsd, CountsEventsAndServiceChecksAsAnnotations) {
  for (const char* line :
       {"_e{5,4}:title|text", "_e{5,4}:title|text|d:1700000000|#a:b", "_e{1,0}:t|",
        "_e{3,10}:a|b|two\\nlines", "_sc|db.up|0", "_sc|db.up|3|d:1|h:x|#a:b|m:slow"}) {
    const Parsed parsed = parse_statsd(line);
    EXPECT_EQ(parsed.ledger.ignored.annotation, 1u) << line;
    EXPECT_TRUE(parsed.samples.empty()) << line;
    EXPECT_TRUE(parsed.ledger.adds_up()) << line;
  }
  EXPECT_EQ(only("_e:1|c").name, "_e");
  EXPECT_EQ(only("_sc:1|c").name, "_sc");
}

TEST(Statsd, GivesAnnotationsToTheSink) {
  using Of = model::Annotation::Of;
  using Level = model::Annotation::Level;
  const std::string block =
      "_e{5,10}:ti|le|two\\nlines|d:1700000000|h:web|k:deploy|p:low|s:git|t:error|#a:b,c\n"
      "_sc|db.up|2|d:1700000001|h:db|#env:prod|m:no|answer\n_e{1,0}:t|\n_sc|db.up|0\na:1|c\n";
  const Parsed parsed = parse_block(Statsd{}, block);
  const std::vector<Noted> expected{
      {Of::Event, Level::Error, "ti|le", "two\\nlines", "web", "a:b,c", 1'700'000'000'000,
       model::Annotation::Priority::Low, "deploy", "git"},
      {Of::Check, Level::Error, "db.up", "no|answer", "db", "env:prod", 1'700'000'001'000},
      {Of::Event, Level::Info, "t", "", "", "", -1},
      {Of::Check, Level::Success, "db.up", "", "", "", -1}};
  EXPECT_EQ(parsed.notes, expected);
  EXPECT_EQ(parsed.ledger.ignored.annotation, 4u);
  EXPECT_EQ(parsed.ledger.accepted, 1u);
  EXPECT_EQ(parsed.ledger.notes.unknown_field, 0u);
  EXPECT_EQ(parse_block(Statsd{}, "_sc|db|3|t:error|zz").ledger.notes.unknown_field, 2u);
  expect_any_split(Statsd{}, block);
}

TEST(Statsd, RefusesMalformedAnnotations) {
  expect_rejected("_e{1,1}:a|b|#:v", Reject::EmptyTagKey);
  expect_rejected("_sc|db|0|#k:" + std::string(257, 'x'), Reject::TagValueTooLong);
  for (const char* line : {"_e{1,1}:a|b|d:now",
                           "_e{1,1}:a|b|d:-1",
                           "_e{1,1}:a|b|t:fatal",
                           "_e{1,1}:a|b|p:high",
                           "_sc|db|0|d:",
                           "_e{",
                           "_e{5,4}",
                           "_e{5,4}title|text",
                           "_e{5,4}:title",
                           "_e{5,4}:title|tex",
                           "_e{5,4}:title|textx",
                           "_e{x,4}:title|text",
                           "_e{5}:title|text",
                           "_e{0,4}:|text",
                           "_e{,}:a|b",
                           "_e{99999999999999999999999,1}:a|b",
                           "_e{1,99999999}:a|b",
                           "_e{4,4}:title|text",
                           "_sc|",
                           "_sc|db",
                           "_sc|db|",
                           "_sc|db|4",
                           "_sc|db|00",
                           "_sc||0",
                           "_sc|db|x"}) {
    expect_rejected(line, Reject::BadAnnotation);
  }
}

// 13
TEST(Statsd, TakesFieldsInAnyOrder) {
  std::vector<std::string> fields{"@0.5", "#a:1,b:2", "T1700000000", "c:83c0a99c0a54"};
  std::sort(fields.begin(), fields.end());
  do {
    std::string line = "a:1|c";
    for (const std::string& field : fields)
      line += '|' + field;
    const Kept sample = only(line);
    EXPECT_EQ(sample.tags, "a:1,b:2") << line;
    EXPECT_EQ(sample.numerator, 5u) << line;
    EXPECT_EQ(sample.denominator, 10u) << line;
    EXPECT_EQ(sample.time_ms, 1'700'000'000'000) << line;
  } while (std::next_permutation(fields.begin(), fields.end()));
}

TEST(Statsd, NotesUnknownFields) {
  const Parsed parsed = parse_statsd("a:1|c|zz:9|#k:v|card:low");
  ASSERT_EQ(parsed.samples.size(), 1u);
  EXPECT_EQ(parsed.samples[0].tags, "k:v");
  EXPECT_EQ(parsed.ledger.notes.unknown_field, 2u);
  EXPECT_EQ(parse_statsd("a:1|c|zz:9|@0").ledger.notes.unknown_field, 0u);
  EXPECT_EQ(parse_statsd("a:1|c|c:id").ledger.notes.unknown_field, 0u);
}

// 14, 15: the order and the duplicates are the series key's
TEST(Statsd, LeavesTagsAsTheyStand) {
  EXPECT_EQ(only("a:1|c|#b:2,a:1").tags, "b:2,a:1");
  EXPECT_EQ(only("a:1|c|#a:1,a:2").tags, "a:1,a:2");
  EXPECT_EQ(only("a:1|c|#tag").tags, "tag");
  EXPECT_EQ(only("a:1|c|#").tags, "");
  EXPECT_EQ(only("a:1|c|#,,").tags, ",,");
  EXPECT_EQ(only("a:1|c|#url:http://x:80/").tags, "url:http://x:80/");
}

// 16
TEST(Statsd, ReadsFourTagStyles) {
  struct Case {
    std::string_view line;
    std::string_view tags;
    TagStyle style;
  };
  for (const auto& [line, tags, style] : {
           Case{"name:1|c|#k:v,l:w", "k:v,l:w", TagStyle::Colon},
           Case{"name,k=v,l=w:1|c", "k=v,l=w", TagStyle::Equals},
           Case{"name#k=v,l=w:1|c", "k=v,l=w", TagStyle::Equals},
           Case{"name[k=v,l=w]:1|c", "k=v,l=w", TagStyle::Equals},
           Case{"name[u=http://x:80]:1|c|@1", "u=http://x:80", TagStyle::Equals},
           Case{"name[]:1|c", "", TagStyle::Equals},
           Case{"name:1|c", "", TagStyle::Colon},
       }) {
    const Kept sample = only(line);
    EXPECT_EQ(sample.name, "name") << line;
    EXPECT_EQ(sample.tags, tags) << line;
    EXPECT_EQ(sample.style, style) << line;
    EXPECT_EQ(sample.value, 1) << line;
  }
}

// 17
TEST(Statsd, KeepsUtf8ByteForByte) {
  const Kept nfc = only("caf\xc3\xa9:1|c|#k\xc3\xa9:v\xc3\xa9");
  const Kept nfd = only("cafe\xcc\x81:1|c");
  EXPECT_EQ(nfc.name, "caf\xc3\xa9");
  EXPECT_EQ(nfc.tags, "k\xc3\xa9:v\xc3\xa9");
  EXPECT_NE(nfc.name, nfd.name);
  EXPECT_EQ(only("u:\xf0\x9f\x98\x80|s").member, "\xf0\x9f\x98\x80");
}

TEST(Statsd, RefusesWhatIsNotUtf8) {
  for (const std::string_view line :
       {"a\xff:1|c"sv, "a\0b:1|c"sv, "a:1|c|#k:\xc3"sv, "a:1|c|#\xed\xa0\x80:v"sv, "u:\xf8|s"sv,
        "\0"sv, "a:1|c|c:\xff"sv, "_sc|\xff|0"sv, "a:1\0|c"sv}) {
    expect_rejected(line, Reject::BadUtf8);
  }
}

// 18
TEST(Statsd, HoldsEachLimitToTheByte) {
  const auto text = [](std::size_t bytes) { return std::string(bytes, 'x'); };
  EXPECT_EQ(only(text(255) + ":1|c").name.size(), 255u);
  expect_rejected(text(256) + ":1|c", Reject::NameTooLong);
  expect_rejected(text(256) + ",k=v:1|c", Reject::NameTooLong);
  only("a:1|c|#" + text(128) + ":v");
  expect_rejected("a:1|c|#" + text(129) + ":v", Reject::TagKeyTooLong);
  expect_rejected("a:1|c|#" + text(129), Reject::TagKeyTooLong);
  only("a:1|c|#k:" + text(256));
  expect_rejected("a:1|c|#k:" + text(257), Reject::TagValueTooLong);
  expect_rejected("a,k=" + text(257) + ":1|c", Reject::TagValueTooLong);
  std::string tags = "k0:v";
  for (int i = 1; i < 32; ++i)
    tags += ",k" + std::to_string(i) + ":v";
  only("a:1|c|#" + tags);
  only("a:1|c|#,," + tags + ",");
  expect_rejected("a:1|c|#" + tags + ",k32:v", Reject::TooManyTags);
  const std::string member = text(kLineBytesMax - 4);
  EXPECT_EQ(only("u:" + member + "|s").member, member);
  expect_rejected("u:x" + member + "|s", Reject::LineTooLong);
}

// 19
TEST(Statsd, OneBadLineLeavesItsNeighbours) {
  const Parsed parsed = parse_statsd("a:1|c\nBAD\nb:2|c");
  ASSERT_EQ(parsed.samples.size(), 2u);
  EXPECT_EQ(parsed.samples[0].name, "a");
  EXPECT_EQ(parsed.samples[1].name, "b");
  EXPECT_EQ(parsed.ledger.rejected_total(), 1u);
}

TEST(Statsd, LineEndsMakeNoDifference) {
  const std::vector<Kept> expected = parse_statsd("a:1|c\nb:2|ms|#k:v").samples;
  for (const char* block : {"a:1|c\nb:2|ms|#k:v\n", "a:1|c\r\nb:2|ms|#k:v\r\n",
                            "a:1|c\r\nb:2|ms|#k:v\r", "\n\na:1|c\n\r\n\nb:2|ms|#k:v\n\n"}) {
    const Parsed parsed = parse_statsd(block);
    EXPECT_EQ(parsed.samples, expected) << block;
    EXPECT_EQ(parsed.ledger.accepted, 2u) << block;
    EXPECT_EQ(parsed.ledger.rejected_total(), 0u) << block;
    EXPECT_TRUE(parsed.ledger.adds_up()) << block;
  }
  EXPECT_EQ(parse_statsd("\n\na:1|c\n\r\n\n").ledger.ignored.blank, 4u);
}

// 20
TEST(Statsd, AnEmptyDatagramIsHarmless) {
  const Parsed parsed = parse_statsd("");
  EXPECT_EQ(parsed.ledger.received, 0u);
  EXPECT_TRUE(parsed.samples.empty());
}

TEST(Statsd, GivesFullBatchesInOrder) {
  std::string block;
  for (int i = 0; i < 1'000; ++i)
    block += "a:" + std::to_string(i) + "|c\n";
  Collected sink;
  LineLedger ledger;
  Statsd{}.parse(block, ledger, sink);
  ASSERT_EQ(sink.samples.size(), 1'000u);
  EXPECT_EQ(sink.largest, model::SampleSink::kBatchMax);
  EXPECT_EQ(sink.calls, 1'000 / model::SampleSink::kBatchMax + 1);
  for (int i = 0; i < 1'000; ++i)
    EXPECT_EQ(sink.samples[static_cast<std::size_t>(i)].value, i);
}

TEST(LineLedger, NamesEveryReasonOnce) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kRejects; ++i)
    names.insert(reject_name(static_cast<Reject>(i)));
  EXPECT_EQ(names.size(), kRejects);
  EXPECT_EQ(names.count(""), 0u);
  EXPECT_EQ(names.count("other"), 0u);
}

}  // namespace
}  // namespace ingest::codec
