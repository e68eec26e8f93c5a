#include "ingest/codec/json_lines.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/ingest/codec/expect_lines.h"

namespace ingest::codec {
namespace {

using model::Kind;
// NOLINTNEXTLINE(misc-unused-using-decls): the literals below
using std::string_view_literals::operator""sv;

Kept only(std::string_view line) {
  return only_sample(JsonLines{}, line);
}

void expect_rejected(std::string_view line, Reject reason) {
  expect_reject(JsonLines{}, line, reason, R"({"name":"good","value":1,"tags":{"t":"\u0061"}})");
}

/// `text` with each ' as ".
std::string json(std::string_view text) {
  std::string quoted{text};
  std::replace(quoted.begin(), quoted.end(), '\'', '"');
  return quoted;
}

// acceptance/ingest.md 33
TEST(JsonLines, ReadsEveryField) {
  const Kept sample =
      only(R"({"name":"x","kind":"timer","value":12.5,"tags":{"route":"/a","host":"b"},)"
           R"("ts":1700000000123,"rate":0.5})");
  EXPECT_EQ(sample.kind, Kind::Timer);
  EXPECT_EQ(sample.key.name(), "x");
  EXPECT_EQ(sample.key.tag("route"), "/a");
  EXPECT_EQ(sample.key.tag("host"), "b");
  EXPECT_EQ(sample.key.tags().size(), 2U);
  EXPECT_EQ(sample.value, 12.5);
  EXPECT_EQ(sample.time_ms, 1'700'000'000'123);
  EXPECT_EQ(sample.numerator * 2, sample.denominator);
}

TEST(JsonLines, TheKindIsAGaugeUnlessItSaysSo) {
  const Kept plain = only(R"({"name":"x","value":-3})");
  EXPECT_EQ(plain.kind, Kind::Gauge);
  EXPECT_EQ(plain.change, model::GaugeChange::Set) << "a sign is no change";
  EXPECT_EQ(plain.value, -3);
  EXPECT_EQ(plain.time_ms, -1) << "the arrival time";
  EXPECT_EQ(only(json("{'name':'x','value':1,'kind':'counter'}")).kind, Kind::Counter);
  EXPECT_EQ(only(json("{'name':'x','value':1,'kind':'gauge'}")).kind, Kind::Gauge);
  EXPECT_EQ(only(json("{'name':'x','value':1,'kind':'histogram'}")).kind, Kind::Timer);
  EXPECT_EQ(only(json("{'name':'x','value':1,'kind':'distribution'}")).kind, Kind::Timer);
  EXPECT_EQ(only(json("{'kind':'set','name':'x','value':'u-1'}")).member, "u-1");
}

TEST(JsonLines, TakesManyValues) {
  const Parsed timers =
      accepted(JsonLines{}, json("{'name':'x','kind':'timer','values':[1, 2.5,-3e2]}"));
  ASSERT_EQ(timers.samples.size(), 3U);
  EXPECT_EQ(timers.samples[1].value, 2.5);
  EXPECT_EQ(timers.samples[2].value, -300);
  const Parsed members =
      accepted(JsonLines{}, json("{'name':'x','values':['a','b\\n'],'kind':'set'}"));
  ASSERT_EQ(members.samples.size(), 2U);
  EXPECT_EQ(members.samples[1].member, "b\n");
}

TEST(JsonLines, IgnoresAndCountsUnknownFields) {
  for (const char* other : {"1", "-1.5e-3", "true", "false", "null", "'text\\u0041'", "[]", "{}",
                            "[1,'a',[null]]", "{'a':{'b':[{}]},'name':5}"}) {
    for (const char* line :
         {"{'zz':%,'name':'x','value':1}", "{'name':'x','value':1, 'zz' : % }"}) {
      std::string text{line};
      text.replace(text.find('%'), 1, other);
      const Parsed parsed = accepted(JsonLines{}, json(text));
      EXPECT_EQ(parsed.samples.size(), 1U) << text;
      EXPECT_EQ(parsed.ledger.notes.unknown_field, 1U) << text;
    }
  }
  EXPECT_EQ(parse_block(JsonLines{}, json("{'zz':1,'value':1}")).ledger.notes.unknown_field, 0U);
}

TEST(JsonLines, RefusesWhatIsNoJsonObject) {
  for (const char* line : {"{",
                           "}",
                           "{}x",
                           "x",
                           "BAD",
                           "5",
                           "'x'",
                           "null",
                           "[]",
                           "[{'name':'x','value':1}]",
                           "{'name':'x','value':1",
                           "{'name':'x','value':1}}",
                           "{'name':'x','value':1},",
                           "{'name':'x','value':1} {'name':'y','value':1}",
                           "{'name':'x','value':1,}",
                           "{,'name':'x','value':1}",
                           "{'name':'x' 'value':1}",
                           "{'name':'x';'value':1}",
                           "{'name' 'x','value':1}",
                           "{'name','x','value':1}",
                           "{name:'x','value':1}",
                           "{'name':x,'value':1}",
                           "{'name':'x','value':01}",
                           "{'name':'x','value':-}",
                           "{'name':'x','value':.5}",
                           "{'name':'x','value':1.}",
                           "{'name':'x','value':+1}",
                           "{'name':'x','value':0x10}",
                           "{'name':'x','value':1_000}",
                           "{'name':'x','value':1e}",
                           "{'name':'x','value':1 2}",
                           "{'name':'x','value':tru}",
                           "{'name':'x\\q','value':1}",
                           "{'name':'x\ty','value':1}",
                           "{'name':'\\ud800','value':1}",
                           "{'name':'x,'value':1}",
                           "{'name':'x','values':[1,],'kind':'timer'}",
                           "{'name':'x','values':[1 2]}",
                           "{'name':'x','values':[1}",
                           "{'name':'x','values':[1]]}",
                           "{'name':'x','value':1,'zz':tru}",
                           "{'name':'x','value':1,'zz':[}",
                           "{'name':'x','value':1,'zz':[01]}",
                           "{'name':'x','value':1,'zz':{'a':nul}}",
                           "{'name':'x','value':1,'zz':{'a'}}",
                           "{'name':'x','value':1,'zz':'\\x'}",
                           "{'name':'x','value':1,'zz':1.}",
                           "{'name':'x','value':1,'tags':{'a':'b',}}",
                           "{'name':'x','value':1,'tags':{'a'}}",
                           "{'name':'x','value':1,'ts':01}",
                           "{'name':'x','value':nan}",
                           "{'name':'x','value':NaN}"}) {
    const std::string text = json(line);
    const Parsed parsed = parse_block(JsonLines{}, text);
    const auto& ledger = parsed.ledger;
    EXPECT_EQ(ledger.rejected_total(), 1U) << text;
    // A word where a value must be is a field of the wrong type as well.
    EXPECT_EQ(ledger.rejected_for(Reject::BadJson) + ledger.rejected_for(Reject::BadField), 1U)
        << text;
    EXPECT_TRUE(parsed.samples.empty()) << text;
  }
  expect_rejected("{", Reject::BadJson);
  expect_rejected(json("{'name':'x','value':1}}"), Reject::BadJson);
  expect_rejected(json("{'name':'x','value':1,'zz':tru}"), Reject::BadJson);
  expect_rejected(json("{'name':'x"), Reject::BadJson);
  std::string deep = R"({"name":"x","value":1,"zz":)" + std::string(40, '[') + std::string(40, ']');
  expect_rejected(deep + "}", Reject::BadJson);
}

TEST(JsonLines, RefusesFieldsOfTheWrongType) {
  for (const char* line : {"{'name':5,'value':1}",
                           "{'name':null,'value':1}",
                           "{'name':['x'],'value':1}",
                           "{'name':'x','value':'1'}",
                           "{'name':'x','value':true}",
                           "{'name':'x','value':null}",
                           "{'name':'x','value':[1]}",
                           "{'name':'x','value':{}}",
                           "{'name':'x','values':1}",
                           "{'name':'x','values':'1'}",
                           "{'name':'x','values':[1,'2']}",
                           "{'name':'x','values':[[1]]}",
                           "{'name':'x','values':[null]}",
                           "{'name':'x','value':1,'kind':5}",
                           "{'name':'x','value':1,'kind':'set'}",
                           "{'kind':'set','name':'x','values':['a',1]}",
                           "{'name':'x','value':'a','kind':'timer'}",
                           "{'name':'x','value':1,'rate':'0.5'}",
                           "{'name':'x','value':1,'rate':null}",
                           "{'name':'x','value':1,'ts':'1700000000'}",
                           "{'name':'x','value':1,'ts':null}",
                           "{'name':'x','value':1,'tags':[]}",
                           "{'name':'x','value':1,'tags':'a:b'}",
                           "{'name':'x','value':1,'tags':null}",
                           "{'name':'x','value':1,'tags':{'a':1}}",
                           "{'name':'x','value':1,'tags':{'a':null}}",
                           "{'name':'x','value':1,'tags':{'a':['b']}}",
                           "{'name':'x','value':1,'tags':{'a':true}}"}) {
    expect_rejected(json(line), Reject::BadField);
  }
}

TEST(JsonLines, GivesEachMalformedLineItsOwnReason) {
  struct Case {
    std::string_view line;
    Reject reason;
  };
  for (const auto& [line, reason] : {
           Case{"{}", Reject::MissingName},
           Case{"{'value':1}", Reject::MissingName},
           Case{"{'zz':1}", Reject::MissingName},
           Case{"{'name':'x'}", Reject::MissingValue},
           Case{"{'name':'','value':1}", Reject::EmptyName},
           Case{"{'name':'x','values':[]}", Reject::EmptyValue},
           Case{"{'name':'x','kind':'set','value':''}", Reject::EmptyValue},
           Case{"{'name':'x','kind':'set','values':['a','']}", Reject::EmptyValue},
           Case{"{'name':'x','value':1,'kind':'c'}", Reject::UnknownKind},
           Case{"{'name':'x','value':1,'kind':''}", Reject::UnknownKind},
           Case{"{'name':'x','value':1,'kind':'Gauge'}", Reject::UnknownKind},
           Case{"{'name':'x','value':1e999}", Reject::NotFinite},
           Case{"{'name':'x','values':[1,-1e999]}", Reject::NotFinite},
           Case{"{'name':'x','value':1,'rate':0}", Reject::BadRate},
           Case{"{'name':'x','value':1,'rate':1.5}", Reject::BadRate},
           Case{"{'name':'x','value':1,'rate':-0.5}", Reject::BadRate},
           Case{"{'name':'x','value':1,'ts':-1}", Reject::BadTime},
           Case{"{'name':'x','value':1,'ts':-1700000000}", Reject::BadTime},
           Case{"{'name':'x','value':1,'ts':1e9}", Reject::BadTime},
           Case{"{'name':'x','value':1,'ts':99999999999999999999}", Reject::BadTime},
           Case{"{'name':'x','value':1,'value':2}", Reject::RepeatedField},
           Case{"{'name':'x','value':1,'values':[2]}", Reject::RepeatedField},
           Case{"{'name':'x','name':'y','value':1}", Reject::RepeatedField},
           Case{"{'name':'x','value':1,'kind':'set','kind':'gauge'}", Reject::RepeatedField},
           Case{"{'name':'x','value':1,'ts':1,'ts':1}", Reject::RepeatedField},
           Case{"{'name':'x','value':1,'rate':1,'rate':1}", Reject::RepeatedField},
           Case{"{'name':'x','value':1,'tags':{},'tags':{}}", Reject::RepeatedField},
           Case{"{'name':'x','value':1,'tags':{'':'b'}}", Reject::EmptyTagKey},
           Case{"{'name':'x\\u0000','value':1}", Reject::BadUtf8},
           Case{"{'name':'x','value':1,'tags':{'a\\u0000':'b'}}", Reject::BadUtf8},
           Case{"{'name':'x','value':1,'tags':{'a':'\\u0000'}}", Reject::BadUtf8},
           Case{"{'name':'x','kind':'set','value':'\\u0000'}", Reject::BadUtf8},
       }) {
    expect_rejected(json(line), reason);
  }
}

// 31
TEST(JsonLines, ReadsTheTimeAsText) {
  for (const char* time : {"1700000000.123", "1700000000123", "1700000000123000",
                           "1700000000123000000", "1700000000123.9"}) {
    EXPECT_EQ(only(json("{'name':'x','value':1,'ts':" + std::string{time} + "}")).time_ms,
              1'700'000'000'123)
        << time;
  }
  EXPECT_EQ(only(json("{'name':'x','value':1,'ts':0}")).time_ms, 0) << "late, as the worker says";
}

TEST(JsonLines, TheRateIsTheDecimalThatWasWritten) {
  const Kept counter = only(json("{'name':'x','kind':'counter','value':7,'rate':0.07}"));
  EXPECT_EQ(counter.value * counter.denominator / counter.numerator, 100);
  EXPECT_EQ(only(json("{'name':'x','kind':'timer','value':7,'rate':1e-1}")).denominator, 10U);
  const Parsed gauge = accepted(JsonLines{}, json("{'name':'x','value':7,'rate':0.5}"));
  EXPECT_EQ(gauge.samples[0].denominator, 1U);
  EXPECT_EQ(gauge.ledger.notes.rate_ignored, 1U);
  EXPECT_EQ(
      accepted(JsonLines{}, json("{'name':'x','value':7,'rate':1}")).ledger.notes.rate_ignored, 0U);
}

TEST(JsonLines, UnescapesStrings) {
  const Kept sample = only(
      R"({"n\u0061me":"a\"\\\/\b\n\u00e9\ud83d\ude00","value":1,"tags":{"k,:=;\n":"v\",","b":""}})");
  EXPECT_EQ(sample.key.name(), "a\"\\/\b\n\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(sample.key.tag("k,:=;\n"), "v\",");
  EXPECT_TRUE(sample.key.has_tag("b"));
  EXPECT_EQ(only(R"({"name":"x","value":1,"tags":{"a":"1","\u0061":"2"}})").key.tag("a"), "2");
}

TEST(JsonLines, EscapedAndPlainTagsAreOneSeries) {
  const Kept plain = only(R"({"name":"x","value":1,"tags":{"a":"1","b":"2"}})");
  EXPECT_EQ(only(R"({"name":"x","value":1,"tags":{"b":"2","a":"\u0031"}})").key, plain.key);
  EXPECT_EQ(only(R"( { "tags" : { "b" : "2" , "a" : "1" } , "value" : 1 , "name" : "x" } )").key,
            plain.key);
  EXPECT_EQ(only(R"({"name":"x","value":1,"tags":{ }})").key,
            only(R"({"name":"x","value":1})").key);
}

TEST(JsonLines, SamplesOutliveTheLinesAfterThem) {
  std::string block;
  for (int i = 0; i < 3'000; ++i) {
    block += R"({"name":"n)" + std::to_string(i) + R"(\u0061","value":)" + std::to_string(i) +
             R"(,"tags":{"t":"\u0061)" + std::string(100, 'x') + "\"}}\n";
    block += R"({"name":"plain","value":1})"
             "\n";
  }
  const Parsed parsed = parse_block(JsonLines{}, block);
  ASSERT_EQ(parsed.samples.size(), 6'000U);
  for (std::size_t i = 0; i < 3'000; ++i) {
    ASSERT_EQ(parsed.samples[2 * i].key.name(), "n" + std::to_string(i) + "a");
    ASSERT_EQ(parsed.samples[2 * i].key.tag("t").size(), 101U);
  }
}

// 17
TEST(JsonLines, KeepsUtf8AndRefusesWhatIsNone) {
  EXPECT_EQ(only("{\"name\":\"caf\xc3\xa9\",\"value\":1}").key.name(), "caf\xc3\xa9");
  EXPECT_EQ(only("{\"name\":\"cafe\xcc\x81\",\"value\":1}").key.name(), "cafe\xcc\x81");
  for (const std::string_view line :
       {"{\"name\":\"\xff\",\"value\":1}"sv, "{\"name\":\"a\0b\",\"value\":1}"sv, "\0"sv,
        "{\"name\":\"x\",\"value\":1,\"zz\":\"\xc3\"}"sv}) {
    expect_rejected(line, Reject::BadUtf8);
  }
}

// 18
TEST(JsonLines, HoldsEachLimitToTheByte) {
  const auto text = [](std::size_t bytes) { return std::string(bytes, 'x'); };
  const auto line = [](const std::string& name, const std::string& tags) {
    return R"({"name":")" + name + R"(","value":1,"tags":{)" + tags + "}}";
  };
  for (const std::string escape : {"x", "\\u0041"}) {
    only(line(text(254) + escape, ""));
    expect_rejected(line(text(255) + escape, ""), Reject::NameTooLong);
    only(line("x", "\"" + text(127) + escape + "\":\"v\""));
    expect_rejected(line("x", "\"" + text(128) + escape + "\":\"v\""), Reject::TagKeyTooLong);
    only(line("x", "\"k\":\"" + text(255) + escape + "\""));
    expect_rejected(line("x", "\"k\":\"" + text(256) + escape + "\""), Reject::TagValueTooLong);
  }
  std::string tags;
  for (int i = 0; i < 32; ++i)
    tags += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":\"v\"";
  only(line("x", tags));
  expect_rejected(line("x", tags + ",\"k32\":\"v\""), Reject::TooManyTags);
  std::string values = "1";
  for (std::size_t i = 1; i < JsonFields::kValuesMax; ++i)
    values += ",1";
  EXPECT_EQ(accepted(JsonLines{}, R"({"name":"x","values":[)" + values + "]}").samples.size(),
            JsonFields::kValuesMax);
  expect_rejected(R"({"name":"x","values":[)" + values + ",1]}", Reject::TooManyValues);
}

TEST(JsonLines, ALineMayBeAsLongAsAnyLine) {
  const std::string head = R"({"name":"x","kind":"set","value":"\u0061)";
  const std::string member(kLineBytesMax - head.size() - 2, 'x');
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(only(head + member + "\"}").member, "a" + member);
  const Parsed three = parse_block(
      JsonLines{}, head + member + "\"}\n" + head + member + "\"}\n" + head + member + "\"}");
  ASSERT_EQ(three.samples.size(), 3U);
  EXPECT_EQ(three.samples[2].member, "a" + member);
  expect_rejected(head + member + "x\"}", Reject::LineTooLong);
}

