#pragma once
// Boards: saved dashboards, as they are asked for and answered: data, and who keeps them as the
// publisher sees it. All calls are on the hub's thread; documents are read, checked and written on
// another, so an answer comes later.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::publish {

constexpr std::size_t kBoardIdBytesMax = 64;
constexpr std::size_t kBoardBytesMax = std::size_t{256} * 1024;  // of a document

/// [a-z0-9-], up to kBoardIdBytesMax: a board's id is the name of its file.
constexpr bool is_board_id(std::string_view id) {
  for (const char c : id)
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') return false;
  return !id.empty() && id.size() <= kBoardIdBytesMax;
}

/// What has to hold before a board is changed: nobody overwrites what he has not seen.
struct BoardCondition {
  enum class Is : std::uint8_t {
    Same,    // its tag is one of `tags`
    Exists,  // there is one
    Absent,  // there is none
  };
  Is is = Is::Same;
  std::vector<std::string> tags{};  // strong entity tags, quoted
};

struct BoardAsk {
  enum class Do : std::uint8_t { List, Read, Write, Remove };
  Do what = Do::List;
  std::string id{};            // is_board_id(), but of List
  BoardCondition condition{};  // of Write and Remove
  std::string text{};          // of Write: the document
};

struct BoardAnswer {
  enum class Is : std::uint8_t {
    Given,    // `text` is the list, or the document with its `tag`
    Created,  // `tag`
    Written,  // `tag`
    Removed,
    Missing,  // there is no such board
    Changed,  // the condition does not hold; `tag` is what it is now, empty where there is none
    Bad,      // the document; `text` says where and why
    Full,     // limits.boards
    Busy,     // too much waits
    NoDisk,   // `text` says why
    Off,      // no boards are kept here
  };
  Is is = Is::Off;
  std::string text{};
  std::string tag{};
};
using BoardAnswerPtr = std::shared_ptr<const BoardAnswer>;

class Boards {
 public:
  using Id = std::uint64_t;
  using Done = std::function<void(const BoardAnswerPtr&)>;
  Boards() = default;
  Boards(const Boards&) = delete;
  Boards& operator=(const Boards&) = delete;
  virtual ~Boards() = default;
  /// `done` is called once, after ask() has returned, unless drop() comes before.
  virtual Id ask(BoardAsk ask, Done done) = 0;
  /// Nobody waits for it any more; what was asked is done all the same. Harmless for what was
  /// answered.
  virtual void drop(Id id) = 0;
};

}  // namespace gateway::publish
