#include "gateway/cli/archive_path.h"

#include <cstdlib>
#include <string_view>

namespace gateway::cli {
namespace {

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread yet
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

std::string at_home(const std::string& path) {
  if (!path.starts_with('~')) return path;
  const std::string_view home = environment("HOME");
  return home.empty() ? std::string{} : std::string{home} + path.substr(1);
}

}  // namespace

std::string archive_path(const config::Config& config) {
  const std::string& path = config.archive.path;
  const std::string_view given = environment("STATE_DIRECTORY");
  if (path == config::Config{}.archive.path && !path.empty() && !given.empty()) {
    return std::string{given.substr(0, given.find(':'))};
  }
  return at_home(path);
}

std::string boards_path(const config::Config& config) {
  if (config.boards.path != config::kBesideArchive) return at_home(config.boards.path);
  const std::string archive = archive_path(config);
  return archive.empty() ? std::string{} : archive + "/boards";
}

}  // namespace gateway::cli
