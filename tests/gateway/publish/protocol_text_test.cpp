// PROTOCOL.md is written for those who speak to us; here it is held to the code, in both
// directions: whoever changes a message, a field or a code alone fails a test.

#include "tests/gateway/publish/protocol_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/publish/protocol.h"
#include "gateway/publish/range_json.h"
#include "gateway/publish/update_json.h"

namespace gateway::publish {
namespace {

using ingest::Millis;
using ingest::wall_from_ms;
using ingest::query::Code;
using test::ProtocolText;
using Json = nlohmann::ordered_json;

// ---- what a client says ----

/// Parsed, with each subscription of a `hello` and what the catalogue wants of a `meta`.
bool is_accepted(const std::string& text) {
  const auto command = parse_command(text, {});
  if (!command) return false;
  if (const auto* hello = std::get_if<Hello>(&*command)) {
    for (const auto& sub : hello->subs)
      if (!std::holds_alternative<Sub>(sub)) return false;
  }
  if (const auto* meta = std::get_if<Meta>(&*command)) {
    if (const auto* list = std::get_if<CatalogueList>(&meta->what))
      return metrics_text({}, *list).has_value();
    if (const auto* ask = std::get_if<ingest::query::SeriesAsk>(&meta->what))
      return !ingest::query::fault_of(*ask);
  }
  return true;
}

TEST(ProtocolText, EveryExampleIsJson) {
  const ProtocolText text;
  EXPECT_EQ(text.broken(), std::vector<std::string>{});
}

TEST(ProtocolText, EveryExampleOfACommandIsAccepted) {
  const ProtocolText text;
  std::set<std::size_t> kinds;
  for (const std::string& example : text.commands()) {
    EXPECT_TRUE(is_accepted(example)) << example;
    const auto command = parse_command(example, {});
    if (command) kinds.insert(command->index());
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<Command>) << "a command without an example";
}

/// An example would be accepted with a misspelt field, too: what is not known is ignored.
TEST(ProtocolText, EveryFieldOfACommandIsRead) {
  const ProtocolText text;
  for (const std::string& example : text.commands()) {
    const Json whole = Json::parse(example);
    for (const auto& [name, value] : whole.items()) {
      Json wrong = whole;
      wrong[name] = Json::array({Json::object()});
      EXPECT_FALSE(is_accepted(wrong.dump())) << "nobody reads " << name << " of " << example;
    }
  }
}

TEST(ProtocolText, EveryFieldThatIsReadHasAnExample) {
  const ProtocolText text;
  std::set<std::string> read;
  for (const char* file : {"command.cpp", "ask_command.cpp", "command_fields.cpp"}) {
    const std::string source = test::publish_file(file);
    for (std::string& name : test::matches(source, R"re(\((?:body|value), "([a-z_]+)")re"))
      read.insert(std::move(name));
  }
  EXPECT_GT(read.size(), 15U);
  for (const std::string& name : read)
    EXPECT_NE(text.whole().find('"' + name + '"'), std::string::npos) << name;
}

TEST(ProtocolText, TheQueryInItIsOne) {
  const ProtocolText text;
  const auto queries = test::matches(text.whole(), R"re(`(\{"metric":[^`]*\})`)re");
  ASSERT_FALSE(queries.empty());
  for (const std::string& query : queries)
    EXPECT_TRUE(ingest::query::parse_query(query, {})) << query;
}

// ---- what it hears ----

ingest::query::Query query_of(const std::string& stats) {
  return *ingest::query::parse_query(
      R"({"metric":"http.time","window":"10s","slide":"1s","by":["route"],"stats":)" + stats + '}',
      {});
}

/// Tables of [count, p99] and [count], at the window of the text's examples.
struct Rows {
  explicit Rows(std::size_t fields_in, const std::vector<double>& values) : fields(fields_in) {
    for (const double value : values)
      texts.push_back(number_text(value, Digits::Five));
  }
  Cells cells() const { return {texts, fields}; }
  std::vector<NumberText> texts;
  std::size_t fields;
};
ingest::query::Window window_from(std::int64_t start_ms) {
  return {wall_from_ms(start_ms), wall_from_ms(start_ms + 10'000)};
}
const std::vector<std::string> kKeys{R"(["/a"])", R"(["/b"])", "", R"(["/d"])", R"(["/c"])"};

SnapMessage a_snap(const Rows& table, const std::vector<RowIndex>& rows) {
  return {17,          48'211, SnapMessage::Rebase::No, 1,    1, window_from(1'764'000'000'000),
          rows.size(), rows,   table.cells(),           kKeys};
}

std::string snap_text() {
  const Rows table{2, {812, 12.1, 90, 8.8, 0, 0, 0, 0, 401, 14.02}};
  const std::vector<RowIndex> rows{0, 1, 4};
  std::string out;
  append_snap(a_snap(table, rows), out);
  return out;
}

std::string update_text() {
  const Rows table{2, {0, 0, 91, 8.8, 0, 0, 7, 3.1}};
  const std::vector<RowIndex> removed{2};
  const std::vector<RowIndex> added{3};
  const std::vector<RowIndex> rows{1, 3};
  std::string out;
  append_update(
      {17, 48'213, window_from(1'764'000'002'000), 3, removed, added, rows, table.cells(), kKeys},
      out);
  return out;
}

std::string correction_text(CorrectionMessage::Last last) {
  const Rows table{2, {831, 12.2}};
  const std::vector<RowIndex> rows{0};
  std::string out;
  append_correction({17, 48'214, window_from(1'764'000'002'000), last, 2, rows, table.cells()},
                    out);
  return out;
}

ingest::query::RangePage a_page() {
  ingest::query::RangePage page;
  page.window = page.step = Millis{10'000};
  page.times = {wall_from_ms(1'764'000'010'000), wall_from_ms(1'764'000'020'000)};
  page.by = {"route"};
  page.keys = {{"/a"}};
  page.values = {88.4, std::nan("")};
  return page;
}

std::string metas(std::string_view what) {
  ingest::query::Catalogue catalogue;
  catalogue.metrics.push_back({"http.time",
                               ingest::model::Kind::Timer,
                               3,
                               wall_from_ms(1'764'000'000'000),
                               {{"route", {{"/a", 3}}}}});
  if (what == "metrics") return meta_text(10, what, *metrics_text(catalogue, {}));
  if (what == "tags") return meta_text(10, what, *tags_text(catalogue, {"http.time"}));
  ingest::query::SeriesPage page;
  page.items.push_back({{ingest::model::Kind::Timer, "http.time", {{"env", "prod"}}},
                        wall_from_ms(1'764'000'000'000)});
  return meta_text(10, what, series_text(page));
}

/// What our encoders write in the case of each example.
std::vector<std::string> encoded() {
  const auto rates = rate_tiers(Millis{250});
  const auto two = query_of(R"(["count","p99"])");
  return {
      welcome_text({"01JDX8Q3", "c9f2a1", wall_from_ms(1'764'000'000'123), rates,
                    CommandLimits{}.subs_max, CommandLimits{}.text_bytes_max}),
      subd_text({1, 17, "01JDX8Q3", Start::New, Millis{1'000}, two}),
      snap_text(),
      update_text(),
      correction_text(CorrectionMessage::Last::Yes),
      gap_text({17, 48'215, 48'231}),
      unsubd_text(1),
      unsubd_text(1, Code::AuthRevoked),
      paused_text(1, kWhyAsked),
      range_text(9, query_of(R"(["p99"])"), a_page()),
      metas("metrics"),
      metas("tags"),
      metas("series"),
      hb_text(wall_from_ms(1'764'000'010'123)),
      pong_text(7),
      err_text(3, {Code::QueryBadMatcher, "where[1]: regex longer than 256 bytes", false}),
      expiring_text(Millis{60'000}),
      bye_text("drain", Millis{250}, Millis{8'000}),
  };
}

TEST(ProtocolText, EveryExampleOfAnAnswerIsWhatTheEncoderWrites) {
  const ProtocolText text;
  const std::vector<std::string> ours = encoded();
  const std::set<std::string> written(ours.begin(), ours.end());
  const std::set<std::string> shown(text.answers().begin(), text.answers().end());
  for (const std::string& example : shown)
    EXPECT_TRUE(written.contains(example)) << "nobody writes " << example;
  for (const std::string& message : written)
    EXPECT_TRUE(shown.contains(message)) << "no example of " << message;
}

TEST(ProtocolText, EveryTypeThatIsWrittenHasAnExample) {
  std::set<std::string> written;
  for (const char* file : {"message.cpp", "update_json.cpp", "range_json.cpp"}) {
    const std::string source = test::publish_file(file);
    for (const char* pattern : {R"re(\{"t":"([a-z]+)")re", R"re(append_head\(out, "([a-z]+)")re"})
      for (std::string& type : test::matches(source, pattern))
        written.insert(std::move(type));
  }
  EXPECT_EQ(ProtocolText::types(ProtocolText{}.answers()), written);
}

/// Parts, marks and the like are told as pieces beside the examples.
TEST(ProtocolText, PiecesBesideTheExamplesAreWrittenToo) {
  const Rows table{2, {812, 12.1, 90, 8.8, 0, 0, 401, 14.02}};
  const std::vector<ingest::query::Marks> marks{0, ingest::query::kOverflowed, 0,
                                                ingest::query::kStale};
  const std::vector<RowIndex> rows{0, 1, 3};
  SnapMessage snap = a_snap(table, rows);
  snap.rebase = SnapMessage::Rebase::Yes;
  snap.of = 3;
  snap.cells.marks = marks;
  std::string out;
  append_snap(snap, out);
  const std::string all = out + correction_text(CorrectionMessage::Last::No) +
                          correction_text(CorrectionMessage::Last::Yes) +
                          paused_text(1, kWhyUnseen);
  const std::string text = ProtocolText{}.whole();
  for (const char* piece : {R"("part":[1,3])", R"("rebase":1)", R"("rev":2)", R"("f":1)",
                            R"("m":{"stale":[3],"overflow":[1]})", R"("why":"unseen")"}) {
    EXPECT_NE(all.find(piece), std::string::npos) << piece;
    EXPECT_NE(text.find(piece), std::string::npos) << piece;
  }
  ingest::query::RangePage page = a_page();
  page.marks = {0, ingest::query::kStale};
  page.holes = {{1, 1}};
  const Json json = Json::parse(range_text(9, query_of(R"(["p99"])"), page));
  EXPECT_EQ(json["m"].dump(), R"({"stale":[[0,1,1]]})");
  EXPECT_EQ(json["holes"].dump(), "[[1,1]]");
  EXPECT_NE(text.find(R"("m":{"stale":[[row,first,last]]})"), std::string::npos);
  EXPECT_NE(text.find(R"("holes":[[first,last]])"), std::string::npos);
}

TEST(ProtocolText, EveryReasonOfASnapshotIsNamed) {
  const std::string text = ProtocolText{}.whole();
  for (const Start start : {Start::New, Start::Replay, Start::EpochChanged, Start::TooOld,
                            Start::QueryChanged, Start::RateChanged, Start::Slow})
    EXPECT_NE(text.find('`' + std::string{start_name(start)} + '`'), std::string::npos)
        << start_name(start);
}

// ---- codes ----

constexpr int kCodesEnd = 10'000;

TEST(ProtocolText, ErrorsAreThoseOfTheCode) {
  std::map<int, std::string> ours;
  for (int n = 0; n < kCodesEnd; ++n) {
    const auto code = static_cast<Code>(n);
    const std::string name{ingest::query::code_name(code)};  // of what is none: server.internal
    if (code == Code::ServerInternal || name != ingest::query::code_name(Code::ServerInternal))
      ours[n] = name;
  }
  EXPECT_EQ(ProtocolText{}.table("Errors"), ours);
}

TEST(ProtocolText, CloseCodesAreThoseOfTheCode) {
  std::map<int, std::string> ours;
  for (int n = 0; n < kCodesEnd; ++n) {
    const std::string reason{close_reason(static_cast<CloseCode>(n))};
    if (!reason.empty()) ours[n] = reason;
  }
  EXPECT_EQ(ProtocolText{}.table("Close codes"), ours);
}

/// What the text says in numbers elsewhere.
TEST(ProtocolText, TimesAndAmountsAreThoseOfTheCode) {
  const std::string text = ProtocolText{}.whole();
  EXPECT_EQ(kHelloWithin, Millis{10'000});
  EXPECT_NE(text.find("The first message must come within 10 s, else Close 4008."),
            std::string::npos);
  EXPECT_EQ(kSilence, Millis{10'000});
  EXPECT_NE(text.find("after 10 s in which nothing else was said"), std::string::npos);
  EXPECT_EQ(kNumberMax, (std::int64_t{1} << 53) - 1);
  EXPECT_NE(text.find("0 to 2^53 - 1"), std::string::npos);
}

}  // namespace
}  // namespace gateway::publish
