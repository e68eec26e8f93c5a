#include "ingest/codec/line_writer.h"

#include <gtest/gtest.h>

#include <random>

#include "ingest/codec/line_ledger.h"
#include "ingest/codec/number.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/model/series_key.h"

namespace ingest::codec {
namespace {

using model::Kind;

/// What a codec made of a line, kept.
struct Read {
  model::SeriesKey key;
  Kind kind{};
  model::GaugeChange change{};
  double value = 0;
  std::string member;
  model::Rate rate;
  std::optional<WallTime> time;
};

class Keeping final : public model::SampleSink {
 public:
  void take(std::span<const model::Sample> batch) override {
    for (const model::Sample& sample : batch)
      read.push_back({model::SeriesKey::from_raw(sample.kind, sample.key), sample.kind,
                      sample.change, sample.value, std::string{sample.member}, sample.rate,
                      sample.time});
  }
  std::vector<Read> read;
};

std::vector<Read> read_back(Format format, const std::string& line) {
  Keeping sink;
  SampleBatch batch{sink};
  LineLedger ledger;
  make_codec(format)->parse(line, ledger, batch);
  batch.flush();
  EXPECT_EQ(ledger.received, 1u) << line;
  EXPECT_EQ(ledger.accepted, 1u) << line;
  return sink.read;
}

std::string written(Format format, const Reading& reading) {
  std::string line;
  const auto wrote = write_line(format, reading, line);
  return wrote ? line : "fault: " + wrote.error();
}

Reading reading(Kind kind, std::string name, std::string value) {
  Reading made;
  made.kind = kind;
  made.name = std::move(name);
  made.value = std::move(value);
  return made;
}

TEST(LineWriter, WritesWhatEachFormatLooksLike) {
  Reading timer = reading(Kind::Timer, "checkout.latency", "12.5");
  timer.tags = {{"route", "/pay"}, {"canary", ""}};
  timer.rate = "0.1";
  timer.time = wall_from_ms(1'700'000'000'000);
  EXPECT_EQ(written(Format::Statsd, timer),
            "checkout.latency:12.5|ms|@0.1|#route:/pay,canary|T1700000000\n");
  EXPECT_EQ(
      written(Format::Json, timer),
      "{\"name\":\"checkout.latency\",\"kind\":\"timer\",\"value\":12.5,\"tags\":{\"route\":\"/"
      "pay\",\"canary\":\"\"},\"rate\":0.1,\"ts\":1700000000000}\n");
  Reading gauge = reading(Kind::Gauge, "room.temp", "-21.5");
  gauge.tags = {{"floor", "2 b"}};
  EXPECT_EQ(written(Format::Influx, gauge), "room,floor=2\\ b temp=-21.5\n");
  gauge.tags = {{"floor", "2"}};
  EXPECT_EQ(written(Format::Graphite, gauge), "room.temp;floor=2 -21.5 -1\n");
}

TEST(LineWriter, CallsASeriesInInfluxAsItWasNamed) {
  EXPECT_EQ(written(Format::Influx, reading(Kind::Gauge, "a.b.c", "1")), "a.b c=1\n");
  EXPECT_EQ(written(Format::Influx, reading(Kind::Gauge, "temp", "1")), "temp value=1\n");
  EXPECT_EQ(read_back(Format::Influx, "a.b c=1\n").front().key.name(), "a.b.c");
}

TEST(LineWriter, WritesNumbersDigitForDigitInAFormThatAllRead) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"+5", "5"},    {"007", "7"},     {".5", "0.5"},
      {"5.", "5"},    {"-.5", "-0.5"},  {"0", "0"},
      {"00", "0"},    {"1e3", "1e3"},   {"+1.50E-3", "1.50E-3"},
      {"0.1", "0.1"}, {"-0.0", "-0.0"}, {"9007199254740993", "9007199254740993"}};
  for (const auto& [typed, digits] : cases) {
    EXPECT_EQ(written(Format::Graphite, reading(Kind::Gauge, "a", typed)), "a " + digits + " -1\n");
    const auto back =
        read_back(Format::Json, written(Format::Json, reading(Kind::Gauge, "a", typed)));
    ASSERT_EQ(back.size(), 1u);
    EXPECT_EQ(back.front().value, parse_number(typed).value) << typed;
  }
}

