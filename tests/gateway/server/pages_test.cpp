#include "gateway/server/pages.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace gateway::server {
namespace {

namespace fs = std::filesystem;

class Pages : public testing::Test {
 protected:
  Pages() {
    std::string name = (fs::temp_directory_path() / "weir-pages-XXXXXX").string();
    top_ = mkdtemp(name.data());
    folder_ = top_ / "site";
    fs::create_directories(folder_ / "sub");
    write("index.html", "<p>front</p>");
    write("a.js", "1");
    write("sub/index.html", "<p>sub</p>");
    write(".secret", "no");
    write("sub/.hidden", "no");
    write("../outside.txt", "no");
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() override { fs::remove_all(top_); }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name) << content;
  }
  http::Response get(std::string_view rest, std::size_t bytes_max = 1'000) const {
    return answer_page(folder_.string(), rest, request_, bytes_max);
  }
  static std::string header(const http::Response& response, std::string_view name) {
    for (const http::Header& one : response.headers)
      if (one.name == name) return one.value;
    return "";
  }

  fs::path top_;
  fs::path folder_;
  http::Request request_;
};

TEST_F(Pages, GivesAFileWithItsTypeAndNoPolicyOfOurs) {
  const http::Response page = get("");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(http::body_bytes(page), "<p>front</p>");
  EXPECT_EQ(header(page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(header(page, "Content-Security-Policy"), "");
  EXPECT_EQ(http::body_bytes(get("sub/")), "<p>sub</p>");
  EXPECT_EQ(header(get("a.js"), "Content-Type"), "text/javascript; charset=utf-8");
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
  fs::create_symlink(top_ / "outside.txt", folder_ / "link.txt");
  fs::create_directory_symlink(top_, folder_ / "up");
  for (const char* rest :
       {".secret", "sub/.hidden", "../outside.txt", "sub/../../outside.txt", "link.txt",
        "up/outside.txt", "/etc/passwd", "nothing.html", "sub", "a.js/x"})
    EXPECT_EQ(get(rest).status, 404) << rest;
  EXPECT_EQ(answer_page("", "a.js", request_, 1'000).status, 404);
  EXPECT_EQ(answer_page("/nonexistent", "a.js", request_, 1'000).status, 404);
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
