#include "gateway/cli/rejects.h"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace gateway::cli {
namespace {

using ingest::worker::FeedRejects;
using ingest::worker::KeptReject;
using ingest::worker::Worker;
using nlohmann::json;

KeptReject kept(std::int64_t ms, std::string text, std::size_t column = 1) {
  const std::size_t bytes = text.size();
  return {.time = ingest::wall_from_ms(ms),
          .sender = "192.0.2.1",
          .reason = "bad_value",
          .column = column,
          .bytes = bytes,
          .skipped = 0,
          .text = std::move(text)};
}

Worker::RejectsPtr view(std::vector<FeedRejects> feeds) {
  return std::make_shared<const Worker::RejectsView>(std::move(feeds));
}

json shown(const std::vector<Worker::RejectsPtr>& views, const std::string& feed = "") {
  return json::parse(rejects_json(views, feed));
}

TEST(Rejects, ThoseOfAllWorkersComeTheNewestFirstAndTwentyAtMost) {
  std::vector<Worker::RejectsPtr> views;
  for (int worker = 0; worker < 2; ++worker) {
    FeedRejects feed{.feed = "udp/statsd", .lines = {}, .passed_over = 5};
    for (int i = 0; i < 20; ++i)
      feed.lines.push_back(kept(2 * i + worker, std::to_string(2 * i + worker)));
    views.push_back(view({feed}));
  }
  const json all = shown(views);
  ASSERT_EQ(all["items"].size(), kRejectsShown);
  for (std::size_t i = 0; i < kRejectsShown; ++i)
    EXPECT_EQ(all["items"][i]["text"], std::to_string(39 - i));
  EXPECT_EQ(all["passed_over"], 10);
}

TEST(Rejects, OfOneTimeTheLaterOneIsTheNewer) {
  const json all = shown({view({{.feed = "a", .lines = {kept(1, "first"), kept(1, "second")}}})});
  EXPECT_EQ(all["items"][0]["text"], "second");
}

TEST(Rejects, OfOneFeedAlone) {
  const std::vector<Worker::RejectsPtr> views{
      view({{.feed = "udp/statsd", .lines = {kept(1, "a")}, .passed_over = 3},
            {.feed = "tcp/influx", .lines = {kept(2, "b")}, .passed_over = 4}})};
  const json some = shown(views, "udp/statsd");
  ASSERT_EQ(some["items"].size(), 1U);
  EXPECT_EQ(some["items"][0]["text"], "a");
  EXPECT_EQ(some["passed_over"], 3);
  EXPECT_TRUE(shown(views, "udp/stats")["items"].empty());
}

TEST(Rejects, SayWhatWhereAndWho) {
  const json one = shown(
      {view({{.feed = "udp/statsd", .lines = {kept(1764000000000, "a:0x10|c", 3)}}})})["items"][0];
  EXPECT_EQ(one, (json{{"time", 1764000000000},
                       {"feed", "udp/statsd"},
                       {"sender", "192.0.2.1"},
                       {"reason", "bad_value"},
                       {"column", 3},
                       {"text", "a:0x10|c"},
                       {"mark", 2},
                       {"cut_before", 0},
                       {"cut_after", 0}}));
}

TEST(Rejects, WhatIsNoTextIsWrittenAndTheMarkStaysAtItsPlace) {
  struct Case {
    std::string bytes;
    std::size_t column;
    std::string text;
    std::size_t mark;
  };
  const std::string nul(1, '\0');
  for (const Case& one :
       {Case{"a" + nul + "b", 2, "a\\x00b", 1}, Case{"a" + nul + "b", 3, "a\\x00b", 5},
        Case{"\xff\xfe:1", 3, "\\xff\\xfe:1", 8}, Case{"\xc3\xa4:x", 4, "\xc3\xa4:x", 2},
        Case{"\xe2\x82", 3, "\\xe2\\x82", 8}, Case{"a\x1b[31m\x7f", 1, "a\\x1b[31m\\x7f", 0},
        Case{"<img src=x>", 12, "<img src=x>", 11}}) {
    const json shown_one =
        shown({view({{.feed = "a", .lines = {kept(1, one.bytes, one.column)}}})})["items"][0];
    EXPECT_EQ(shown_one["text"], one.text);
    EXPECT_EQ(shown_one["mark"], one.mark) << one.text;
  }
}

TEST(Rejects, OfALongLineHowMuchIsMissingOnEachSide) {
  KeptReject part = kept(1, "middle", 105);
  part.skipped = 100;
  part.bytes = 1'000;
  const json one = shown({view({{.feed = "a", .lines = {part}}})})["items"][0];
  EXPECT_EQ(one["cut_before"], 100);
  EXPECT_EQ(one["cut_after"], 894);
  EXPECT_EQ(one["mark"], 4);
}

}  // namespace
}  // namespace gateway::cli
