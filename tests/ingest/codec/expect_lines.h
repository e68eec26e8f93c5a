#pragma once
// What every format's tests expect of lines: each is tried alone, between good neighbours, and as a
// stream cut at every byte.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/ingest/codec/collected.h"

namespace ingest::codec {

/// The same for a stream in any two pieces, and byte by byte, as for the whole stream.
inline void expect_any_split(const Codec& codec, const std::string& stream) {
  const Parsed whole = parse_stream(codec, stream, {.first = stream.size(), .size = 1});
  EXPECT_TRUE(whole.ledger.adds_up()) << stream;
  for (std::size_t first = 1; first <= stream.size(); ++first) {
    for (const std::size_t size : {std::size_t{1}, stream.size()}) {
      const Parsed pieces = parse_stream(codec, stream, {.first = first, .size = size});
      ASSERT_EQ(pieces.samples, whole.samples) << first << ": " << stream;
      ASSERT_EQ(pieces.notes, whole.notes) << first << ": " << stream;
      ASSERT_TRUE(same_ledger(pieces.ledger, whole.ledger)) << first << ": " << stream;
    }
  }
}

/// What a line gives that is accepted: as a datagram without an end, and in any pieces.
inline Parsed accepted(const Codec& codec, std::string_view line) {
  const Parsed parsed = parse_block(codec, line);
  EXPECT_EQ(parsed.ledger.received, 1U) << line;
  EXPECT_EQ(parsed.ledger.accepted, 1U) << line;
  EXPECT_EQ(parsed.ledger.samples, parsed.samples.size()) << line;
  EXPECT_TRUE(parsed.ledger.adds_up()) << line;
  const std::string stream = std::string{line} + "\n";
  EXPECT_EQ(parse_stream(codec, stream, {.first = stream.size(), .size = 1}).samples,
            parsed.samples)
      << line;
  if (line.size() < 200) expect_any_split(codec, stream);
  return parsed;
}

/// The only sample of an accepted line.
inline Kept only_sample(const Codec& codec, std::string_view line) {
  const Parsed parsed = accepted(codec, line);
  EXPECT_EQ(parsed.samples.size(), 1U) << line;
  return parsed.samples.empty() ? Kept{} : parsed.samples.front();
}

/// The line gives nothing but this reason, and `good` before and after it is as if it were not
/// there.
inline void expect_reject(const Codec& codec, std::string_view line, Reject reason,
                          std::string_view good) {
  const std::string block =
      std::string{good} + "\n" + std::string{line} + "\n" + std::string{good} + "\n";
  const Parsed parsed = parse_block(codec, block);
  EXPECT_EQ(parsed.ledger.received, 3U) << line;
  EXPECT_EQ(parsed.ledger.accepted, 2U) << line;
  for (std::size_t i = 0; i < kRejects; ++i) {
    const auto other = static_cast<Reject>(i);
    EXPECT_EQ(parsed.ledger.rejected_for(other), other == reason ? 1U : 0U)
        << line << ": " << reject_name(other);
  }
  EXPECT_TRUE(parsed.ledger.adds_up()) << line;
  ASSERT_EQ(parsed.refused.size(), 1U) << line;
  const Refused& refused = parsed.refused.front();
  EXPECT_EQ(refused.text, line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
  EXPECT_EQ(refused.reason, reject_name(reason)) << line;
  EXPECT_LE(refused.column, refused.text.size() + 1) << line;
  ASSERT_EQ(parsed.samples.size(), 2U) << line;
  EXPECT_EQ(parsed.samples[0], parsed.samples[1]) << line;
  if (line.size() < 200) expect_any_split(codec, block);
}

}  // namespace ingest::codec
