#include "gateway/tools/recorder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "ingest/record/recording_reader.h"
#include "tests/support/temporary_folder.h"

namespace gateway::tools {
namespace {

TEST(Recorder, WhatWasFlushedIsInTheFileOfOneThatWasKilled) {
  const tests::support::TemporaryFolder folder;
  const std::string path = folder.path("a.weir");
  const ingest::ManualClock clock;
  auto writer = ingest::record::RecordingWriter::create({.path = path, .header = {}});
  ASSERT_TRUE(writer) << writer.error().what;
  Recorder recorder{
      {.writer = *std::move(writer), .forward = {}, .clock = &clock, .done = [] { FAIL(); }}};
  recorder.datagram("a:1|c", Recorder::Whole::Yes);
  recorder.datagram("b:2|c", Recorder::Whole::Yes);
  recorder.flush();
  recorder.flush();  // with nothing new
  const auto reader = ingest::record::RecordingReader::open(path);
  ASSERT_TRUE(reader) << reader.error().what;
  EXPECT_EQ((*reader)->next()->bytes, "a:1|c");
  EXPECT_EQ((*reader)->next()->bytes, "b:2|c");
  EXPECT_FALSE((*reader)->next());
  EXPECT_EQ((*reader)->ending().how, ingest::record::Ending::How::Cut);
}

}  // namespace
}  // namespace gateway::tools
