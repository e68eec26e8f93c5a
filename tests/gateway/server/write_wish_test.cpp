#include "gateway/server/write_wish.h"

#include <gtest/gtest.h>

#include <string>

#include "gateway/server/batch_book.h"

namespace gateway::server {
namespace {

http::Request post(std::string_view path, std::string_view query = {}) {
  http::Request request;
  request.method = http::Method::Post;
  request.path = path;
  request.query = query;
  return request;
}
http::Request with(http::Request request, std::string_view name, std::string_view value) {
  request.headers.push_back({std::string{name}, std::string{value}});
  return request;
}

TEST(WriteWish, TheFormatIsTheParameterThenTheTypeThenStatsd) {
  const auto format = [](const http::Request& request) { return read_wish(request)->format; };
  EXPECT_EQ(format(post("/api/v1/write")), LineFormat::Statsd);
  EXPECT_EQ(format(post("/api/v1/write", "format=statsd")), LineFormat::Statsd);
  EXPECT_EQ(format(post("/api/v1/write", "format=influx")), LineFormat::Influx);
  EXPECT_EQ(format(post("/api/v1/write", "format=graphite")), LineFormat::Graphite);
  EXPECT_EQ(format(post("/api/v1/write", "format=json")), LineFormat::Json);
  for (const char* type : {"application/json", "Application/JSON; charset=utf-8",
                           "application/x-ndjson", "application/jsonl"})
    EXPECT_EQ(format(with(post("/api/v1/write"), "content-type", type)), LineFormat::Json) << type;
  EXPECT_EQ(
      format(with(post("/api/v1/write", "format=statsd"), "content-type", "application/json")),
      LineFormat::Statsd);
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonx"})
    EXPECT_EQ(format(with(post("/api/v1/write"), "content-type", type)), LineFormat::Statsd);
}

TEST(WriteWish, InfluxPathsReadInfluxWhateverElseIsSaid) {
  for (const char* path : {"/write", "/api/v2/write"}) {
    const auto wish =
        read_wish(with(post(path, "db=telegraf&rp=&org=o&bucket=b&consistency=all&format=json"),
                       "content-type", "application/json"));
    ASSERT_TRUE(wish) << path;
    EXPECT_EQ(wish->format, LineFormat::Influx);
  }
  EXPECT_EQ(read_wish(post("/write"))->dialect, Dialect::Influx1);
  EXPECT_EQ(read_wish(post("/api/v2/write"))->dialect, Dialect::Influx2);
  EXPECT_EQ(read_wish(post("/api/v1/write"))->dialect, Dialect::Own);
}

struct Precision {
  const char* name;
  LineTimes times;
};
constexpr Precision kPrecisions[] = {
    {"ns", LineTimes::Nanoseconds},  {"us", LineTimes::Microseconds},
    {"ms", LineTimes::Milliseconds}, {"s", LineTimes::Seconds},
    {"n", LineTimes::Nanoseconds},   {"u", LineTimes::Microseconds},
    {"m", LineTimes::Minutes},       {"h", LineTimes::Hours},
};

TEST(WriteWish, KnowsThePrecisionsOfInflux) {
  for (const Precision& one : kPrecisions) {
    const std::string query = "precision=" + std::string{one.name};
    EXPECT_EQ(read_wish(post("/write", query))->times, one.times) << one.name;
    EXPECT_EQ(read_wish(post("/api/v1/write", "format=influx&" + query))->times, one.times);
    const bool of_2 = &one - kPrecisions < 4;
    const auto second = read_wish(post("/api/v2/write", query));
    ASSERT_EQ(second.has_value(), of_2) << one.name;
    EXPECT_EQ(of_2 ? 400 : second.error().status, 400);
  }
  EXPECT_EQ(read_wish(post("/write"))->times, LineTimes::Auto);
  EXPECT_EQ(read_wish(post("/write", "precision="))->times, LineTimes::Auto);
}

TEST(WriteWish, RefusesWhatMeansNothing) {
  for (const char* query : {"format=xml", "format=", "format=Statsd", "format=influx&precision=d",
                            "precision=ms", "format=json&precision=s", "ack=maybe"}) {
    const auto wish = read_wish(post("/api/v1/write", query));
    ASSERT_FALSE(wish) << query;
    EXPECT_EQ(wish.error().status, 400) << query;
  }
  EXPECT_FALSE(read_wish(post("/write", "precision=d")));
}

TEST(WriteWish, MayWaitForTheDisk) {
  EXPECT_EQ(read_wish(post("/api/v1/write"))->ack, Ack::Received);
  EXPECT_EQ(read_wish(post("/api/v1/write", "ack=received"))->ack, Ack::Received);
  const auto durable = read_wish(post("/api/v1/write", "ack=durable"));
  ASSERT_TRUE(durable);
  EXPECT_EQ(durable->ack, Ack::Durable);
}

TEST(WriteWish, SaysPlainlyWhatIsNotThereYet) {
  const auto coded = read_wish(with(post("/write"), "content-encoding", "zstd"));
  ASSERT_FALSE(coded);
  EXPECT_EQ(coded.error().status, 415);
}

TEST(WriteWish, ABatchIdIsOneWord) {
  const auto id = [](std::string_view value) {
    return read_wish(with(post("/api/v1/write"), "weir-batch-id", value));
  };
  EXPECT_EQ(read_wish(post("/api/v1/write"))->batch, "");
  EXPECT_EQ(id("a-1")->batch, "a-1");
  EXPECT_EQ(id(std::string(BatchBook::kIdBytesMax, 'x'))->batch.size(), BatchBook::kIdBytesMax);
  for (const std::string& bad : {std::string{}, std::string{"a b"}, std::string{"\xC3\xA9"},
                                 std::string(BatchBook::kIdBytesMax + 1, 'x')})
    EXPECT_FALSE(id(bad)) << bad;
  EXPECT_FALSE(
      read_wish(with(with(post("/api/v1/write"), "weir-batch-id", "a"), "weir-batch-id", "a")));
}

TEST(WriteWish, KnowsItsPaths) {
  for (const char* path : {"/api/v1/write", "/write", "/api/v2/write"}) {
    EXPECT_TRUE(is_write_path(path));
    EXPECT_TRUE(is_writers_path(path));
  }
  EXPECT_TRUE(is_writers_path("/query"));
  for (const char* path : {"/query", "/ping", "/", "/api/v1/writes", "/write/"})
    EXPECT_FALSE(is_write_path(path)) << path;
}

}  // namespace
}  // namespace gateway::server
