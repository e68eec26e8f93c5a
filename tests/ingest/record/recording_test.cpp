#include "ingest/record/recording.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "ingest/record/open_source.h"
#include "ingest/record/pacer.h"
#include "ingest/record/recording_reader.h"
#include "ingest/record/recording_writer.h"
#include "ingest/record/text_reader.h"
#include "tests/support/temporary_folder.h"

namespace ingest::record {
namespace {

using std::chrono::nanoseconds;

class RecordingTest : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_.path(name); }
  static std::string bytes_of(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  static void put(const std::string& path, const std::string& bytes) {
    std::ofstream{path, std::ios::binary} << bytes;
  }

  static Header header() {
    return {.format = codec::Format::Influx,
            .transport = Transport::Tcp,
            .address = "127.0.0.1:8094",
            .started = wall_from_ms(1'700'000'000'123)};
  }
  Result<RecordingWriter> create(std::uint64_t bytes_max = std::uint64_t{1} << 30) const {
    return RecordingWriter::create({.path = path("a"), .header = header(), .bytes_max = bytes_max});
  }
  /// A recording of some of everything.
  void record() const {
    auto writer = create();
    ASSERT_TRUE(writer) << writer.error().what;
    ASSERT_TRUE(writer->add({Kind::Data, 1, nanoseconds{5}, "a f=1\n"}));
    ASSERT_TRUE(writer->add({Kind::Data, 2, nanoseconds{7}, std::string_view{"\0\xff\n", 3}}));
    ASSERT_TRUE(writer->drops(3, nanoseconds{8}));
    ASSERT_TRUE(writer->add({Kind::Closed, 1, nanoseconds{9}, ""}));
    ASSERT_TRUE(writer->add({Kind::Cut, 0, nanoseconds{10}, std::string(70'000, 'x')}));
    ASSERT_TRUE(writer->finish(nanoseconds{11}));
  }
  struct Kept {
    Kind kind;
    std::uint32_t connection;
    std::int64_t at;
    std::string bytes;
    bool operator==(const Kept&) const = default;
  };
  static std::vector<Kept> all_of(Source& source) {
    std::vector<Kept> kept;
    while (const auto record = source.next())
      kept.push_back(
          {record->kind, record->connection, record->at.count(), std::string{record->bytes}});
    return kept;
  }

  tests::support::TemporaryFolder folder_;
};

TEST_F(RecordingTest, GivesBackEveryByteWithItsTimeAndConnection) {
  record();
  const auto reader = RecordingReader::open(path("a"));
  ASSERT_TRUE(reader) << reader.error().what;
  EXPECT_EQ((*reader)->header(), header());
  const std::vector<Kept> wanted{{Kind::Data, 1, 5, "a f=1\n"},
                                 {Kind::Data, 2, 7, std::string{"\0\xff\n", 3}},
                                 {Kind::Drops, 0, 8, "3"},
                                 {Kind::Closed, 1, 9, ""},
                                 {Kind::Cut, 0, 10, std::string(70'000, 'x')}};
  EXPECT_EQ(all_of(**reader), wanted);
  EXPECT_EQ((*reader)->ending().how, Ending::How::Whole);
  EXPECT_EQ((*reader)->totals(), (Totals{3, 6 + 3 + 70'000, 3}));
  ASSERT_TRUE((*reader)->rewind());
  EXPECT_EQ(all_of(**reader), wanted);
}

TEST_F(RecordingTest, IsReadUpToItsLastWholeRecordWhereverItWasCut) {
  record();
  const std::string whole = bytes_of(path("a"));
  const auto reader = RecordingReader::open(path("a"));
  const std::vector<Kept> all = all_of(**reader);
  const std::size_t head = encode_header(header()).size();
  std::vector<std::size_t> ends{head};  // of the records
  for (const Kept& kept : all)
    ends.push_back(ends.back() + kRecordHeadBytes + kept.bytes.size());
  const auto step = [](std::size_t size) -> std::size_t {
    return size < 600 || size > 70'000 ? 1 : 997;
  };
  for (std::size_t size = head; size < whole.size(); size += step(size)) {
    put(path("cut"), whole.substr(0, size));
    const auto cut = RecordingReader::open(path("cut"));
    ASSERT_TRUE(cut) << size;
    const auto kept = all_of(**cut);
    std::size_t expected = 0;
    while (expected + 1 < ends.size() && ends[expected + 1] <= size)
      ++expected;
    ASSERT_EQ(kept, std::vector<Kept>(all.begin(), all.begin() + static_cast<long>(expected)));
    ASSERT_EQ((*cut)->ending().how, Ending::How::Cut);
    ASSERT_NE((*cut)->ending().sentence.find("was cut off"), std::string::npos);
  }
}

TEST_F(RecordingTest, TrustsNothingBehindAByteThatChanged) {
  record();
  const std::string whole = bytes_of(path("a"));
  const auto good = RecordingReader::open(path("a"));
  const auto all = all_of(**good);
  for (std::size_t at = 0; at < 400; ++at) {
    std::string bad = whole;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    put(path("bad"), bad);
    const auto reader = RecordingReader::open(path("bad"));
    if (!reader) {
      EXPECT_LT(at, encode_header(header()).size());
      continue;
    }
    const auto kept = all_of(**reader);
    ASSERT_NE((*reader)->ending().how, Ending::How::Whole) << at;
    ASSERT_LT(kept.size(), all.size());
    for (std::size_t i = 0; i < kept.size(); ++i)
      ASSERT_EQ(kept[i], all[i]);
  }
}

TEST_F(RecordingTest, SaysThatThereIsMoreBehindItsEnd) {
  record();
  const std::string whole = bytes_of(path("a"));
  for (const std::string& more : {std::string{"x"}, whole}) {
    put(path("more"), whole + more);
    const auto reader = RecordingReader::open(path("more"));
    ASSERT_TRUE(reader);
    EXPECT_EQ(all_of(**reader).size(), 5u);
    EXPECT_EQ((*reader)->ending().how, Ending::How::Damaged);
    EXPECT_EQ((*reader)->ending().sentence, path("more") + " goes on behind its end at byte " +
                                                std::to_string(whole.size()) +
                                                "; the 3 records before that are whole");
  }
}

TEST_F(RecordingTest, SaysWhatIsNoRecording) {
  put(path("text"), "a:1|c\n");
  put(path("empty"), "");
  std::string later = encode_header(header());
  later[8] = 2;
  put(path("later"), later);
  const auto says = [&](const std::string& name, const std::string& words) {
    const auto opened = RecordingReader::open(path(name));
    return !opened && opened.error().what.find(words) != std::string::npos;
  };
  EXPECT_TRUE(says("none", "cannot read " + path("none") + ": no such file or directory"));
  EXPECT_TRUE(says("text", "is no recording"));
  EXPECT_TRUE(says("empty", "is no recording"));
  EXPECT_TRUE(says("later", "a later version"));
  EXPECT_FALSE(RecordingReader::open(folder_.path()));
}

TEST_F(RecordingTest, NeverOverwritesAFile) {
  put(path("a"), "precious");
  const auto writer = create();
  ASSERT_FALSE(writer);
  EXPECT_NE(writer.error().what.find("exists already"), std::string::npos);
  EXPECT_EQ(bytes_of(path("a")), "precious");
}

TEST_F(RecordingTest, StaysBelowItsLimitAndEndsWhole) {
  constexpr std::uint64_t kLimit = 20'000;
  auto writer = create(kLimit);
  ASSERT_TRUE(writer);
  std::size_t taken = 0;
  const std::string bytes(100, 'x');
  for (;; ++taken) {
    const auto took = writer->add({Kind::Data, 0, nanoseconds{1}, bytes});
    ASSERT_TRUE(took);
    if (*took == RecordingWriter::Took::Full) break;
  }
  EXPECT_GT(taken, 100u);
  ASSERT_TRUE(writer->finish(nanoseconds{2}));
  EXPECT_LE(bytes_of(path("a")).size(), kLimit);
  EXPECT_EQ(bytes_of(path("a")).size(), writer->size());
  const auto reader = RecordingReader::open(path("a"));
  EXPECT_EQ(all_of(**reader).size(), taken);
  EXPECT_EQ((*reader)->ending().how, Ending::How::Whole);
}

TEST_F(RecordingTest, AFullDiskIsASentenceAndKeepsWhatWasWritten) {
  // The limit of a file's size stands in: it refuses the write as a full disk does.
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  auto* const ignored = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 100'000, .rlim_max = before.rlim_max};
  auto writer = create();
  ASSERT_TRUE(writer);
  ::setrlimit(RLIMIT_FSIZE, &small);
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(writer->add({Kind::Data, 0, nanoseconds{1}, std::string(90'000, 'x')}));
  const auto finished = writer->finish(nanoseconds{2});
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, ignored);
  ASSERT_FALSE(finished);
  EXPECT_NE(finished.error().what.find("cannot write " + path("a")), std::string::npos);
  const auto reader = RecordingReader::open(path("a"));
  EXPECT_EQ(all_of(**reader).size(), 1u);
  EXPECT_EQ((*reader)->ending().how, Ending::How::Cut);
}

TEST_F(RecordingTest, AFileOfLinesComesInWholeLines) {
  std::string text;
  for (int i = 0; i < 20'000; ++i)
    text += "name.of.a.metric:" + std::to_string(i) + "|c\n";
  text += "last:1|c";
  put(path("lines"), text);
  const auto reader = TextReader::open({.path = path("lines"), .format = codec::Format::Statsd});
  ASSERT_TRUE(reader);
  std::string joined;
  std::size_t blocks = 0;
  for (const Kept& kept : all_of(**reader)) {
    EXPECT_TRUE(joined.empty() || joined.back() == '\n');
    joined += kept.bytes;
    EXPECT_EQ(kept.at, 0);
    ++blocks;
  }
  EXPECT_EQ(joined, text);
  EXPECT_GT(blocks, 1u);
  EXPECT_EQ((*reader)->ending().how, Ending::How::Whole);
}

TEST_F(RecordingTest, ARateSpreadsTheLinesOfAFile) {
  put(path("lines"), "a\nb\nc\nd\ne");
  const auto reader = TextReader::open(
      {.path = path("lines"), .format = codec::Format::Statsd, .lines_per_second = 10});
  ASSERT_TRUE(reader);
  for (int round = 0; round < 2; ++round) {
    const auto kept = all_of(**reader);
    ASSERT_EQ(kept.size(), 5u);
    for (std::size_t i = 0; i < kept.size(); ++i)
      EXPECT_EQ(kept[i].at, static_cast<std::int64_t>(i) * 100'000'000);
    EXPECT_EQ(kept.back().bytes, "e");
    ASSERT_TRUE((*reader)->rewind());
  }
}

TEST_F(RecordingTest, ANewlineInAStringOfInfluxEndsNoBlock) {
  put(path("lines"), "m s=\"x\ny\",f=1\nm f=2\n");
  const auto reader = TextReader::open(
      {.path = path("lines"), .format = codec::Format::Influx, .lines_per_second = 10});
  const auto kept = all_of(**reader);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].bytes, "m s=\"x\ny\",f=1\n");
}

TEST_F(RecordingTest, APipeIsRefusedAtOnceAndLosesNothing) {
  const std::string pipe = this->path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto lines = open_source({.path = pipe, .format = codec::Format::Statsd});
  ASSERT_FALSE(lines);
  EXPECT_NE(lines.error().what.find("is no plain file"), std::string::npos) << lines.error().what;
}

TEST_F(RecordingTest, IsToldFromAFileOfLines) {
  record();
  put(path("lines"), "a:1|c\n");
  const auto recording = open_source({.path = path("a"), .format = {}});
  ASSERT_TRUE(recording);
  EXPECT_EQ((*recording)->header().transport, Transport::Tcp);
  const auto lines = open_source({.path = path("lines"), .format = codec::Format::Json});
  ASSERT_TRUE(lines);
  EXPECT_EQ((*lines)->header().transport, Transport::Text);
  EXPECT_FALSE(open_source({.path = path("lines"), .format = {}}));
  const auto other = open_source({.path = path("a"), .format = codec::Format::Json});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().what, path("a") + " is a recording of influx, not of json");
}

TEST(Pacer, DividesTimeBySpeed) {
  const MonoTime start{std::chrono::seconds{100}};
  const nanoseconds at{10'000'000'000};
  const auto due = [&](Speed speed) {
    Pacer pacer{speed};
    pacer.start(start);
    return pacer.due(at) - start;
  };
  EXPECT_EQ(due(1.0), nanoseconds{10'000'000'000});
  EXPECT_EQ(due(10.0), nanoseconds{1'000'000'000});
  EXPECT_EQ(due(0.5), nanoseconds{20'000'000'000});
  EXPECT_EQ(due({}), nanoseconds{0});
}

TEST(Pacer, ARoundFollowsTheLastOneAtOnce) {
  const MonoTime start{std::chrono::seconds{100}};
  Pacer pacer{2.0};
  pacer.start(start);
  EXPECT_EQ(pacer.due(nanoseconds{600}) - start, nanoseconds{300});
  pacer.begin_again();
  EXPECT_EQ(pacer.due(nanoseconds{0}) - start, nanoseconds{300});
  EXPECT_EQ(pacer.due(nanoseconds{600}) - start, nanoseconds{600});
}

TEST(Recording, HoldsTotals) {
  EXPECT_EQ(parse_totals(totals_text({1, 2, 3})), (Totals{1, 2, 3}));
  EXPECT_FALSE(parse_totals("records 1\nbytes x\ndrops 3\n"));
}

}  // namespace
}  // namespace ingest::record
