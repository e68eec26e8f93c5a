#include "gateway/cli/archive_path.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace gateway::cli {
namespace {

/// An environment variable as the test says; as it was when the test ends.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* const was = std::getenv(name)) was_ = was;
    value == nullptr ? unsetenv(name) : setenv(name, value, 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { was_ ? setenv(name_, was_->c_str(), 1) : unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> was_;
};

std::string path_of(const std::string& configured) {
  config::Config config;
  config.archive.path = configured;
  return archive_path(config);
}

TEST(ArchivePath, WhatIsConfiguredGoesBeforeTheStateDirectory) {
  const Variable home{"HOME", "/there"};
  const Variable state{"STATE_DIRECTORY", "/state"};
  EXPECT_EQ(path_of("/past"), "/past");
  EXPECT_EQ(path_of("~/past"), "/there/past");
  EXPECT_EQ(path_of("relative"), "relative");
}

TEST(ArchivePath, AnEmptyOneTurnsTheArchiveOffWhateverTheEnvironment) {
  const Variable state{"STATE_DIRECTORY", "/state"};
  EXPECT_EQ(path_of(""), "");
}

TEST(ArchivePath, WithoutAHomeThereIsNoPlaceForIt) {
  const Variable state{"STATE_DIRECTORY", nullptr};
  const Variable home{"HOME", nullptr};
  EXPECT_EQ(path_of("~/past"), "");
}

std::string boards_of(const std::string& archive, const std::string& boards) {
  config::Config config;
  config.archive.path = archive;
  if (!boards.empty()) config.boards.path = boards == "none" ? "" : boards;
  return boards_path(config);
}

TEST(BoardsPath, IsBesideTheArchiveUnlessSomebodySaysWhere) {
  const Variable home{"HOME", "/there"};
  const Variable state{"STATE_DIRECTORY", nullptr};
  EXPECT_EQ(boards_of("/past", ""), "/past/boards");
  EXPECT_EQ(boards_of("~/past", ""), "/there/past/boards");
  EXPECT_EQ(boards_of("/past", "~/mine"), "/there/mine");
  EXPECT_EQ(boards_of("", "/mine"), "/mine");
  EXPECT_EQ(boards_of("", ""), "");
  EXPECT_EQ(boards_of("/past", "none"), "");
}

}  // namespace
}  // namespace gateway::cli
