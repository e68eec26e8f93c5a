#include "gateway/http/conditional.h"

#include <gtest/gtest.h>

namespace gateway::http {
namespace {

const Validators kCurrent{"\"v1\"", ingest::wall_from_ms(784'111'777'000),
                          ingest::wall_from_ms(1'763'812'800'000)};

Request with(std::vector<Header> headers, Method method = Method::Get) {
  Request request;
  request.method = method;
  request.headers = std::move(headers);
  return request;
}

bool matches(const char* list) {
  return not_modified(with({{"if-none-match", list}}), kCurrent);
}

TEST(Conditional, ComparesIfNoneMatchWeaklyOverAList) {
  for (const char* list :
       {"\"v1\"", "W/\"v1\"", "\"v0\", \"v1\"", "\"a,b\" , W/\"v1\"", "*", ",\"v1\""}) {
    EXPECT_TRUE(matches(list)) << list;
  }
  for (const char* list : {"\"v2\"", "v1", "", "\"v1", "\"V1\"", "W/v1", "w/\"v1\"", "\"x\" v1"}) {
    EXPECT_FALSE(matches(list)) << list;
  }
}

TEST(Conditional, LetsIfNoneMatchBeatIfModifiedSince) {
  const Header unchanged{"if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"};
  EXPECT_TRUE(not_modified(with({unchanged}), kCurrent));
  EXPECT_FALSE(not_modified(with({unchanged, {"if-none-match", "\"v0\""}}), kCurrent));
  EXPECT_FALSE(
      not_modified(with({{"if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT"}}), kCurrent));
  EXPECT_FALSE(not_modified(with({{"if-modified-since", "yesterday"}}), kCurrent));
}

TEST(Conditional, ReadsTheObsoleteFormsOfADateToo) {
  for (const char* same : {"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_TRUE(not_modified(with({{"if-modified-since", same}}), kCurrent)) << same;
    EXPECT_FALSE(precondition_failed(with({{"if-unmodified-since", same}}), kCurrent)) << same;
    const Request part = with({{"range", "bytes=0-0"}, {"if-range", same}});
    EXPECT_TRUE(std::holds_alternative<PartialBody>(range_of(part, 10, kCurrent))) << same;
  }
  for (const char* earlier : {"Sunday, 06-Nov-94 08:49:36 GMT", "Sun Nov  6 08:49:36 1994"}) {
    EXPECT_FALSE(not_modified(with({{"if-modified-since", earlier}}), kCurrent)) << earlier;
    EXPECT_TRUE(precondition_failed(with({{"if-unmodified-since", earlier}}), kCurrent)) << earlier;
  }
}

TEST(Conditional, FailsWhenIfMatchDoesNotMatchStrongly) {
  const auto fails = [](std::vector<Header> headers) {
    return precondition_failed(with(std::move(headers)), kCurrent);
  };
  EXPECT_FALSE(fails({}));
  for (const char* list : {"\"v1\"", "\"v0\", \"v1\"", "*"}) {
    EXPECT_FALSE(fails({{"if-match", list}})) << list;
  }
  for (const char* list : {"\"v0\"", "W/\"v1\"", "", "v1"}) {
    EXPECT_TRUE(fails({{"if-match", list}})) << list;
  }
  EXPECT_FALSE(fails({{"if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT"}}));
  EXPECT_TRUE(fails({{"if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT"}}));
  EXPECT_FALSE(fails({{"if-unmodified-since", "yesterday"}}));
  EXPECT_FALSE(
      fails({{"if-match", "\"v1\""}, {"if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT"}}));
}

TEST(Conditional, NeverAnswers304ToAWrite) {
  EXPECT_FALSE(not_modified(with({{"if-none-match", "*"}}, Method::Post), kCurrent));
  EXPECT_TRUE(not_modified(with({{"if-none-match", "*"}}, Method::Head), kCurrent));
}

std::string range(std::vector<Header> headers, std::size_t size = 10) {
  const RangeAnswer answer = range_of(with(std::move(headers)), size, kCurrent);
  if (std::holds_alternative<RangeNotSatisfiable>(answer)) return "416";
  const auto* part = std::get_if<PartialBody>(&answer);
  return part == nullptr ? "200" : part->content_range(size);
}

TEST(Range, GivesThePartThatWasAskedFor) {
  EXPECT_EQ(range({{"range", "bytes=0-0"}}), "bytes 0-0/10");
  EXPECT_EQ(range({{"range", "bytes=-1"}}), "bytes 9-9/10");
  EXPECT_EQ(range({{"range", "bytes=5-"}}), "bytes 5-9/10");
  EXPECT_EQ(range({{"range", "Bytes=2-99"}}), "bytes 2-9/10");
  EXPECT_EQ(range({{"range", "bytes=-99"}}), "bytes 0-9/10");
  EXPECT_EQ(range({{"range", "bytes=0-99999999999999999999999"}}), "bytes 0-9/10");
}

TEST(Range, IsNotSatisfiableBeyondTheEnd) {
  for (const char* spec :
       {"bytes=10-", "bytes=10-11", "bytes=-0", "bytes=99999999999999999999999-"}) {
    EXPECT_EQ(range({{"range", spec}}), "416") << spec;
  }
  EXPECT_EQ(range({{"range", "bytes=0-"}}, 0), "416");
  EXPECT_EQ(range({{"range", "bytes=-1"}}, 0), "416");
}

TEST(Range, IsIgnoredWhereItIsMalformedOrMultiple) {
  for (const char* spec : {"bytes=", "bytes=-", "bytes=a-b", "bytes=3-2", "bytes=0-0,2-3",
                           "lines=0-1", "bytes 0-1", "bytes=+1-2", "bytes=1--2", ""}) {
    EXPECT_EQ(range({{"range", spec}}), "200") << spec;
  }
  EXPECT_EQ(range({{"range", "bytes=0-0"}, {"range", "bytes=1-1"}}), "200");
}

TEST(Range, IsIgnoredWhenIfRangeDoesNotMatchStrongly) {
  const Header first{"range", "bytes=0-0"};
  EXPECT_EQ(range({first, {"if-range", "\"v1\""}}), "bytes 0-0/10");
  EXPECT_EQ(range({first, {"if-range", "Sun, 06 Nov 1994 08:49:37 GMT"}}), "bytes 0-0/10");
  for (const char* condition : {"\"v2\"", "W/\"v1\"", "Sun, 06 Nov 1994 08:49:38 GMT", "x"}) {
    EXPECT_EQ(range({first, {"if-range", condition}}), "200") << condition;
  }
  const Validators weak{"W/\"v1\"", std::nullopt, {}};
  const Request request = with({first, {"if-range", "W/\"v1\""}});
  EXPECT_TRUE(std::holds_alternative<WholeBody>(range_of(request, 10, weak)));
}

}  // namespace
}  // namespace gateway::http
