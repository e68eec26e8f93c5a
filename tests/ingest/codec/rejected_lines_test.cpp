// Where reading gave up: a person looks for the fault at that place of his line.
#include <gtest/gtest.h>

#include <string>

#include "ingest/codec/format.h"
#include "tests/ingest/codec/collected.h"

namespace ingest::codec {
namespace {

// NOLINTNEXTLINE(misc-unused-using-decls): the literals below
using std::string_view_literals::operator""sv;

struct Case {
  /// A `^` stands before the byte, and is no part of the line.
  std::string_view marked;
  Reject reason;
};

void expect_places(Format format, std::initializer_list<Case> cases) {
  const auto codec = make_codec(format);
  for (const Case& one : cases) {
    std::string line{one.marked};
    const std::size_t mark = line.rfind('^');
    line.erase(mark, 1);
    const Parsed parsed = parse_block(*codec, line);
    ASSERT_EQ(parsed.refused.size(), 1U) << line;
    EXPECT_EQ(parsed.refused[0], (Refused{line, std::string{reject_name(one.reason)}, mark + 1}))
        << line << " gave up at " << parsed.refused[0].column;
  }
}

TEST(RejectedLines, OfStatsd) {
  const std::string long_name(model::kNameBytesMax, 'n');
  const std::string long_key(model::kTagKeyBytesMax, 'k');
  const std::string named = long_name + "^n:1|c";
  const std::string keyed = "a:1|c|#" + long_key + "^k:v";
  expect_places(Format::Statsd, {{"^:1|c", Reject::EmptyName},
                                 {"a^", Reject::MissingValue},
                                 {"a^|c", Reject::MissingValue},
                                 {"a:^|c", Reject::EmptyValue},
                                 {"a:^0x10|c", Reject::BadValue},
                                 {"a:1:2:^x:3|c", Reject::BadValue},
                                 {"a:^nan|g", Reject::NotFinite},
                                 {"a:1^", Reject::MissingKind},
                                 {"a:1|^", Reject::EmptyKind},
                                 {"a:1|^q", Reject::UnknownKind},
                                 {"a:1|^mz", Reject::UnknownKind},
                                 {"a:1|c|@^0", Reject::BadRate},
                                 {"a:1|c|T^-5", Reject::BadTime},
                                 {"a:1|c|@0.1|@^0.2", Reject::RepeatedField},
                                 {"a,k=v:1|c|#^k:v", Reject::MixedTags},
                                 {"a[k=v:1|c^", Reject::BadTags},
                                 {"a:1|c|#x:y,^:v", Reject::EmptyTagKey},
                                 {"_e{^x}:", Reject::BadAnnotation},
                                 {"_e{1,1}:a|b|t:error|^p:never", Reject::BadAnnotation},
                                 {"a:1|c|#k:\xc3\xa4^\xff", Reject::BadUtf8},
                                 {named, Reject::NameTooLong},
                                 {keyed, Reject::TagKeyTooLong}});
}

TEST(RejectedLines, OfGraphite) {
  expect_places(Format::Graphite, {{"a^", Reject::MissingValue},
                                   {"a ^x 1700000000", Reject::BadValue},
                                   {"a;t^ 1 1700000000", Reject::BadTags},
                                   {"a;t=^ 1 1700000000", Reject::EmptyTagValue},
                                   {"a 1^", Reject::MissingTime},
                                   {"a 1 ^now", Reject::BadTime},
                                   {"a 1 1700000000 ^x", Reject::TrailingText}});
}

TEST(RejectedLines, OfInflux) {
  expect_places(Format::Influx, {{"^,t=a f=1", Reject::EmptyName},
                                 {"m^", Reject::MissingField},
                                 {"m,t^ f=1", Reject::BadTags},
                                 {"m,t=^ f=1", Reject::EmptyTagValue},
                                 {"m ^=1", Reject::EmptyField},
                                 {"m f^", Reject::MissingValue},
                                 {"m f=1,g=^x 1700000000", Reject::BadValue},
                                 {"m f=^9223372036854775808i", Reject::Overflow},
                                 {"m f=^\"abc", Reject::OpenString},
                                 {"m f=\"abc\"^d", Reject::BadValue},
                                 {"m f=1 ^x", Reject::BadTime},
                                 {"m f=1 1700000000 ^x", Reject::TrailingText}});
}

TEST(RejectedLines, OfJson) {
  expect_places(Format::Json,
                {{R"({"value":1}^)", Reject::MissingName},
                 {R"({"name":"a"}^)", Reject::MissingValue},
                 {R"({"name":^5,"value":1})", Reject::BadField},
                 {R"({"name":"a","kind":^"speed","value":1})", Reject::UnknownKind},
                 {R"({"name":"a","value":1,"rate":^0})", Reject::BadRate},
                 {R"({"name":"a","value":1,"name":^"b"})", Reject::RepeatedField},
                 {R"({"name":"a","value":1,"tags":{"k":"v",^"":"w"}})", Reject::EmptyTagKey},
                 {R"({"name":"a","value":1,"tags":{"k":^5}})", Reject::BadField},
                 {R"({"name":"a","value":^1x})", Reject::BadJson},
                 {R"(^name)", Reject::BadJson},
                 {R"({"name":"a^)", Reject::BadJson}});
}

TEST(RejectedLines, AreToldWithTheirSenderAndWithoutTheirEnd) {
  class Sink final : public model::SampleSink {
   public:
    void take(std::span<const model::Sample> /*batch*/) override {}
    void reject(const model::RejectedLine& line) override {
      sources.push_back(line.source);
      texts.emplace_back(line.text);
    }
    std::vector<std::uint32_t> sources;
    std::vector<std::string> texts;
  };
  Sink sink;
  SampleBatch batch{sink};
  LineLedger ledger;
  const Statsd statsd;
  batch.from(7);
  statsd.parse("a:1|c\nbad\r\n", ledger, batch);
  batch.from(8);
  statsd.parse("worse", ledger, batch);
  EXPECT_EQ(sink.sources, (std::vector<std::uint32_t>{7, 8}));
  EXPECT_EQ(sink.texts, (std::vector<std::string>{"bad", "worse"}));
}

TEST(RejectedLines, ALineOfAStreamThatIsTooLongIsToldOnceWithItsStart) {
  LineSplitter splitter;
  LineLedger ledger;
  std::vector<std::string> told;
  const auto too_long = [&](std::string_view start) { told.emplace_back(start.substr(0, 5)); };
  const std::string piece(kLineBytesMax / 2 + 1, 'x');
  splitter.receive(
      "start", ledger, [](std::string_view) {}, too_long);
  for (int i = 0; i < 5; ++i)
    splitter.receive(
        piece, ledger, [](std::string_view) {}, too_long);
  EXPECT_EQ(told, std::vector<std::string>{"start"});
  EXPECT_EQ(ledger.rejected_total(), 1U);
}

}  // namespace
}  // namespace ingest::codec
