#include "gateway/server/writer_tokens.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway::server {
namespace {

// printf %s secret | sha256sum
constexpr std::string_view kSecretHash =
    "sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

http::Request with(std::string_view authorization, std::string_view query = {}) {
  http::Request request;
  request.query = query;
  if (!authorization.empty())
    request.headers.push_back({"authorization", std::string{authorization}});
  return request;
}

TEST(WriterTokens, AreKnownByTheirHash) {
  const WriterTokens tokens{{{"a", hash_token("other")}, {"b", *read_token_hash(kSecretHash)}}};
  EXPECT_FALSE(tokens.open());
  ASSERT_NE(tokens.find("secret"), nullptr);
  EXPECT_EQ(tokens.find("secret")->name, "b");
  EXPECT_EQ(tokens.find("other")->name, "a");
  for (const std::string& bad : {std::string{}, std::string{"Secret"}, std::string{"secret "},
                                 std::string{kSecretHash}, std::string(100'000, 'x')})
    EXPECT_EQ(tokens.find(bad), nullptr) << bad.substr(0, 80);
}

TEST(WriterTokens, WithoutOneAnybodyMayWrite) {
  const WriterTokens tokens;
  EXPECT_TRUE(tokens.open());
  EXPECT_EQ(tokens.find("anything"), nullptr);
}

TEST(WriterTokens, ATokenOfTheLongestLengthIsOne) {
  const std::string longest(WriterTokens::kTokenBytesMax, 't');
  const WriterTokens tokens{{{"a", hash_token(longest)}, {"b", hash_token(longest + "t")}}};
  EXPECT_NE(tokens.find(longest), nullptr);
  EXPECT_EQ(tokens.find(longest + "t"), nullptr);
}

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

struct Form {
  const char* authorization;
  const char* token;
};

TEST(ShownToken, StandsInEveryFormOfTheHeader) {
  for (const Form& form : {
           Form{"Bearer secret", "secret"}, Form{"bearer  secret ", "secret"},
           Form{"Token secret", "secret"}, Form{"Token user:secret", "user:secret"},
           Form{"Basic dXNlcjpzZWNyZXQ=", "secret"},   // user:secret
           Form{"Basic OnNlY3JldA==", "secret"},       // :secret
           Form{"basic dXNlcjpzZTpjcmV0", "se:cret"},  // user:se:cret
       }) {
    const auto shown = shown_token(with(form.authorization), TokenInQuery::No);
    ASSERT_TRUE(shown) << form.authorization;
    EXPECT_EQ(shown->token, form.token) << form.authorization;
    EXPECT_FALSE(shown->malformed);
  }
}

TEST(ShownToken, IsMalformedWhereItCannotBeRead) {
  for (const char* bad : {"secret", "Bearer", "Bearer ", "Digest secret", "Basic", "Basic !!!!",
                          "Basic c2VjcmV0", "Basic dXNlcjpzZWNyZXQ", "Basic ====", "Basic A==="}) {
    const auto shown = shown_token(with(bad), TokenInQuery::Yes);
    ASSERT_TRUE(shown) << bad;
    EXPECT_TRUE(shown->malformed) << bad;
    EXPECT_EQ(shown->token, "") << bad;
  }
  http::Request two = with("Bearer secret");
  two.headers.push_back({"authorization", "Bearer secret"});
  EXPECT_TRUE(shown_token(two, TokenInQuery::No)->malformed);
}

TEST(ShownToken, StandsInTheQueryForInflux1Alone) {
  const http::Request request = with("", "db=x&u=user&p=se%20cret");
  EXPECT_EQ(shown_token(request, TokenInQuery::Yes)->token, "se cret");
  EXPECT_EQ(shown_token(request, TokenInQuery::No), std::nullopt);
  EXPECT_EQ(shown_token(with("", "db=x"), TokenInQuery::Yes), std::nullopt);
  // The header counts first.
  EXPECT_EQ(shown_token(with("Token a", "p=b"), TokenInQuery::Yes)->token, "a");
}

}  // namespace
}  // namespace gateway::server
