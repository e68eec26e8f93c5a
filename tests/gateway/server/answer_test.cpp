#include "gateway/server/answer.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway::server {
namespace {

constexpr std::string_view kPlain = "<!doctype html><p>hello hello hello hello</p>";
constexpr std::string_view kTwin = "pretend this is gzip";

struct Fixture : testing::Test {
  Fixture() { settings.origins = {"https://friend.example"}; }
  static Asset asset(std::string_view path, std::string_view type, bool immutable) {
    return {.path = path,
            .content_type = type,
            .etag = "\"abc\"",
            .gzip_etag = "\"abc-gz\"",
            .plain = ingest::as_bytes(kPlain),
            .gzip = ingest::as_bytes(kTwin),
            .immutable = immutable};
  }
  static std::string header(const http::Response& response, std::string_view name) {
    std::string joined;
    for (const http::Header& one : response.headers)
      if (one.name == name) joined += (joined.empty() ? "" : "|") + one.value;
    return joined;
  }
  http::Response get(const Asset& asset) {
    const Site site{settings, metrics, dealer, log};
    return answer_asset(asset, request, site);
  }

  Settings settings;
  Metrics metrics{"1"};
  Dealer dealer{1, 10};
  ingest::io::Logger log;
  http::Request request;
};
using AnswerAsset = Fixture;

TEST_F(AnswerAsset, GivesTheTwinOnlyToWhoTakesIt) {
  const Asset js = asset("/weir.js", "text/javascript; charset=utf-8", false);
  const http::Response plain = get(js);
  EXPECT_EQ(http::body_bytes(plain), kPlain);
  EXPECT_EQ(header(plain, "ETag"), "\"abc\"");
  EXPECT_EQ(header(plain, "Content-Encoding"), "");
  request.headers = {{"accept-encoding", "gzip, br"}};
  const http::Response twin = get(js);
  EXPECT_EQ(http::body_bytes(twin), kTwin);
  EXPECT_EQ(header(twin, "ETag"), "\"abc-gz\"");
  EXPECT_EQ(header(twin, "Content-Encoding"), "gzip");
  EXPECT_EQ(header(twin, "Vary"), "Accept-Encoding, Origin");
  request.headers = {{"accept-encoding", "gzip;q=0"}};
  EXPECT_EQ(http::body_bytes(get(js)), kPlain);
  request.headers = {{"accept-encoding", "gzip;q=0, identity;q=0"}};
  EXPECT_EQ(get(js).status, 406);
}

TEST_F(AnswerAsset, AnEqualETagIs304WithoutABody) {
  const Asset css = asset("/assets/x-12345678.css", "text/css; charset=utf-8", true);
  for (const char* tag : {"\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"}) {
    request.headers = {{"if-none-match", tag}};
    const http::Response same = get(css);
    EXPECT_EQ(same.status, 304) << tag;
    EXPECT_EQ(http::body_bytes(same), "");
    EXPECT_EQ(header(same, "ETag"), "\"abc\"");
    EXPECT_NE(header(same, "Cache-Control"), "");
    EXPECT_EQ(header(same, "Vary"), "Accept-Encoding");
  }
  request.headers = {{"if-none-match", "\"other\""}};
  EXPECT_EQ(get(css).status, 200);
  request.headers = {{"if-none-match", "\"abc\""}, {"accept-encoding", "gzip"}};
  EXPECT_EQ(get(css).status, 200);
}

TEST_F(AnswerAsset, GivesAPartOfTheFormThatIsSent) {
  const Asset css = asset("/assets/x-12345678.css", "text/css; charset=utf-8", true);
  request.headers = {{"range", "bytes=0-0"}};
  http::Response part = get(css);
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(http::body_bytes(part), kPlain.substr(0, 1));
  EXPECT_EQ(header(part, "Content-Range"), "bytes 0-0/" + std::to_string(kPlain.size()));
  EXPECT_EQ(http::body_bytes(part).data(), kPlain.data());  // not copied
  request.headers = {{"range", "bytes=-2"}, {"accept-encoding", "gzip"}};
  part = get(css);
  EXPECT_EQ(http::body_bytes(part), kTwin.substr(kTwin.size() - 2));
  EXPECT_EQ(header(part, "Content-Encoding"), "gzip");
  request.headers = {{"range", "bytes=1-1"}, {"if-range", "\"abc\""}, {"accept-encoding", "gzip"}};
  EXPECT_EQ(get(css).status, 200);  // the plain form's ETag is not the twin's
  request.headers = {{"range", "bytes=1000-"}};
  EXPECT_EQ(get(css).status, 416);
  EXPECT_EQ(header(get(css), "Content-Range"), "bytes */" + std::to_string(kPlain.size()));
  request.headers = {};
  EXPECT_EQ(header(get(css), "Accept-Ranges"), "bytes");
}

TEST_F(AnswerAsset, HashedFilesAreImmutableAndThePageIsNot) {
  EXPECT_NE(header(get(asset("/assets/x.js", "text/javascript", true)), "Cache-Control")
                .find("immutable"),
            std::string::npos);
  EXPECT_EQ(header(get(asset("/", "text/html; charset=utf-8", false)), "Cache-Control"),
            "no-cache");
}

TEST_F(AnswerAsset, ThePageCarriesItsPolicy) {
  const http::Response page = get(asset("/", "text/html; charset=utf-8", false));
  const std::string policy = header(page, "Content-Security-Policy");
  for (const char* part : {"default-src 'none'", "script-src 'self'", "connect-src 'self'",
                           "base-uri 'none'", "form-action 'self'", "frame-ancestors 'self'",
                           "https://friend.example", "require-trusted-types-for 'script'"})
    EXPECT_NE(policy.find(part), std::string::npos) << part << " in " << policy;
  EXPECT_EQ(header(page, "X-Content-Type-Options"), "nosniff");
  EXPECT_NE(header(page, "Referrer-Policy"), "");
}

TEST_F(AnswerAsset, TheSdkIsSharedWithListedOriginsOnly) {
  for (const char* path : {"/weir.js", "/weir.d.ts", "/weir-chart.js", "/weir-react.d.ts"}) {
    SCOPED_TRACE(path);
    const Asset sdk = asset(path, "text/javascript", false);
    request.headers = {{"origin", "https://friend.example"}};
    EXPECT_EQ(header(get(sdk), "Access-Control-Allow-Origin"), "https://friend.example");
    request.headers = {{"origin", "https://stranger.example"}};
    EXPECT_EQ(header(get(sdk), "Access-Control-Allow-Origin"), "");
    EXPECT_EQ(header(get(sdk), "Vary"), "Accept-Encoding, Origin");
  }
  request.headers = {{"origin", "https://friend.example"}};
  const Asset other = asset("/assets/x.js", "text/javascript", false);
  EXPECT_EQ(header(get(other), "Access-Control-Allow-Origin"), "");
}

TEST(EmbeddedAssets, AreSortedFoundAndWhole) {
  std::string_view before;
  for (const Asset& asset : embedded_assets()) {
    EXPECT_LT(before, asset.path);
    before = asset.path;
    EXPECT_EQ(find_asset(asset.path), &asset);
    EXPECT_FALSE(asset.content_type.empty());
    EXPECT_NE(asset.etag, asset.gzip_etag);
    EXPECT_TRUE(asset.gzip.empty() || asset.gzip[0] == 0x1F) << asset.path;
  }
  EXPECT_EQ(find_asset("/no-such-file"), nullptr);
}

}  // namespace
}  // namespace gateway::server
