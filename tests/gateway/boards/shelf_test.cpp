// Boards on a real disk: who may change what, what a restart finds, and what a damaged file costs.
#include "gateway/boards/shelf.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>

namespace gateway::boards {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using publish::BoardAnswer;
using publish::BoardAsk;
using publish::BoardCondition;
using Is = BoardAnswer::Is;

constexpr std::int64_t kNow = 1'700'000'000'000;

class BoardShelf : public ::testing::Test {
 protected:
  BoardShelf() {
    std::string pattern = (fs::temp_directory_path() / "boards.XXXXXX").string();
    root_ = mkdtemp(pattern.data());
  }
  ~BoardShelf() override { fs::remove_all(root_); }
  BoardShelf(const BoardShelf&) = delete;
  BoardShelf& operator=(const BoardShelf&) = delete;

  std::string folder() const { return root_ + "/deep/boards"; }
  Shelf shelf(std::size_t boards_max = 200) {
    Shelf made{{.path = folder(), .boards_max = boards_max}, log_};
    made.open();
    return made;
  }
  static std::string document(const std::string& title) {
    return json{{"title", title}, {"cards", json::array()}, {"mine", true}}.dump(1);
  }
  static BoardAsk write(const std::string& id, const std::string& text, BoardCondition condition) {
    return {BoardAsk::Do::Write, id, std::move(condition), text};
  }
  static BoardCondition absent() { return {.is = BoardCondition::Is::Absent}; }
  static BoardCondition same(const std::string& tag) {
    return {.is = BoardCondition::Is::Same, .tags = {tag}};
  }
  static BoardAnswer put(Shelf& shelf, const std::string& id, const std::string& text,
                         BoardCondition condition, std::int64_t now = kNow) {
    return shelf.answer(write(id, text, std::move(condition)), ingest::wall_from_ms(now));
  }
  static BoardAnswer get(Shelf& shelf, const std::string& id) {
    return shelf.answer({.what = BoardAsk::Do::Read, .id = id}, {});
  }
  static BoardAnswer remove(Shelf& shelf, const std::string& id, BoardCondition condition) {
    return shelf.answer({BoardAsk::Do::Remove, id, std::move(condition), ""}, {});
  }
  static json list(Shelf& shelf) { return json::parse(shelf.answer({}, {}).text); }
  void plant(const std::string& name, std::string_view text) const {
    fs::create_directories(folder());
    std::ofstream{folder() + '/' + name} << text;
  }
  std::string file(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream{folder() + '/' + name}.rdbuf();
    return text.str();
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator{folder()}, fs::directory_iterator{}));
  }

  ingest::io::Logger log_{ingest::io::LogLevel::Error, -1};
  std::string root_;
};

TEST_F(BoardShelf, ARestartFindsWhatWasSavedByteForByte) {
  const std::string text = document("Checkout");
  std::string tag;
  {
    Shelf first = shelf();
    EXPECT_EQ(list(first)["items"], json::array());
    const BoardAnswer created = put(first, "checkout", text, absent());
    EXPECT_EQ(created.is, Is::Created);
    tag = created.tag;
    EXPECT_EQ(files(), 1U);
  }
  Shelf second = shelf();
  const BoardAnswer got = get(second, "checkout");
  EXPECT_EQ(got.is, Is::Given);
  EXPECT_EQ(got.text, text);
  EXPECT_EQ(got.tag, tag);
  const json items = list(second)["items"];
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0]["id"], "checkout");
  EXPECT_EQ(items[0]["title"], "Checkout");
  EXPECT_GT(items[0]["changed"], 0);
}

TEST_F(BoardShelf, OfTwoEditorsTheSecondIsTold) {
  Shelf boards = shelf();
  const std::string first = put(boards, "a", document("1"), absent()).tag;
  const BoardAnswer one = put(boards, "a", document("2"), same(first), kNow + 5);
  EXPECT_EQ(one.is, Is::Written);
  const BoardAnswer two = put(boards, "a", document("3"), same(first));
  EXPECT_EQ(two.is, Is::Changed);
  EXPECT_EQ(two.tag, one.tag);
  EXPECT_EQ(get(boards, "a").text, document("2"));
  EXPECT_EQ(list(boards)["items"][0]["changed"], kNow + 5);
  EXPECT_EQ(boards.counts().changed, 1U);
}

TEST_F(BoardShelf, ATagStandsForItsBytesAndNoOthers) {
  EXPECT_EQ(tag_of("a"), tag_of("a"));
  EXPECT_NE(tag_of("a"), tag_of("b"));
  EXPECT_EQ(tag_of("a").size(), 34U);
  EXPECT_EQ(tag_of("a").front(), '"');
  EXPECT_EQ(tag_of("a").back(), '"');
}

