#include "ingest/host/source.h"

#include "tests/ingest/host/machine.h"

namespace ingest::host {
namespace {

using SourceTest = Machine;

TEST_F(SourceTest, ReadsWhatTheFileSaysNow) {
  write("a", "first");
  Source source{path("a")};
  EXPECT_EQ(source.read(report_), "first");
  write("a", "2");
  EXPECT_EQ(source.read(report_), "2");
  EXPECT_EQ(report_.missing(), 0u);
}

TEST_F(SourceTest, AMissingFileIsCountedOnce) {
  Source source{path("none")};
  for (unsigned i = 0; i < 3 * Source::kRetryEvery; ++i)
    EXPECT_FALSE(source.read(report_));
  EXPECT_EQ(report_.missing(), 1u);
}

TEST_F(SourceTest, AFileThatComesLaterIsFound) {
  Source source{path("late")};
  EXPECT_FALSE(source.read(report_));
  write("late", "here");
  for (unsigned i = 1; i < Source::kRetryEvery; ++i)
    EXPECT_FALSE(source.read(report_));  // not asked again yet
  EXPECT_EQ(source.read(report_), "here");
  write("late", "");
  EXPECT_FALSE(source.read(report_));
  EXPECT_EQ(report_.missing(), 2u);  // it was there, and is missing again
}

TEST_F(SourceTest, AFileThatMayBeMissingIsNotCounted) {
  Source source{path("none"), Source::Missing::Usual};
  EXPECT_FALSE(source.read(report_));
  EXPECT_EQ(report_.missing(), 0u);
}

TEST_F(SourceTest, OfALongTextTheBeginningIsRead) {
  write("long", std::string(Report::kTextBytesMax + 1, 'x'));
  Source source{path("long")};
  EXPECT_EQ(source.read(report_)->size(), Report::kTextBytesMax);
}

TEST_F(SourceTest, AFolderIsMissingToo) {
  Source source{path("")};
  EXPECT_FALSE(source.read(report_));
  EXPECT_EQ(report_.missing(), 1u);
}

}  // namespace
}  // namespace ingest::host
