// What a board may be, and the place that is named where it is not.
#include "gateway/boards/document.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway::boards {
namespace {

std::string fault_of(std::string_view text) {
  const auto title = check_document(text);
  return title ? "" : title.error();
}
/// A board of one card, which differs from a good one in `part`.
std::string with_card(const std::string& part) {
  return R"({"title":"a","cards":[{"x":0,"y":0,"w":12,"h":1,"metric":"m","stat":"p99","kind":"line")" +
         part + "}]}";
}

TEST(BoardDocument, GivesItsTitle) {
  EXPECT_EQ(*check_document(R"({"title":"Checkout","cards":[]})"), "Checkout");
  EXPECT_EQ(*check_document(R"({"title":"","cards":[]})"), "");
}

TEST(BoardDocument, TakesEveryPartOfACardAndWhatItDoesNotKnow) {
  EXPECT_EQ(fault_of(R"({"title":"a","theme":"dark","cards":[{"x":6,"y":9000,"w":6,"h":1000,
      "title":"Latency","metric":"http.*","by":["route","@kind"],"where":[["env","=","prod"]],
      "stat":"p99.9","kind":"bars","window":"1m",
      "threshold":{"warn":0.5,"crit":-1e9,"above":false,"note":1}}]})"),
            "");
  EXPECT_EQ(fault_of(with_card(R"(,"title":null,"by":null,"where":null,"threshold":null)")), "");
  EXPECT_EQ(fault_of(with_card(R"(,"threshold":{"warn":null,"crit":3,"above":null})")), "");
  for (const char* kind : {"line", "heatmap", "bars", "number"})
    EXPECT_EQ(fault_of(R"({"title":"a","cards":[{"x":0,"y":0,"w":1,"h":1,"metric":"m",
        "stat":"buckets","kind":")" +
                       std::string{kind} + "\"}]}"),
              "");
}

TEST(BoardDocument, NamesThePlaceOfWhatIsWrong) {
  struct Case {
    std::string text;
    std::string_view begins;
  };
  const std::string long_title(201, 'a');
  std::string many = R"({"title":"a","cards":[0)";
  for (int i = 0; i < 200; ++i)
    many += ",0";
  const Case cases[] = {
      {"", "want a JSON object"},
      {"[]", "want a JSON object"},
      {"{", "want a JSON object"},
      {"{\"title\":\"\xff\",\"cards\":[]}", "want a JSON object"},
      {std::string(256 * 1024 + 1, ' '), "longer than 256 KiB"},
      {R"({"cards":[]})", "title: "},
      {R"({"title":1,"cards":[]})", "title: "},
      {R"({"title":")" + long_title + R"(","cards":[]})", "title: "},
      {R"({"title":"a"})", "cards: "},
      {R"({"title":"a","cards":{}})", "cards: "},
      {many + "]}", "cards: want a list of at most 200"},
      {R"({"title":"a","cards":[1]})", "cards[0]: want an object"},
      {with_card(R"(,"x":-1)"), "cards[0].x: "},
      {with_card(R"(,"x":"0")"), "cards[0].x: "},
      {with_card(R"(,"x":0.5)"), "cards[0].x: "},
      {with_card(R"(,"x":1)"), "cards[0].w: x + w"},
      {with_card(R"(,"w":13)"), "cards[0].w: x + w"},
      {with_card(R"(,"w":0)"), "cards[0].w: want at least 1"},
      {with_card(R"(,"h":0)"), "cards[0].h: want at least 1"},
      {with_card(R"(,"h":99999999999999999999)"), "cards[0].h: "},
      {with_card(R"(,"y":10000)"), "cards[0].h: y + h"},
      {with_card(R"(,"y":null)"), "cards[0].y: "},
      {with_card(R"(,"title":5)"), "cards[0].title: "},
      {with_card(R"(,"metric":"")"), "cards[0].metric: "},
      {with_card(R"(,"metric":")" + std::string(256, 'm') + "\""), "cards[0].metric: "},
      {with_card(R"(,"stat":"p101")"), "cards[0].stat: unknown stat \"p101\""},
      {with_card(R"(,"stat":null)"), "cards[0].stat: want a stat"},
      {with_card(R"(,"kind":"pie")"), "cards[0].kind: "},
      {with_card(R"(,"by":"route")"), "cards[0].by: want a list"},
      {with_card(R"(,"by":["a","b","c","d","e","f","g","h","i"])"), "cards[0].by: want a list"},
      {with_card(R"(,"by":[""])"), "cards[0].by: holds"},
      {with_card(R"(,"where":[["env"]])"), "cards[0].where"},
      {with_card(R"(,"where":[["host","=~","("]])"), "cards[0].where[0]"},
      {with_card(R"(,"threshold":5)"), "cards[0].threshold: "},
      {with_card(R"(,"threshold":{"warn":"5"})"), "cards[0].threshold.warn: "},
      {with_card(R"(,"threshold":{"crit":[]})"), "cards[0].threshold.crit: "},
      {with_card(R"(,"threshold":{"above":"yes"})"), "cards[0].threshold.above: "},
  };
  for (const Case& one : cases) {
    const std::string fault = fault_of(one.text);
    EXPECT_TRUE(fault.starts_with(one.begins)) << one.text.substr(0, 200) << " -> " << fault;
  }
}

}  // namespace
}  // namespace gateway::boards