TEST_F(BoardShelf, ConditionsDecideBeforeAnythingElse) {
  Shelf boards = shelf();
  EXPECT_EQ(put(boards, "a", "no JSON", same("\"x\"")).is, Is::Changed);
  EXPECT_EQ(put(boards, "a", document("1"), {.is = BoardCondition::Is::Exists}).is, Is::Changed);
  EXPECT_EQ(put(boards, "a", document("1"), absent()).is, Is::Created);
  EXPECT_EQ(put(boards, "a", document("2"), absent()).is, Is::Changed);
  EXPECT_EQ(put(boards, "a", document("2"), {.is = BoardCondition::Is::Exists}).is, Is::Written);
  EXPECT_EQ(put(boards, "a", document("3"), {.is = BoardCondition::Is::Same}).is, Is::Changed);
  EXPECT_EQ(remove(boards, "a", same("\"x\"")).is, Is::Changed);
  EXPECT_EQ(remove(boards, "b", {.is = BoardCondition::Is::Exists}).is, Is::Missing);
}

TEST_F(BoardShelf, WhatIsRemovedIsGoneAfterARestartToo) {
  Shelf boards = shelf();
  const std::string tag = put(boards, "a", document("1"), absent()).tag;
  EXPECT_EQ(remove(boards, "a", same(tag)).is, Is::Removed);
  EXPECT_EQ(get(boards, "a").is, Is::Missing);
  EXPECT_EQ(files(), 0U);
  Shelf again = shelf();
  EXPECT_EQ(get(again, "a").is, Is::Missing);
}

TEST_F(BoardShelf, ABadDocumentChangesNothing) {
  Shelf boards = shelf();
  const std::string tag = put(boards, "a", document("1"), absent()).tag;
  const BoardAnswer bad = put(boards, "a", R"({"title":"a"})", same(tag));
  EXPECT_EQ(bad.is, Is::Bad);
  EXPECT_TRUE(bad.text.starts_with("cards: ")) << bad.text;
  EXPECT_EQ(get(boards, "a").text, document("1"));
  EXPECT_EQ(file("a.json"), document("1"));
  EXPECT_EQ(boards.counts().refused, 1U);
}

TEST_F(BoardShelf, NoMoreThanTheLimitAllows) {
  Shelf boards = shelf(2);
  EXPECT_EQ(put(boards, "a", document("a"), absent()).is, Is::Created);
  EXPECT_EQ(put(boards, "b", document("b"), absent()).is, Is::Created);
  EXPECT_EQ(put(boards, "c", document("c"), absent()).is, Is::Full);
  EXPECT_EQ(put(boards, "a", document("A"), {.is = BoardCondition::Is::Exists}).is, Is::Written);
  EXPECT_EQ(files(), 2U);
}

TEST_F(BoardShelf, SkipsWhatIsNoBoardAndLeavesItThere) {
  plant("good.json", document("good"));
  plant("torn.json", R"({"title":"tor)");
  plant("UPPER.json", document("u"));
  plant("notes.txt", "hello");
  plant("half.json.new", "half");
  fs::create_directory(folder() + "/folder.json");
  fs::create_symlink("/etc/passwd", folder() + "/link.json");
  plant("big.json", std::string(256 * 1024 + 1, ' '));
  Shelf boards = shelf();
  EXPECT_EQ(list(boards)["items"].size(), 1U);
  EXPECT_EQ(boards.counts().boards, 1U);
  EXPECT_EQ(boards.counts().damaged, 6U);
  EXPECT_EQ(get(boards, "torn").is, Is::Missing);
  EXPECT_EQ(file("torn.json"), R"({"title":"tor)");
  EXPECT_FALSE(fs::exists(folder() + "/half.json.new"));
}

TEST_F(BoardShelf, SavingOverADamagedFilePutsItAside) {
  plant("a.json", "damaged");
  Shelf boards = shelf();
  EXPECT_EQ(put(boards, "a", document("1"), absent()).is, Is::Created);
  EXPECT_EQ(file("a.json"), document("1"));
  EXPECT_EQ(file("a.json.damaged"), "damaged");
  EXPECT_EQ(shelf().counts().damaged, 0U);
}

TEST_F(BoardShelf, MoreFilesThanTheLimitAreCounted) {
  for (const char* id : {"a", "b", "c"})
    plant(std::string{id} + ".json", document(id));
  EXPECT_EQ(shelf(2).counts().boards, 2U);
  EXPECT_EQ(shelf(2).counts().damaged, 1U);
}

TEST_F(BoardShelf, ADiskThatTakesNothingIsToldAndChangesNothing) {
  std::ofstream{root_ + "/deep"} << "a file in the way";
  Shelf boards{{.path = folder(), .boards_max = 2}, log_};
  const BoardAnswer answer = put(boards, "a", document("1"), absent());
  EXPECT_EQ(answer.is, Is::NoDisk);
  EXPECT_FALSE(answer.text.empty());
  EXPECT_EQ(get(boards, "a").is, Is::Missing);
  EXPECT_EQ(boards.counts().failed, 1U);
}

TEST_F(BoardShelf, WithoutAPathNothingIsKept) {
  Shelf boards{{.path = "", .boards_max = 2}, log_};
  boards.open();
  EXPECT_EQ(boards.answer({}, {}).is, Is::Off);
  EXPECT_EQ(put(boards, "a", document("1"), absent()).is, Is::Off);
}

}  // namespace
}  // namespace gateway::boards
