#include "gateway/boards/shelf.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "gateway/boards/document.h"
#include "ingest/base/bytes.h"
#include "ingest/base/check.h"

namespace gateway::boards {

using ingest::Result;
using publish::BoardAnswer;
using publish::BoardAsk;
using publish::BoardCondition;
using Is = BoardAnswer::Is;
using Json = nlohmann::json;

std::string tag_of(std::string_view text) {
  constexpr std::size_t kBytes = 16;  // of the hash: more than chance could meet
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> hash{};
  const auto bytes = ingest::as_bytes(text);
  CHECK(SHA256(bytes.data(), bytes.size(), hash.data()) != nullptr);
  std::string tag = "\"";
  for (std::size_t i = 0; i < kBytes; ++i) {
    tag += kDigits[hash[i] >> 4U];
    tag += kDigits[hash[i] & 0x0fU];
  }
  return tag + '"';
}

void Shelf::open() {
  if (options_.path.empty()) return;
  auto found = folder_.read(options_.boards_max);
  if (!found) {
    log_.error("boards_unreadable", {{"why", found.error().what}});
    return;
  }
  for (const auto& [name, why] : found->strange) {
    ++counts_.damaged;
    log_.warn("board_skipped", {{"file", options_.path + '/' + name}, {"why", why}});
  }
  for (Folder::File& file : found->files) {
    auto title = check_document(file.text);
    if (!title) {
      ++counts_.damaged;
      log_.warn("board_skipped",
                {{"file", options_.path + '/' + file.id + ".json"}, {"why", title.error()}});
      damaged_.insert(std::move(file.id));
      continue;
    }
    std::string tag = tag_of(file.text);
    boards_[std::move(file.id)] = {*std::move(title), std::move(file.text), std::move(tag),
                                   file.changed};
  }
  counts_.boards = boards_.size();
}

BoardAnswer Shelf::answer(const BoardAsk& ask, ingest::WallTime now) {
  if (options_.path.empty()) return {.is = Is::Off};
  switch (ask.what) {
    case BoardAsk::Do::List:
      return list();
    case BoardAsk::Do::Read:
      return read(ask.id);
    case BoardAsk::Do::Write:
      return write(ask, now);
    case BoardAsk::Do::Remove:
      return remove(ask);
  }
  return {};
}

BoardAnswer Shelf::list() const {
  Json items = Json::array();
  for (const auto& [id, board] : boards_)
    items.push_back(
        {{"id", id}, {"title", board.title}, {"changed", ingest::to_ms(board.changed)}});
  return {.is = Is::Given, .text = Json{{"items", std::move(items)}, {"next", nullptr}}.dump()};
}

BoardAnswer Shelf::read(const std::string& id) const {
  const auto board = boards_.find(id);
  if (board == boards_.end()) return {.is = Is::Missing};
  return {.is = Is::Given, .text = board->second.text, .tag = board->second.tag};
}

bool Shelf::holds(const BoardCondition& condition, Boards::const_iterator board) const {
  const bool there = board != boards_.end();
  switch (condition.is) {
    case BoardCondition::Is::Absent:
      return !there;
    case BoardCondition::Is::Exists:
      return there;
    case BoardCondition::Is::Same:
      break;
  }
  return there && std::ranges::find(condition.tags, board->second.tag) != condition.tags.end();
}

BoardAnswer Shelf::changed(Boards::const_iterator board) {
  ++counts_.changed;
  return {.is = Is::Changed, .text = {}, .tag = board == boards_.end() ? "" : board->second.tag};
}

/// The file that stands there may be no board: somebody may want it back.
Result<void> Shelf::save(const BoardAsk& ask) {
  if (damaged_.contains(ask.id)) TRY(folder_.put_aside(ask.id));
  damaged_.erase(ask.id);
  return folder_.write(ask.id, ask.text);
}

BoardAnswer Shelf::write(const BoardAsk& ask, ingest::WallTime now) {
  const auto board = boards_.find(ask.id);
  if (!holds(ask.condition, board)) return changed(board);
  const bool is_new = board == boards_.end();
  if (is_new && boards_.size() >= options_.boards_max) {
    ++counts_.refused;
    return {.is = Is::Full};
  }
  auto title = check_document(ask.text);
  if (!title) {
    ++counts_.refused;
    return {.is = Is::Bad, .text = title.error()};
  }
  if (const auto saved = save(ask); !saved) return no_disk(saved.error());
  std::string tag = tag_of(ask.text);
  boards_[ask.id] = {*std::move(title), ask.text, tag, now};
  ++counts_.written;
  counts_.boards = boards_.size();
  return {.is = is_new ? Is::Created : Is::Written, .text = {}, .tag = std::move(tag)};
}

BoardAnswer Shelf::remove(const BoardAsk& ask) {
  const auto board = boards_.find(ask.id);
  if (board == boards_.end()) return {.is = Is::Missing};
  if (!holds(ask.condition, board)) return changed(board);
  if (const auto removed = folder_.remove(ask.id); !removed) return no_disk(removed.error());
  boards_.erase(board);
  ++counts_.removed;
  counts_.boards = boards_.size();
  return {.is = Is::Removed};
}

BoardAnswer Shelf::no_disk(const ingest::Error& fault) {
  if (counts_.failed++ == 0) log_.error("board_not_saved", {{"why", fault.what}});
  return {.is = Is::NoDisk, .text = fault.what};
}

}  // namespace gateway::boards
