// Every file of tests/config/bad says at its top, in lines that begin with "# expect: ", which
// faults it gives, all of them and in that order.

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "gateway/config/load.h"
#include "tests/support/source_tree.h"

namespace gateway::config {
namespace {

TEST(BadFiles, GiveExactlyTheFaultsTheyExpect) {
  const std::filesystem::path folder = tests::support::source_path("tests/config/bad");
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() != ".yaml") continue;
    ++files;
    const std::string text = tests::support::read_text(entry.path());
    std::string expected;
    std::istringstream lines{text};
    constexpr std::string_view kMark = "# expect: ";
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(kMark)) expected += line.substr(kMark.size()) + "\n";
    }
    const Loaded loaded = parse(text, "weir.yaml");
    std::string found;
    if (!loaded) {
      for (const Fault& fault : loaded.error())
        found += to_text(fault) + "\n";
    }
    EXPECT_FALSE(expected.empty()) << entry.path();
    EXPECT_EQ(found, expected) << entry.path();
  }
  EXPECT_GE(files, 60);
}

}  // namespace
}  // namespace gateway::config
