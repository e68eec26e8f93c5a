#include "gateway/cli/query.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ostream>
#include <utility>

#include "gateway/cli/answer_table.h"
#include "gateway/cli/json_fields.h"
#include "gateway/cli/query_text.h"
#include "gateway/cli/tail_view.h"
#include "gateway/tools/http_call.h"
#include "ingest/io/real_clock.h"

namespace gateway::cli {
namespace {

using ingest::Result;
using nlohmann::json;

/// A little more than a server lets a question wait.
constexpr std::chrono::seconds kPatience{40};
constexpr std::size_t kPagesMax = 10'000;

struct Refusal {
  Exit exit = Exit::CannotGoOn;
  std::string why;
};
using Answered = Result<AnswerTable, Refusal>;

std::string escaped(std::string_view text) {
  constexpr std::string_view kPlain = "-._~";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out.append(1, '%').append(1, kHex[byte >> 4U]).append(1, kHex[byte & 15U]);
    }
  }
  return out;
}

std::string path_of(const QueryWish& wanted, std::int64_t now_ms) {
  std::string path = "/api/v1/query";
  const std::int64_t end_ms = wanted.end_ms.value_or(now_ms);
  if (!wanted.last) {
    path += "?q=" + escaped(wanted.query);
    return wanted.end_ms ? path + "&time=" + std::to_string(end_ms) : path;
  }
  path += "_range?q=" + escaped(wanted.query);
  path += "&start=" + std::to_string(std::max<std::int64_t>(0, end_ms - wanted.last->count()));
  path += "&end=" + std::to_string(end_ms);
  if (!wanted.step.empty()) path += "&step=" + escaped(wanted.step);
  return path;
}

/// What the server says it will not do: its own words where it has some.
Refusal refusal_of(const tools::HttpAnswer& answer) {
  const json body = json::parse(answer.body, nullptr, false);
  const Exit exit =
      answer.status >= 500 || answer.status == 429 ? Exit::CannotGoOn : Exit::Configuration;
  const json* error = body.is_object() ? member_at(body, "error") : nullptr;
  if (error == nullptr || !error->is_object())
    return {exit, "the server answered with status " + std::to_string(answer.status)};
  const std::string why = text_at(*error, "msg") + " (" + text_at(*error, "code") + ")";
  return {exit, (exit == Exit::Configuration ? "the server refused the query: "
                                             : "the server cannot answer now: ") +
                    why};
}

Answered ask(const QueryWish& wanted, std::int64_t now_ms) {
  const std::string path = path_of(wanted, now_ms);
  AnswerTable table;
  for (std::size_t page = 0; page < kPagesMax; ++page) {
    tools::HttpQuestion question;
    question.path = page == 0 ? path : path + "&cursor=" + escaped(table.next());
    question.patience = kPatience;
    const auto answer = tools::http_call(wanted.target, question);
    if (!answer) return ingest::Failure{Refusal{Exit::CannotGoOn, answer.error().what}};
    if (answer->status != 200) return ingest::Failure{refusal_of(*answer)};
    const auto added = table.add(answer->body);
    if (!added) return ingest::Failure{Refusal{Exit::CannotGoOn, added.error()}};
    if (table.next().empty()) return table;
  }
  return ingest::Failure{Refusal{Exit::CannotGoOn, "the answer has no end"}};
}

Screen screen_of(int out) {
  winsize size{};
  const bool known = ::ioctl(out, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return {.columns = known ? size.ws_col : SIZE_MAX, .lines = SIZE_MAX, .rows_max = SIZE_MAX};
}

std::string text_of(const QueryWish& wanted, const AnswerTable& answer, int out) {
  using Form = QueryWish::Form;
  if (wanted.form == Form::Json) return answer_as_json(answer, wanted.metric);
  if (wanted.form == Form::Csv) return answer_as_csv(answer);
  const char* plain = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): one thread
  const bool colors = ::isatty(out) != 0 && (plain == nullptr || *plain == '\0');
  return answer_as_table(answer, screen_of(out), colors ? Colors::Yes : Colors::No);
}

/// A reader that has gone wants no more: no fault.
bool write_all(int out, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(out, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EPIPE;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

Exit query(const QueryWish& wanted, int out, std::ostream& err) {
  const ingest::io::RealClock clock;
  const Answered answer = ask(wanted, ingest::to_ms(clock.wall()));
  if (!answer) {
    err << "weir query: " << answer.error().why << "\n";
    return answer.error().exit;
  }
  if (answer->rows() == 0) {
    const std::string hint = star_hint(wanted.metric);
    err << "weir query: " << no_match_text(wanted.metric) << (hint.empty() ? "" : " (" + hint + ")")
        << "\n";
    if (wanted.form == QueryWish::Form::Table) return Exit::Good;
  }
  if (write_all(out, text_of(wanted, *answer, out))) return Exit::Good;
  err << "weir query: standard output cannot be written\n";
  return Exit::CannotGoOn;
}

}  // namespace gateway::cli
