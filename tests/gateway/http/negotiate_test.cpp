#include "gateway/http/negotiate.h"

#include <gtest/gtest.h>

namespace gateway::http {
namespace {

std::optional<Encoding> choose(const char* accept, Offer offer = Offer::GzipToo) {
  Request request;
  if (accept != nullptr) request.headers.push_back({"accept-encoding", accept});
  return choose_encoding(request, offer);
}

TEST(Negotiate, ChoosesTheEncodingThatTheClientWeighsMost) {
  struct Case {
    const char* accept;
    std::optional<Encoding> want;
  };
  const std::vector<Case> cases{
      {nullptr, Encoding::Identity},
      {"", Encoding::Identity},
      {"gzip", Encoding::Gzip},
      {"GZip, deflate, br", Encoding::Gzip},
      {"x-gzip", Encoding::Gzip},
      {"*", Encoding::Gzip},
      {"br", Encoding::Identity},
      {"gzip;q=0", Encoding::Identity},
      {"gzip;q=0.000", Encoding::Identity},
      {"gzip; q=0, *", Encoding::Identity},
      {"gzip;q=0.5, identity;q=0.4", Encoding::Gzip},
      {"gzip;q=0.4, identity;q=0.5", Encoding::Identity},
      {"gzip;q=0.001", Encoding::Gzip},
      {"gzip;q=0.5, *", Encoding::Identity},
      {"*;q=0.5, gzip", Encoding::Gzip},
      {"identity;q=0", std::nullopt},
      {"identity;q=0, gzip;q=0", std::nullopt},
      {"*;q=0", std::nullopt},
      {"gzip, *;q=0", Encoding::Gzip},
      {"identity, *;q=0", Encoding::Identity},
      {"*;q=0, identity;q=0.1", Encoding::Identity},
      {"gzip;q=2", Encoding::Identity},
      {"gzip;q=x", Encoding::Identity},
      {"gzip;q=", Encoding::Identity},
      {"gzip;q", Encoding::Identity},
      {"gzip; Q =0.5", Encoding::Gzip},
      {"gzip;q= 0.5", Encoding::Identity},
      {"gzip;qq=0", Encoding::Gzip},
      {"gzip;level=9;q=", Encoding::Identity},
  };
  for (const Case& one : cases)
    EXPECT_EQ(choose(one.accept), one.want) << (one.accept ? one.accept : "none");
}

TEST(Negotiate, NeverOffersWhatItDoesNotHave) {
  EXPECT_EQ(choose("gzip", Offer::IdentityOnly), Encoding::Identity);
  EXPECT_EQ(choose("gzip, identity;q=0", Offer::IdentityOnly), std::nullopt);
}

TEST(Negotiate, ReadsWeightsInThousandths) {
  EXPECT_EQ(parse_weight("0"), 0);
  EXPECT_EQ(parse_weight("1.000"), 1000);
  EXPECT_EQ(parse_weight("0.25"), 250);
  EXPECT_EQ(parse_weight("0."), 0);
  EXPECT_EQ(parse_weight("0.001"), 1);
  for (const std::string_view text :
       {"", "2", "1.001", "0.1234", ".5", "-1", "01", "0,5", "0.5 "}) {
    EXPECT_EQ(parse_weight(text), std::nullopt) << text;
  }
}

TEST(Negotiate, LetsTheMostSpecificMediaRangeDecide) {
  const auto takes = [](const char* accept, std::string_view wanted) {
    Request request;
    request.headers.push_back({"accept", accept});
    return accepts(request, wanted);
  };
  EXPECT_TRUE(accepts(Request{}, "text/html"));
  EXPECT_TRUE(takes("*/*", "text/html"));
  EXPECT_TRUE(takes("text/*;q=0.1", "text/html"));
  EXPECT_FALSE(takes("text/html;q=0, */*", "text/html"));
  EXPECT_FALSE(takes("text/*;q=0, */*", "text/html"));
  EXPECT_FALSE(takes("application/json", "text/html"));
  EXPECT_TRUE(takes("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.1",
                    "application/openmetrics-text"));
}

}  // namespace
}  // namespace gateway::http
