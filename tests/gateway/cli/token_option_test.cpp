#include "gateway/cli/token_option.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace gateway::cli {
namespace {

class TokenOption : public ::testing::Test {
 protected:
  std::string file(const std::string& text) const {
    std::string path = folder_.path("token");
    std::ofstream{path} << text;
    return path;
  }
  static tools::Target to(tools::Target::Way way) {
    tools::Target target;
    target.way = way;
    return target;
  }
  tests::support::TemporaryFolder folder_;
};

TEST_F(TokenOption, IsTheFirstLineOfTheFileElseTheVariable) {
  const Variables variables{{"HOME", "/root"}, {"WEIR_TOKEN", "other"}};
  EXPECT_EQ(*read_token(file("s3cret\n"), variables), "s3cret");
  EXPECT_EQ(*read_token(file("s3cret\r\nmore"), variables), "s3cret");
  EXPECT_EQ(*read_token(file("s3cret"), variables), "s3cret");
  EXPECT_EQ(*read_token("", variables), "other");
  EXPECT_EQ(*read_token("", {}), "");
}

TEST_F(TokenOption, RefusesWhatIsNoToken) {
  EXPECT_FALSE(read_token(folder_.path("none"), {}));
  EXPECT_FALSE(read_token(folder_.path(), {}));
  for (const std::string& bad : {std::string{}, std::string{"\n"}, std::string{"two words\n"},
                                 std::string{"a\x01\n"}, std::string(1'001, 'x')}) {
    const auto read = read_token(file(bad), {{"WEIR_TOKEN", "good"}});
    ASSERT_FALSE(read) << bad;
    EXPECT_TRUE(read.error().starts_with("--token-file " + folder_.path("token"))) << read.error();
  }
  const auto variable = read_token("", {{"WEIR_TOKEN", "se cret"}});
  ASSERT_FALSE(variable);
  EXPECT_EQ(variable.error().find("se cret"), std::string::npos);
}

TEST_F(TokenOption, AFileIsRefusedForDatagrams) {
  for (const auto way : {tools::Target::Way::Udp, tools::Target::Way::Unixgram}) {
    EXPECT_FALSE(shows_token(to(way), "t"));
    EXPECT_TRUE(shows_token(to(way), ""));
  }
  EXPECT_TRUE(shows_token(to(tools::Target::Way::Tcp), "t"));
  EXPECT_TRUE(shows_token(to(tools::Target::Way::Http), "t"));
}

}  // namespace
}  // namespace gateway::cli
