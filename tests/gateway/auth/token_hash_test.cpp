#include "gateway/auth/token_hash.h"

#include <gtest/gtest.h>

#include <cctype>
#include <string>

namespace gateway::auth {
namespace {

// printf %s secret | sha256sum
constexpr std::string_view kSecretHash =
    "sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

TEST(TokenHash, IsReadInEitherCase) {
  EXPECT_EQ(read_token_hash(kSecretHash), hash_token("secret"));
  std::string upper{kSecretHash};
  for (std::size_t i = 7; i < upper.size(); ++i)
    upper[i] = static_cast<char>(std::toupper(upper[i]));
  EXPECT_EQ(read_token_hash(upper), hash_token("secret"));
}

TEST(TokenHash, RefusesEverythingElse) {
  const std::string good{kSecretHash};
  for (const std::string& bad :
       {std::string{}, good.substr(7), good.substr(0, good.size() - 1), good + "0",
        "sha512:" + good.substr(7), good.substr(0, good.size() - 1) + "g"})
    EXPECT_EQ(read_token_hash(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace gateway::auth
