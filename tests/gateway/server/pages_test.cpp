#include "gateway/server/pages.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace gateway::server {
namespace {

namespace fs = std::filesystem;

class Pages : public testing::Test {
 protected:
  Pages() {
    fs::create_directories(folder_ / "sub");
    write("index.html", "<p>front</p>");
    write("a.js", "1");
    write("sub/index.html", "<p>sub</p>");
    write(".secret", "no");
    write("sub/.hidden", "no");
    write("../outside.txt", "no");
  }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name) << content;
  }
  http::Response get(std::string_view rest, std::size_t bytes_max = 1'000) const {
    const std::string folder = folder_.string();
    return answer_page({folder, bytes_max, origins_}, rest, request_, now_);
  }
  static std::string header(const http::Response& response, std::string_view name) {
    for (const http::Header& one : response.headers)
      if (one.name == name) return one.value;
    return "";
  }

  tests::support::TemporaryFolder top_;
  fs::path folder_ = top_.path("site");
  http::Request request_;
  std::vector<std::string> origins_;
  ingest::WallTime now_ = std::chrono::time_point_cast<ingest::WallTime::duration>(
      ingest::WallTime::clock::now() + std::chrono::hours{1});
};

TEST_F(Pages, GivesAFileWithItsType) {
  const http::Response page = get("");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(http::body_bytes(page), "<p>front</p>");
  EXPECT_EQ(header(page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(http::body_bytes(get("sub/")), "<p>sub</p>");
  EXPECT_EQ(header(get("a.js"), "Content-Type"), "text/javascript; charset=utf-8");
}

TEST_F(Pages, ItsPolicyLeavesScriptsAloneAndSaysWhoMayFrameIt) {
  origins_ = {"https://friend.example"};
  const http::Response page = get("");
  const std::string policy = header(page, "Content-Security-Policy");
  EXPECT_TRUE(policy.ends_with("frame-ancestors 'self' https://friend.example")) << policy;
  EXPECT_EQ(policy.find("script-src"), std::string::npos);
  EXPECT_EQ(policy.find("default-src"), std::string::npos);
  EXPECT_EQ(header(page, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(page, "Referrer-Policy"), "same-origin");
  EXPECT_EQ(header(get("a.js"), "Content-Security-Policy"), "");
  EXPECT_EQ(header(get("a.js"), "X-Content-Type-Options"), "nosniff");
}

TEST_F(Pages, GivesAPartOfAFile) {
  write("ten.txt", "0123456789");
  const auto part = [&](const char* spec) {
    request_.headers = {{"range", spec}};
    const http::Response answer = get("ten.txt");
    return std::to_string(answer.status) + " " + header(answer, "Content-Range") + " " +
           std::string{http::body_bytes(answer)};
  };
  EXPECT_EQ(part("bytes=0-0"), "206 bytes 0-0/10 0");
  EXPECT_EQ(part("bytes=-1"), "206 bytes 9-9/10 9");
  EXPECT_EQ(part("bytes=5-"), "206 bytes 5-9/10 56789");
  EXPECT_EQ(part("bytes=0-1,3-4"), "200  0123456789");
  EXPECT_TRUE(part("bytes=10-").starts_with("416 bytes */10 "));
  request_.headers = {{"range", "bytes=0-0"}, {"if-range", "\"other\""}};
  EXPECT_EQ(get("ten.txt").status, 200);
}

TEST_F(Pages, KnowsItsTimeOnceItsSecondIsOver) {
  const std::string modified = header(get("a.js"), "Last-Modified");
  ASSERT_NE(modified, "");
  request_.headers = {{"if-modified-since", modified}};
  EXPECT_EQ(get("a.js").status, 304);
  request_.headers.push_back({"if-none-match", "\"other\""});
  EXPECT_EQ(get("a.js").status, 200);
  request_.headers = {{"if-modified-since", modified}};
  now_ = ingest::WallTime{};  // written in this very second, for all that a date can tell
  EXPECT_EQ(header(get("a.js"), "Last-Modified"), "");
  EXPECT_EQ(get("a.js").status, 200);
}

TEST_F(Pages, AreStoredPlainAndSaySo) {
  request_.headers = {{"accept-encoding", "gzip"}};
  EXPECT_EQ(header(get("a.js"), "Content-Encoding"), "");
  EXPECT_EQ(header(get("a.js"), "Vary"), "Accept-Encoding");
  request_.headers = {{"accept-encoding", "gzip, identity;q=0"}};
  EXPECT_EQ(get("a.js").status, 406);
}

TEST_F(Pages, AnEditShowsAtOnceAndAnEqualETagIs304) {
  request_.headers.push_back({"if-none-match", header(get(""), "ETag")});
  const http::Response same = get("");
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(http::body_bytes(same), "");
  write("index.html", "<p>edited</p>");
  EXPECT_EQ(http::body_bytes(get("")), "<p>edited</p>");
}

TEST_F(Pages, NothingOutsideOrHiddenIsThere) {
  fs::create_symlink(top_.path("outside.txt"), folder_ / "link.txt");
  fs::create_directory_symlink(top_.path(), folder_ / "up");
  for (const char* rest :
       {".secret", "sub/.hidden", "../outside.txt", "sub/../../outside.txt", "link.txt",
        "up/outside.txt", "/etc/passwd", "nothing.html", "sub", "a.js/x"})
    EXPECT_EQ(get(rest).status, 404) << rest;
  for (const std::string folder : {"", "/nonexistent"})
    EXPECT_EQ(answer_page({folder, 1'000, {}}, "a.js", request_, now_).status, 404);
}

TEST_F(Pages, ALinkInsideTheFolderIsFollowed) {
  fs::create_symlink("a.js", folder_ / "b.js");
  EXPECT_EQ(get("b.js").status, 200);
}

TEST_F(Pages, ALargeFileIs413AndAPipeIsNoPage) {
  EXPECT_EQ(get("index.html", 5).status, 413);
  ASSERT_EQ(mkfifo((folder_ / "pipe.txt").c_str(), 0600), 0);
  EXPECT_EQ(get("pipe.txt").status, 404);
}

}  // namespace
}  // namespace gateway::server
