#include "ingest/codec/line_splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/ingest/codec/collected.h"

namespace ingest::codec {
namespace {

/// A stream given in pieces of `size` bytes, the first of `first`.
Parsed split_at(std::string_view stream, std::size_t first, std::size_t size) {
  const Parsed parsed = parse_stream(Statsd{}, stream, {.first = first, .size = size});
  EXPECT_TRUE(parsed.ledger.adds_up());
  return parsed;
}

TEST(LineSplitter, GivesTheSameLinesForAnySplit) {
  const std::string stream =
      "a:12\nb:1|c\r\n\n" + std::string(40, 'n') + ":5|ms|@0.1|#k:v\n\r\nBAD\nc:3|c|#x\ntail:1|";
  const Parsed whole = split_at(stream, stream.size(), 1);
  EXPECT_EQ(whole.ledger.cut.tcp_tail, 1u);
  EXPECT_EQ(whole.ledger.received, 8u);
  for (std::size_t first = 1; first <= stream.size(); ++first) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, stream.size()}) {
      const Parsed pieces = split_at(stream, first, size);
      EXPECT_EQ(pieces.samples, whole.samples);
      EXPECT_EQ(pieces.ledger.received, whole.ledger.received);
      EXPECT_EQ(pieces.ledger.rejected, whole.ledger.rejected);
      EXPECT_EQ(pieces.ledger.ignored.blank, whole.ledger.ignored.blank);
      EXPECT_EQ(pieces.ledger.cut.tcp_tail, 1u);
    }
  }
}

TEST(LineSplitter, JoinsANumberThatWasSplit) {
  const std::string stream = "a:123|c\n";
  for (std::size_t first = 1; first <= stream.size(); ++first) {
    const Parsed parsed = split_at(stream, first, stream.size());
    ASSERT_EQ(parsed.samples.size(), 1u);
    EXPECT_EQ(parsed.samples[0].value, 123);
  }
}

TEST(LineSplitter, ATailIsCountedAndNeverASample) {
  const Parsed parsed = split_at("a:12", 4, 1);
  EXPECT_TRUE(parsed.samples.empty());
  EXPECT_EQ(parsed.ledger.cut.tcp_tail, 1u);
  EXPECT_EQ(split_at("a:12|c\n", 3, 1).ledger.cut.tcp_tail, 0u);
}

TEST(LineSplitter, SkipsALineAboveTheLimitOnceForAnySplit) {
  const std::string longest = "u:" + std::string(kLineBytesMax - 4, 'x') + "|s";
  const std::string stream = "a:1|c\n" + longest + "\n" + longest + "y\nb:2|c\n";
  for (const std::size_t size : {std::size_t{1}, std::size_t{1000}, kLineBytesMax, stream.size()}) {
    const Parsed parsed = split_at(stream, size, size);
    ASSERT_EQ(parsed.samples.size(), 3u) << size;
    EXPECT_EQ(parsed.samples[2].name, "b");
    EXPECT_EQ(parsed.ledger.received, 4u);
    EXPECT_EQ(parsed.ledger.rejected_for(Reject::LineTooLong), 1u);
    EXPECT_EQ(parsed.ledger.rejected_total(), 1u);
  }
}

TEST(LineSplitter, CountsALineThatNeverEndsOnce) {
  const std::string stream(3 * kLineBytesMax, 'x');
  for (const std::size_t size : {std::size_t{100}, stream.size()}) {
    const Parsed parsed = split_at(stream, size, size);
    EXPECT_EQ(parsed.ledger.received, 1u);
    EXPECT_EQ(parsed.ledger.rejected_for(Reject::LineTooLong), 1u);
    EXPECT_EQ(parsed.ledger.cut.tcp_tail, 0u);
  }
}

TEST(LineSplitter, HoldsNoMoreThanItsLine) {
  LineSplitter splitter;
  LineLedger ledger;
  const auto ignore = [](std::string_view) {};
  for (std::size_t bytes = 1; bytes <= kLineBytesMax; ++bytes) {
    splitter.receive("x", ledger, ignore);
    ASSERT_LE(splitter.held_bytes(), bytes + 512);
  }
  splitter.receive("\n", ledger, ignore);
  EXPECT_LE(splitter.held_bytes(), 1024u);
  for (int i = 0; i < 200'000; ++i)
    splitter.receive("x", ledger, ignore);
  EXPECT_LE(splitter.held_bytes(), 1024u);
}

}  // namespace
}  // namespace ingest::codec
