#include "ingest/codec/line_ends.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/codec/line_ledger.h"

namespace ingest::codec {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  return std::accumulate(lines.begin(), lines.end(), std::string{});
}

/// The lines of a stream in pieces of `size` bytes; the last is what was left open.
std::vector<std::string> lines_of(std::string_view stream, std::size_t size) {
  std::vector<std::string> lines(1);
  LineEnds ends{LineRule::Quoted};
  while (!stream.empty()) {
    std::string_view piece = stream.substr(0, size);
    stream.remove_prefix(piece.size());
    for (std::size_t end = 0; (end = ends.first(piece)) != LineEnds::kNone;) {
      lines.back() += piece.substr(0, end);
      lines.emplace_back();
      piece.remove_prefix(end);
    }
    lines.back() += piece;
  }
  return lines;
}

/// Each of them is one line, for any split.
std::vector<std::string> given_lines() {
  return {
      "m,t=a s=\"two\nlines\",f=1 17\n",
      "m,t=\"x f=1\n",  // in a tag a quote is a quote
      "m\" f=1\n",
      "# it's \"so\n",               // a comment
      "m\\ \"n s=\"\\\"\n\\\\\"\n",  // an escaped quote, an escaped backslash
      "m s=\"\\\\\" 5\n",            // the backslash is escaped, the quote is not
      "  m f=1,\"=2,s=\"\n\"\n",     // spaces before, a quote in a field's name
      "\n",
      "m f=x\"\n",  // within a value, not at its begin
      "m f=,s=\"\n\"\n",
      "m   s=\"\n\" 1\n",
      "m f\\==\"\n\" 1\n",
      "m s =\"\n",     // no good line: a space within a field's name
      "m f=1 t=\"\n",  // no good line: the time
      "m f=1 \"\n",
      "m\n",
      "m \n",
      "m,t=a\\\n",  // a newline is never escaped outside of a string
      "m s=\"a\\\nb\"\n",
  };
}

TEST(LineEnds, ANewlineInsideAStringEndsNothing) {
  std::vector<std::string> expected = given_lines();
  expected.emplace_back("m s=\"open\n");
  const std::string stream = joined(expected);
  for (std::size_t size = 1; size <= stream.size(); ++size)
    ASSERT_EQ(lines_of(stream, size), expected) << size;
}

TEST(LineEnds, GivesTheEndOfTheLastWholeLine) {
  for (const std::string& line : given_lines()) {
    const std::string two = line + line;
    LineEnds ends{LineRule::Quoted};
    EXPECT_EQ(ends.last(two), two.size()) << line;
    EXPECT_EQ(ends.last(two + "m s=\"\n\n"), two.size()) << line;
    EXPECT_EQ(ends.first("\n\"\n"), 3U) << "the string was open";
    EXPECT_EQ(ends.last(line + "m f=1"), line.size()) << line;
  }
  EXPECT_EQ(LineEnds{LineRule::Quoted}.last(""), 0U);
  EXPECT_EQ(LineEnds{LineRule::Newline}.last("m s=\"a\nb\""), 7U);
  EXPECT_EQ(LineEnds{LineRule::Newline}.last("m s=\"a"), 0U);
}

TEST(LineEnds, AStringThatNeverEndsCostsOneLine) {
  std::string stream = "m s=\"";
  while (stream.size() < kLineBytesMax)
    stream += "x\n";
  stream.resize(kLineBytesMax);
  const std::vector<std::string> expected{stream + "yy\n", "m f=1\n", ""};
  for (const std::size_t size : {std::size_t{1}, std::size_t{1000}, 2 * kLineBytesMax})
    EXPECT_EQ(lines_of(joined(expected), size), expected) << size;
}

}  // namespace
}  // namespace ingest::codec