TEST(LineWriter, AGaugeOfStatsdIsSetOrChangedAndNeverTheOther) {
  Reading gauge = reading(Kind::Gauge, "g", "+4");
  EXPECT_EQ(written(Format::Statsd, gauge), "g:4|g\n");
  gauge.change = model::GaugeChange::Add;
  EXPECT_EQ(written(Format::Statsd, gauge), "g:+4|g\n");
  gauge.value = "-4";
  EXPECT_EQ(written(Format::Statsd, gauge), "g:-4|g\n");
  gauge.change = model::GaugeChange::Set;
  EXPECT_EQ(written(Format::Statsd, gauge).substr(0, 6), "fault:");
}

struct Refused {
  Format format;
  Reading reading;
  std::string names;  // what the sentence must name
};

TEST(LineWriter, NamesWhatAFormatCannotSay) {
  Reading tagged = reading(Kind::Counter, "a", "1");
  tagged.tags = {{"k", "x|y"}};
  Reading empty = reading(Kind::Gauge, "a", "1");
  empty.tags = {{"k", ""}};
  Reading keyless = empty;
  keyless.tags = {{"", "v"}};
  Reading rated = reading(Kind::Gauge, "a", "1");
  rated.rate = "0.5";
  Reading bad_rate = reading(Kind::Counter, "a", "1");
  bad_rate.rate = "2";
  Reading early = reading(Kind::Gauge, "a", "1");
  early.time = wall_from_ms(5);
  Reading slashed = reading(Kind::Gauge, "a", "1");
  slashed.tags = {{"k", "v\\"}};
  const std::vector<Refused> cases{
      {Format::Statsd, tagged, "the value of tag k \"x|y\" cannot be written in StatsD: \"|\""},
      {Format::Statsd, reading(Kind::Counter, "a:b", "1"), "the name \"a:b\""},
      {Format::Statsd, reading(Kind::Counter, "_e{a", "1"), "events"},
      {Format::Statsd, reading(Kind::Set, "u", "a|b"), "the member \"a|b\""},
      {Format::Statsd, reading(Kind::Set, "u", "a\nb"), "a line end"},
      {Format::Statsd, reading(Kind::Set, "u", ""), "a set needs a member"},
      {Format::Graphite, reading(Kind::Set, "u", "a"), "Graphite knows gauges alone, not a set"},
      {Format::Graphite, reading(Kind::Counter, "u", "1"), "gauges alone, not a counter"},
      {Format::Graphite, reading(Kind::Gauge, "a b", "1"), "a blank"},
      {Format::Graphite, empty, "may not be empty"},
      {Format::Influx, reading(Kind::Timer, "u", "1"), "not a timer"},
      {Format::Influx, empty, "may not be empty"},
      {Format::Influx, early, "before 1973"},
      {Format::Influx, slashed, "a backslash at its end"},
      {Format::Influx, reading(Kind::Gauge, "a.", "1"), "the field"},
      {Format::Influx, reading(Kind::Gauge, "#a", "1"), "comments"},
      {Format::Json, early, "before 1973"},
      {Format::Json, reading(Kind::Counter, "a", "twelve"), "\"twelve\" is no number"},
      {Format::Json, reading(Kind::Counter, "a", "1e999"), "no finite number"},
      {Format::Json, reading(Kind::Counter, "a", ""), "is no number"},
      {Format::Json, reading(Kind::Counter, "", "1"), "a name is missing"},
      {Format::Json, reading(Kind::Counter, "\xff", "1"), "is no UTF-8"},
      {Format::Json, reading(Kind::Counter, std::string(256, 'a'), "1"), "longer than 255"},
      {Format::Json, keyless, "a tag needs a key"},
      {Format::Statsd, rated, "not for a gauge"},
      {Format::Statsd, bad_rate, "the rate \"2\""},
  };
  for (const Refused& bad : cases) {
    std::string out = "before";
    const auto wrote = write_line(bad.format, bad.reading, out);
    ASSERT_FALSE(wrote) << bad.names << " was written: " << out;
    EXPECT_NE(wrote.error().find(bad.names), std::string::npos) << wrote.error();
    EXPECT_EQ(out, "before");
  }
}

