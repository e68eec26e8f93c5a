#pragma once
// SourceTree: where the files of the repository are that a test reads: examples, corpora, deploy/.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace tests::support {

/// "deploy/weir.yaml" -> its whole path.
inline std::filesystem::path source_path(std::string_view name) {
  return std::filesystem::path{__FILE__}.parent_path().parent_path().parent_path() / name;
}

/// A file's whole text; empty when there is none.
inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

}  // namespace tests::support
