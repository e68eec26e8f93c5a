// rooms: gateway/ws
// Sec-WebSocket-Extensions, each line of the input one header line. How offers are spread over
// lines changes nothing; an answer of ours is one that our client takes, and names nothing that was
// not offered; what our client takes is within bounds.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ws/extension.h"
#include "gateway/ws/extension_reader.h"
#include "ingest/base/bytes.h"
#include "ingest/base/check.h"

namespace gateway::ws {
namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// Cut at every comma that stands outside quotes.
Lines spread(std::string_view line) {
  Lines lines;
  bool in_quotes = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (in_quotes && line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      in_quotes = !in_quotes;
    } else if (line[i] == ',' && !in_quotes) {
      lines.push_back(line.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  lines.push_back(line.substr(begin));
  return lines;
}

std::string answer_to(const Lines& lines) {
  const auto choice = choose_deflate(lines);
  if (!choice) return "malformed";
  return *choice ? (*choice)->answer : "none";
}

void check_choice(std::string_view text, const DeflateChoice& choice) {
  const int bits = choice.agreement.server_max_window_bits;
  CHECK(bits >= 9 && bits <= 15 && choice.agreement.client_max_window_bits == 15);
  CHECK(text.find("permessage-deflate") != std::string_view::npos);
  CHECK(choice.answer.find("client_max_window_bits") == std::string::npos);
  if (choice.answer.find("server_max_window_bits") != std::string::npos)
    CHECK(text.find("server_max_window_bits") != std::string_view::npos);
  const Lines answer{choice.answer};
  const auto agreed = check_deflate_answer(answer, Compression::Deflate);
  CHECK(agreed && *agreed && **agreed == choice.agreement);
}

void check_server(std::string_view text) {
  const Lines lines = lines_of(text);
  std::string joined;
  Lines spread_lines;
  for (const std::string_view line : lines) {
    joined.append(joined.empty() ? "" : ", ").append(line);
    for (const std::string_view part : spread(line))
      spread_lines.push_back(part);
  }
  const std::string answer = answer_to(lines);
  CHECK(answer_to(spread_lines) == answer);
  // A quoted value that begins on one line and ends on the next is whole only when they are joined.
  if (answer != "malformed") CHECK(answer_to({joined}) == answer);
  if (const auto choice = choose_deflate(lines); choice && *choice) check_choice(text, **choice);
}

void check_client(std::string_view text) {
  const Lines lines = lines_of(text);
  const auto refused = check_deflate_answer(lines, Compression::None);
  CHECK(!refused || !*refused);
  const auto agreed = check_deflate_answer(lines, Compression::Deflate);
  if (!agreed) CHECK(agreed.error().size() < 300);
  if (!agreed || !*agreed) return;
  CHECK((*agreed)->server_max_window_bits >= 8 && (*agreed)->server_max_window_bits <= 15);
  CHECK((*agreed)->client_max_window_bits >= 8 && (*agreed)->client_max_window_bits <= 15);
  CHECK(text.find("server_no_context_takeover") != std::string_view::npos);
}

/// Each part uses up its own bytes, so the work is linear in them.
void check_linear(std::string_view text) {
  const Lines lines = lines_of(text);
  ExtensionReader reader{lines};
  std::size_t used = 0;
  for (auto part = reader.next(); part && *part; part = reader.next())
    used += (*part)->name.size() + ((*part)->value ? (*part)->value->size() : 0);
  CHECK(used <= text.size());
}

}  // namespace
}  // namespace gateway::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = ingest::as_text({data, size});
  gateway::ws::check_server(text);
  gateway::ws::check_client(text);
  gateway::ws::check_linear(text);
  return 0;
}