// 19
TEST(JsonLines, BlankLinesAreNothing) {
  const Parsed parsed = parse_block(JsonLines{},
                                    "\n\r\n"
                                    R"({"name":"x","value":1})"
                                    "\r\n\n");
  EXPECT_EQ(parsed.ledger.ignored.blank, 3U);
  EXPECT_EQ(parsed.ledger.accepted, 1U);
  EXPECT_TRUE(parsed.ledger.adds_up());
}

/// What the short way and simdjson make of a line.
void expect_same_ways(const std::string& line) {
  JsonFields plain;
  plain.clear();
  if (!plain_json(cursor_of(line, line), plain)) return;
  JsonFields strict;
  strict.clear();
  JsonReader reader;
  ASSERT_FALSE(reader.read(cursor_of(line, line), strict)) << line;
  ASSERT_EQ(strict.check(), Wrong{}) << line;
  const auto samples = [](const JsonFields& fields) {
    Collected sink;
    SampleBatch batch{sink};
    LineLedger ledger;
    fields.emit(ledger, batch);
    batch.flush();
    for (Kept& sample : sink.samples) {  // the raw tags are of another style
      sample.tags.clear();
      sample.style = model::TagStyle::Colon;
    }
    return sink.samples;
  };
  ASSERT_EQ(samples(plain), samples(strict)) << line;
}