/// Readings made of the bytes that formats trip over.
class Readings {
 public:
  Reading next() {
    Reading made;
    made.kind = static_cast<Kind>(random_() % 4);
    if (made.kind == Kind::Gauge && random_() % 4 == 0) made.change = model::GaugeChange::Add;
    made.name = text(12);
    for (std::size_t tags = random_() % 4; tags > 0; --tags)
      made.tags.push_back({text(6) + std::to_string(tags), random_() % 8 == 0 ? "" : text(8)});
    made.value = made.kind == Kind::Set ? text(10) : number();
    if (random_() % 4 == 0) made.rate = "0." + std::to_string(1 + random_() % 999);
    if (random_() % 3 == 0)
      made.time =
          wall_from_ms(1'600'000'000'000 + static_cast<std::int64_t>(random_() % 100'000'000));
    return made;
  }

 private:
  std::string text(std::size_t bytes_max) {
    static const std::vector<std::string> kPieces{
        "a", "b", "Z", "0", ".", "_", "-", "/", "é", "日", "~", "%",  "{",  "}",  "(", "@",
        "T", "c", ",", "=", " ", ";", ":", "|", "#", "[",  "]", "\\", "\"", "\t", "'", "\x01"};
    // Most texts are harmless, so that most readings can be written.
    const std::size_t among = random_() % 3 == 0 ? kPieces.size() : 18;
    std::string made;
    for (std::size_t count = 1 + random_() % bytes_max; count > 0; --count)
      made += kPieces[random_() % among];
    return made;
  }
  std::string number() {
    std::string made = random_() % 4 == 0 ? "-" : "";
    made += std::to_string(random_() % 1'000'000);
    if (random_() % 2 == 0) made += "." + std::to_string(random_() % 10'000);
    if (random_() % 8 == 0) made += "e" + std::to_string(static_cast<int>(random_() % 20) - 10);
    return made;
  }

  std::mt19937_64 random_{20};
};

void expect_same(Format format, const Reading& wanted, const Read& read) {
  std::vector<model::TagView> tags;
  for (const Reading::Tag& tag : wanted.tags)
    tags.push_back({tag.key, tag.value});
  std::string name = wanted.name;
  if (format == Format::Influx && name.find('.') == std::string::npos) name += ".value";
  EXPECT_EQ(read.key, (model::SeriesKey{wanted.kind, name, tags}));
  EXPECT_EQ(read.kind, wanted.kind);
  EXPECT_EQ(read.change, wanted.change);
  EXPECT_EQ(read.time, wanted.time);
  if (wanted.kind == Kind::Set) {
    EXPECT_EQ(read.member, wanted.value);
  } else {
    EXPECT_EQ(read.value, parse_number(wanted.value).value);
  }
  const model::Rate rate = wanted.rate.empty() ? model::Rate{} : *parse_rate(wanted.rate);
  EXPECT_EQ(model::weight_of(read.rate), model::weight_of(rate));
}

TEST(LineWriter, WritesJustWhatOurCodecsReadBack) {
  for (const Format format : kFormats) {
    Readings readings;
    int lines = 0;
    for (int i = 0; i < 20'000; ++i) {
      const Reading wanted = readings.next();
      std::string line;
      if (!write_line(format, wanted, line)) continue;
      ++lines;
      const auto read = read_back(format, line);
      ASSERT_EQ(read.size(), 1u) << line;
      expect_same(format, wanted, read.front());
      ASSERT_FALSE(::testing::Test::HasFailure()) << format_name(format) << ": " << line;
    }
    EXPECT_GT(lines, 500) << format_name(format);
  }
}

TEST(Format, IsFoundByItsName) {
  for (const Format format : kFormats) {
    EXPECT_EQ(format_of(format_name(format)), format);
    EXPECT_EQ(make_codec(format)->format(), format_name(format));
    EXPECT_EQ(make_codec(format)->line_rule(), line_rule_of(format));
  }
  EXPECT_FALSE(format_of("stats"));
}

}  // namespace
}  // namespace ingest::codec
