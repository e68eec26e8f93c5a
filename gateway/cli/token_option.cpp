#include "gateway/cli/token_option.h"

#include <algorithm>
#include <fstream>

namespace gateway::cli {
namespace {

using ingest::Failure;
using ingest::Result;

/// As servers take one in a header, or in a stream's first line.
constexpr std::size_t kTokenBytesMax = 1'000;

bool is_token(std::string_view text) {
  const auto fits = [](char byte) { return byte > ' ' && byte < 127; };
  return !text.empty() && text.size() <= kTokenBytesMax &&
         std::all_of(text.begin(), text.end(), fits);
}

Result<std::string, std::string> checked(std::string token, const std::string& where) {
  if (is_token(token)) return token;
  return Failure{where + " holds no token: 1 to " + std::to_string(kTokenBytesMax) +
                 " visible characters without a space"};
}

}  // namespace

void add_token_file(const Syntax& command, std::string& to) {
  command.text(to,
               {"--token-file", "Its first line is shown to the server (or WEIR_TOKEN)", "FILE"});
}

Result<void, std::string> shows_token(const tools::Target& target, const std::string& file) {
  if (file.empty() || !tools::sends_datagrams(target.way)) return {};
  return Failure{
      std::string{"--token-file is for tcp://, unix: and http://; a datagram shows no token"}};
}

Result<std::string, std::string> read_token(const std::string& file, const Variables& variables) {
  if (!file.empty()) {
    std::ifstream in{file};
    std::string line;
    if (!std::getline(in, line) && line.empty())
      return Failure{"--token-file " + file + " cannot be read, or is empty"};
    if (line.ends_with('\r')) line.pop_back();
    return checked(std::move(line), "--token-file " + file);
  }
  const auto named = [](const auto& variable) { return variable.first == kTokenVariable; };
  const auto found = std::find_if(variables.begin(), variables.end(), named);
  if (found == variables.end() || found->second.empty()) return std::string{};
  return checked(found->second, std::string{kTokenVariable});
}

}  // namespace gateway::cli
