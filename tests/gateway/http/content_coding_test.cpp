#include "gateway/http/content_coding.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/zip.h"

namespace gateway::http {
namespace {

using Fault = Inflater::Fault;
using tests::support::gzip;
using tests::support::zlib_format;

constexpr std::size_t kMax = std::size_t{1} << 20;

Request coded(std::string_view value) {
  Request request;
  request.headers.push_back({"content-encoding", std::string{value}});
  return request;
}

TEST(ContentCoding, IsReadFromItsHeader) {
  EXPECT_EQ(content_coding(Request{}), ContentCoding::Identity);
  EXPECT_EQ(content_coding(coded("")), ContentCoding::Identity);
  EXPECT_EQ(content_coding(coded("identity")), ContentCoding::Identity);
  EXPECT_EQ(content_coding(coded("GZip")), ContentCoding::Gzip);
  EXPECT_EQ(content_coding(coded("x-gzip")), ContentCoding::Gzip);
  EXPECT_EQ(content_coding(coded("deflate")), ContentCoding::Deflate);
  for (const char* bad : {"br", "zstd", "gzip, gzip", "gzip,deflate", "gzipp", "snappy"})
    EXPECT_EQ(content_coding(coded(bad)), std::nullopt) << bad;
}

TEST(ContentCoding, GivesTheBodyBack) {
  Inflater inflater;
  std::string text;
  for (int i = 0; i < 20'000; ++i)
    text += "some.counter." + std::to_string(i % 97) + ":1|c\n";
  for (int round = 0; round < 2; ++round) {  // no state stays
    EXPECT_EQ(*inflater.plain(ContentCoding::Gzip, gzip(text), kMax), text);
    EXPECT_EQ(*inflater.plain(ContentCoding::Deflate, zlib_format(text), kMax), text);
    EXPECT_EQ(*inflater.plain(ContentCoding::Identity, text, kMax), text);
  }
  EXPECT_EQ(*inflater.plain(ContentCoding::Gzip, gzip(""), kMax), "");
  EXPECT_EQ(*inflater.plain(ContentCoding::Gzip, "", kMax), "");
}

TEST(ContentCoding, ALongBodyComesInSlicesThoughItMovesMeanwhile) {
  std::string text;
  for (int i = 0; text.size() < 4 * Inflater::kSliceBytes; ++i)
    text += "some.counter." + std::to_string(i * 7919) + ":1|c\n";
  std::string body = gzip(text.substr(0, text.size() / 2)) + gzip(text.substr(text.size() / 2));
  Inflater first;
  ASSERT_TRUE(first.begin(ContentCoding::Gzip, body, kMax));
  ASSERT_EQ(*first.some(), Inflater::Slice::More);
  EXPECT_EQ(first.text(), text.substr(0, first.text().size()));
  Inflater second = std::move(first);
  int slices = 1;
  for (Inflater::Slice slice = Inflater::Slice::More; slice == Inflater::Slice::More; ++slices) {
    const std::size_t before = second.text().size();
    std::string moved = body;
    body.assign(body.size(), 'x');
    body.swap(moved);
    second.moved(body);
    slice = *second.some();
    EXPECT_LE(second.text().size() - before, Inflater::kSliceBytes + 65'536);
  }
  EXPECT_GE(slices, 4);
  EXPECT_EQ(second.text(), text);
  const std::vector<char> taken = second.take();
  EXPECT_EQ((std::string_view{taken.data(), taken.size()}), text);
}

TEST(ContentCoding, ReadsEveryMemberOfAGzipFile) {
  Inflater inflater;
  EXPECT_EQ(*inflater.plain(ContentCoding::Gzip, gzip("a\n") + gzip("") + gzip("b\n"), kMax),
            "a\nb\n");
}

TEST(ContentCoding, RefusesWhatIsCutOffAtEveryByte) {
  Inflater inflater;
  const std::string whole = gzip("a:1|c\nb:2|c\n");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const auto plain = inflater.plain(ContentCoding::Gzip, whole.substr(0, size), kMax);
    ASSERT_FALSE(plain.has_value()) << size;
    EXPECT_EQ(plain.error(), Fault::Damaged) << size;
  }
}

TEST(ContentCoding, RefusesWhatIsDamaged) {
  Inflater inflater;
  const std::string whole = gzip("a:1|c\nb:2|c\n");
  std::string flipped = whole;
  flipped[flipped.size() - 6] = static_cast<char>(flipped[flipped.size() - 6] ^ 1);  // its CRC
  for (const std::string& bad :
       {flipped, whole + "x", std::string{"plain text"}, zlib_format("a:1|c\n")}) {
    const auto plain = inflater.plain(ContentCoding::Gzip, bad, kMax);
    ASSERT_FALSE(plain.has_value());
    EXPECT_EQ(plain.error(), Fault::Damaged);
  }
  EXPECT_FALSE(inflater.plain(ContentCoding::Deflate, zlib_format("a") + "x", kMax));
  EXPECT_FALSE(inflater.plain(ContentCoding::Deflate, whole, kMax));
  EXPECT_EQ(*inflater.plain(ContentCoding::Gzip, whole, kMax), "a:1|c\nb:2|c\n");
}

TEST(ContentCoding, HoldsTheLimitToTheByte) {
  Inflater inflater;
  constexpr std::size_t kLimit = 100'000;
  for (const auto coding : {ContentCoding::Identity, ContentCoding::Gzip}) {
    const auto packed = [&](std::size_t size) {
      const std::string text(size, 'a');
      return coding == ContentCoding::Gzip ? gzip(text) : text;
    };
    EXPECT_EQ(inflater.plain(coding, packed(kLimit), kLimit)->size(), kLimit);
    const auto above = inflater.plain(coding, packed(kLimit + 1), kLimit);
    ASSERT_FALSE(above.has_value());
    EXPECT_EQ(above.error(), Fault::TooBig);
  }
}

TEST(ContentCoding, ABombIsStoppedAtTheLimit) {
  Inflater inflater;
  std::string bomb;
  const std::string member = gzip(std::string(std::size_t{64} << 20, '\0'));  // a thousand to one
  for (int i = 0; i < 8; ++i)
    bomb += member;
  const auto plain = inflater.plain(ContentCoding::Gzip, bomb, kMax);
  ASSERT_FALSE(plain.has_value());
  EXPECT_EQ(plain.error(), Fault::TooBig);
  EXPECT_LE(inflater.held_bytes(), kMax + 1);
  inflater.rest();
  EXPECT_LE(inflater.held_bytes(), Inflater::kKeepBytes);
}

}  // namespace
}  // namespace gateway::http
