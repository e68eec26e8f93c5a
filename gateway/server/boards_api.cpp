#include "gateway/server/boards_api.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/publish/boards.h"
#include "gateway/server/answer.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/query_fault.h"
#include "ingest/base/result.h"

namespace gateway::server {
namespace {

using http::Request;
using http::Response;
using ingest::Failure;
using ingest::Result;
using ingest::query::Code;
using publish::BoardAnswer;
using publish::BoardAnswerPtr;
using publish::BoardAsk;
using publish::BoardCondition;
using Is = BoardAnswer::Is;

constexpr std::string_view kApi = "/api/";

Response bad(std::string msg) {
  return refused({Code::ProtoBadField, std::move(msg), false});
}

Response fault(int status, std::string_view sentence) {
  return http::error_response(status, sentence, kApi);
}

/// The strong ones: a weak one is the same as none (RFC 9110 section 8.8.3.2).
std::vector<std::string> strong_tags(const Request& request, std::string_view name) {
  std::vector<std::string> tags;
  for (std::string_view rest : request.header_values(name)) {
    while (true) {
      rest.remove_prefix(std::min(rest.find_first_not_of(" \t,"), rest.size()));
      const bool weak = rest.starts_with("W/");
      if (weak) rest.remove_prefix(2);
      const std::size_t end = rest.starts_with('"') ? rest.find('"', 1) : std::string_view::npos;
      if (end == std::string_view::npos) break;
      if (!weak) tags.emplace_back(rest.substr(0, end + 1));
      rest.remove_prefix(end + 1);
    }
  }
  return tags;
}

/// What whoever changes a board has to say: which one he has seen.
Result<BoardCondition, Response> read_condition(const Request& request) {
  const auto match = request.header("if-match");
  if (match == "*") return BoardCondition{.is = BoardCondition::Is::Exists};
  if (match)
    return BoardCondition{.is = BoardCondition::Is::Same, .tags = strong_tags(request, "if-match")};
  const auto none = request.header("if-none-match");
  if (none == "*") return BoardCondition{.is = BoardCondition::Is::Absent};
  if (none) return Failure{bad("If-None-Match: want * here, for a board that is not there yet")};
  return Failure{
      fault(428,
            "Say which board you change: If-Match with its ETag, or If-None-Match: * for a "
            "new one")};
}

Response changed_answer(const BoardAnswer& board) {
  if (board.tag.empty()) return fault(412, "There is no such board any more");
  return fault(412, "Somebody has changed this board meanwhile; load it again")
      .add("ETag", board.tag);
}

Response empty_answer(int status, const BoardAnswer& board) {
  Response response;
  response.status = status;
  response.add("Cache-Control", "no-store");
  if (!board.tag.empty()) response.add("ETag", board.tag);
  return response;
}

Response given_answer(const BoardAnswer& board, const std::vector<std::string>& known) {
  if (board.tag.empty()) return json_answer(board.text);
  if (std::ranges::find(known, board.tag) != known.end()) return empty_answer(304, board);
  return json_answer(board.text).add("ETag", board.tag);
}

Response busy(std::string_view sentence) {
  return fault(503, sentence).add("Retry-After", "1");
}

/// `known` are the tags of who asks for a document.
Response response_of(const BoardAnswer& board, const std::vector<std::string>& known) {
  switch (board.is) {
    case Is::Given:
      return given_answer(board, known);
    case Is::Created:
      return empty_answer(201, board);
    case Is::Written:
    case Is::Removed:
      return empty_answer(204, board);
    case Is::Missing:
      return fault(404, "There is no such board");
    case Is::Changed:
      return changed_answer(board);
    case Is::Bad:
      return bad(board.text);
    case Is::Full:
      return fault(507, "There are as many boards as limits.boards allows");
    case Is::Busy:
      return busy("Too many boards wait for the disk");
    case Is::NoDisk:
      return busy("The board could not be saved: " + board.text);
    case Is::Off:
      break;
  }
  return fault(404, "No boards are kept here: boards.path and archive.path are empty");
}

Question ask(BoardAsk what, std::vector<std::string> known = {}) {
  const auto respond = [known = std::move(known)](const publish::Answer& answer) -> Outcome {
    const auto* board = std::get_if<BoardAnswerPtr>(&answer);
    if (board == nullptr || *board == nullptr)
      return refused({Code::ServerInternal, "an answer to another question", false});
    return response_of(**board, known);
  };
  return {.what = std::move(what), .respond = respond};
}

std::optional<Response> refuse_id(std::string_view id) {
  if (publish::is_board_id(id)) return std::nullopt;
  return bad("id: want 1 to " + std::to_string(publish::kBoardIdBytesMax) +
             " of a to z, 0 to 9 and -");
}

}  // namespace

Reply answer_boards(const Request& /*request*/, std::string_view /*rest*/,
                    const AnswerContext& /*context*/) {
  return ask({.what = BoardAsk::Do::List});
}

Reply answer_board(const Request& request, std::string_view id, const AnswerContext& /*context*/) {
  if (auto refusal = refuse_id(id)) return *std::move(refusal);
  return ask({.what = BoardAsk::Do::Read, .id = std::string{id}},
             strong_tags(request, "if-none-match"));
}

Reply write_board(const Request& request, std::string_view id, const AnswerContext& /*context*/) {
  if (auto refusal = refuse_id(id)) return *std::move(refusal);
  auto condition = read_condition(request);
  if (!condition) return std::move(condition).error();
  return ask({.what = BoardAsk::Do::Write,
              .id = std::string{id},
              .condition = *std::move(condition),
              .text = request.body});
}

Reply remove_board(const Request& request, std::string_view id, const AnswerContext& /*context*/) {
  if (auto refusal = refuse_id(id)) return *std::move(refusal);
  auto condition = read_condition(request);
  if (!condition) return std::move(condition).error();
  return ask(
      {.what = BoardAsk::Do::Remove, .id = std::string{id}, .condition = *std::move(condition)});
}

}  // namespace gateway::server
