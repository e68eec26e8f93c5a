#include "gateway/tools/recorder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "ingest/record/recording_reader.h"

namespace gateway::tools {
namespace {

TEST(Recorder, WhatWasFlushedIsInTheFileOfOneThatWasKilled) {
  std::string name = std::filesystem::temp_directory_path() / "weir-recorder-XXXXXX";
  const std::filesystem::path folder = ::mkdtemp(name.data());
  const std::string path = folder / "a.weir";
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
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gateway::tools
