// embed.py: equal folders give equal files, whatever their times.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/source_tree.h"
#include "tests/support/temporary_folder.h"

namespace tests {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Folders {
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((top / name).parent_path());
    std::ofstream(top / name, std::ios::binary) << text;
  }
  int embed(const std::string& from, const std::string& to) const {
    const std::string command = "python3 " +
                                support::source_path("gateway/server/embed.py").string() + " " +
                                (top / from).string() + " " + (top / to).string();
    // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): a tool of the build, run by its test.
    return std::system(command.c_str());
  }
  support::TemporaryFolder folder;
  const fs::path top = folder.path();
};

TEST(Embed, EqualFoldersGiveEqualFiles) {
  const Folders folders;
  for (const char* copy : {"one", "two"}) {
    folders.write(std::string{copy} + "/index.html", "<p>x</p>");
    folders.write(std::string{copy} + "/weir.js", std::string(5'000, 'y'));
    folders.write(std::string{copy} + "/assets/index-Bc9dEf12.js", std::string(3'000, 'z'));
  }
  fs::last_write_time(folders.top / "two/weir.js", fs::file_time_type{} + std::chrono::hours{1});
  ASSERT_EQ(folders.embed("one", "out"), 0);
  const std::string table = content(folders.top / "out/assets_table.cpp");
  const std::string bytes = content(folders.top / "out/assets.bin");
  ASSERT_EQ(folders.embed("two", "out"), 0);
  EXPECT_EQ(content(folders.top / "out/assets_table.cpp"), table);
  EXPECT_EQ(content(folders.top / "out/assets.bin"), bytes);
  EXPECT_NE(table.find(R"({"/", "text/html; charset=utf-8")"), std::string::npos);
  EXPECT_NE(table.find(R"("/assets/index-Bc9dEf12.js")"), std::string::npos);
  EXPECT_LT(bytes.size(), 9'000U);
}

TEST(Embed, AnotherByteGivesAnotherTable) {
  const Folders folders;
  folders.write("one/weir.js", "a");
  ASSERT_EQ(folders.embed("one", "out"), 0);
  const std::string before = content(folders.top / "out/assets_table.cpp");
  folders.write("one/weir.js", "b");
  ASSERT_EQ(folders.embed("one", "out"), 0);
  EXPECT_NE(content(folders.top / "out/assets_table.cpp"), before);
}

TEST(Embed, AMissingFolderGivesAnEmptyTable) {
  const Folders folders;
  ASSERT_EQ(folders.embed("nothing", "out"), 0);
  EXPECT_NE(content(folders.top / "out/assets_table.cpp").find("return {};"), std::string::npos);
}

}  // namespace
}  // namespace tests
