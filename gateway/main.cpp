// weir: the program. Everything is built in gateway/cli and handed on from there.

#include <unistd.h>

#include <iostream>
#include <string_view>

#include "gateway/cli/run.h"

namespace {

/// The process's variables, split at their first `=`.
std::vector<std::pair<std::string, std::string>> variables() {
  std::vector<std::pair<std::string, std::string>> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    all.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

}  // namespace

int main(int count, char** arguments) {
  return gateway::cli::run({.arguments = {arguments + std::min(count, 1), arguments + count},
                            .variables = variables(),
                            .out = std::cout,
                            .err = std::cerr});
}
