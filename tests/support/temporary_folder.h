#pragma once
// TemporaryFolder: a folder of a test's own; all that is in it goes with it.

#include <cstdlib>
#include <filesystem>
#include <string>

namespace tests::support {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = std::filesystem::temp_directory_path() / "weir-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_; }
  std::string path(const std::string& name) const { return folder_ / name; }
  bool holds(const std::string& name) const { return std::filesystem::exists(folder_ / name); }

 private:
  std::filesystem::path folder_;
};

}  // namespace tests::support