TEST(PlainJson, AgreesWithSimdjson) {
  const std::string line =
      R"({"name":"x.y","kind":"timer","values":[12.5,-3],"tags":{"route":"/a","host":"b"},)"
      R"("ts":1700000000.123,"rate":0.5})";
  JsonFields fields;
  fields.clear();
  EXPECT_TRUE(plain_json(cursor_of(line, line), fields));
  for (std::size_t at = 0; at < line.size(); ++at) {
    for (const char c : std::string_view{"{}[]\",:\\ \t0159.-+eEx\x01"}) {
      std::string changed = line;
      changed[at] = c;
      expect_same_ways(changed);
      expect_same_ways(line.substr(0, at) + c + line.substr(at));
    }
    expect_same_ways(line.substr(0, at) + line.substr(at + 1));
    expect_same_ways(line.substr(0, at));
  }
}

TEST(PlainJson, LeavesTheRestToSimdjson) {
  for (const char* line : {"{'name':'\\u0061','value':1}", "{'name':'x','value':1,'zz':1}",
                           "{'name':'x','value':1e3}", "{'name':'x','value':12345678901234567890}",
                           "{'name':'x'}", "{}", "", "{'name':'x','value':1}x"}) {
    const std::string text = json(line);
    JsonFields fields;
    fields.clear();
    EXPECT_FALSE(plain_json(cursor_of(text, text), fields)) << text;
  }
}

}  // namespace
}  // namespace ingest::codec
