#include "gateway/server/credentials.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway::server {
namespace {

http::Request with(std::string_view authorization, std::string_view query = {}) {
  http::Request request;
  request.query = query;
  if (!authorization.empty())
    request.headers.push_back({"authorization", std::string{authorization}});
  return request;
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

http::Request with_cookie(const std::string& cookie) {
  http::Request request;
  request.headers.push_back({"cookie", cookie});
  return request;
}

TEST(ShownToken, StandsInTheCookieOfASession) {
  for (const std::string& token :
       {std::string{"secret"}, std::string{"two words; \"quoted\""}, std::string{"\xc3\xa9"},
        std::string{"eyJ.eyJ.sig-_"}, std::string{"b.x"}}) {
    const std::string cookie = "theme=dark; weir_session=" + cookie_of(token) + "; last=1";
    const auto shown = shown_token(with_cookie(cookie), TokenInQuery::No);
    ASSERT_TRUE(shown) << token;
    EXPECT_EQ(shown->token, token);
    EXPECT_FALSE(shown->malformed);
  }
  EXPECT_EQ(shown_token(with_cookie("theme=dark"), TokenInQuery::No), std::nullopt);
  EXPECT_EQ(shown_token(with_cookie("xweir_session=t.a"), TokenInQuery::No), std::nullopt);
}

TEST(ShownToken, IsNoneOfSeveralCookies) {
  for (const char* cookie : {"weir_session=t.a; weir_session=t.b", "weir_session=a",
                             "weir_session=", "weir_session=b.!", "weir_session"}) {
    const auto shown = shown_token(with_cookie(cookie), TokenInQuery::No);
    ASSERT_TRUE(shown) << cookie;
    EXPECT_TRUE(shown->malformed) << cookie;
  }
  http::Request two = with_cookie("weir_session=t.a");
  two.headers.push_back({"cookie", "weir_session=t.a"});
  EXPECT_TRUE(shown_token(two, TokenInQuery::No)->malformed);
}

TEST(ShownToken, OfTheHeaderGoesBeforeTheCookie) {
  http::Request both = with_cookie("weir_session=t.cookie");
  both.headers.push_back({"authorization", "Bearer header"});
  EXPECT_EQ(shown_token(both, TokenInQuery::No)->token, "header");
}

TEST(Credentials, OverHttpsTheCookieOfThisVeryHostCountsAlone) {
  const http::Request both =
      with_cookie("weir_session=t.planted; __Host-weir_session=t.own; theme=dark");
  EXPECT_EQ(shown_token(both, TokenInQuery::No, Scheme::Https)->token, "own");
  EXPECT_EQ(shown_token(both, TokenInQuery::No, Scheme::Http)->token, "planted");
  const http::Request planted = with_cookie("weir_session=t.planted");
  EXPECT_EQ(shown_token(planted, TokenInQuery::No, Scheme::Https), std::nullopt);
}

}  // namespace
}  // namespace gateway::server
