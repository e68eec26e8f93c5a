#include "ingest/io/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "ingest/io/fd.h"
#include "ingest/io/log_repeats.h"

namespace ingest::io {
namespace {

// NOLINTNEXTLINE(misc-unused-using-decls): the literals below
using std::string_view_literals::operator""sv;

TEST(LogLine, IsKeysAndValues) {
  EXPECT_EQ(log_line("subscriber_closed", {{"subscriber", 17}, {"code", 4104}, {"reason", "slow"}}),
            "event=subscriber_closed subscriber=17 code=4104 reason=slow");
  EXPECT_EQ(log_line("quiet", {}), "event=quiet");
  EXPECT_EQ(log_line("x", {{"n", -5}, {"big", ~std::uint64_t{0}}}),
            "event=x n=-5 big=18446744073709551615");
}

TEST(LogLine, QuotesWhatWouldBeReadAsSomethingElse) {
  struct Case {
    std::string_view value;
    std::string_view printed;
  };
  for (const auto& [value, printed] : {
           Case{"", R"("")"},
           Case{"two words", R"("two words")"},
           Case{"a=b", R"("a=b")"},
           Case{R"(say "no")", R"("say \"no\"")"},
           Case{R"(c:\dir)", R"("c:\\dir")"},
           Case{"one\ntwo\r\t", R"("one\ntwo\r\t")"},
           Case{"\0\x7f\x1b"sv, R"("\x00\x7f\x1b")"},
           Case{"127.0.0.1:80", "127.0.0.1:80"},
           Case{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
       }) {
    EXPECT_EQ(log_line("x", {{"v", value}}), "event=x v=" + std::string{printed});
  }
}

/// A log whose lines a test reads.
class Written {
 public:
  explicit Written(Logger::Options options = {}) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_NONBLOCK), 0);
    reader_ = Fd{ends[0]};
    writer_ = Fd{ends[1]};
    options.fd = writer_.get();
    options.clock = &clock;
    log.emplace(options);
  }
  /// What was written since it was asked last.
  std::string text() const {
    std::array<char, 8'192> bytes{};
    const ssize_t size = ::read(reader_.get(), bytes.data(), bytes.size());
    return {bytes.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
  }

  ManualClock clock;
  std::optional<Logger> log;

 private:
  Fd reader_;
  Fd writer_;
};

TEST(Logger, WritesTheLevelsFromItsLeastUp) {
  const Written written{{.levels = {.least = LogLevel::Warn}}};
  written.log->debug("a", {});
  written.log->info("b", {});
  written.log->warn("c", {{"k", 1}});
  written.log->error("d", {});
  EXPECT_EQ(written.text(), "level=warn event=c k=1\nlevel=error event=d\n");
}

TEST(Logger, ARoomHasItsNameAndMayHaveItsLevel) {
  const Written written{{.levels = {.rooms = {{"archive", LogLevel::Debug}}}}};
  const Logger archive = written.log->room("archive");
  const Logger server = written.log->room("server");
  archive.debug("a", {});
  server.debug("b", {});
  server.info("c", {});
  EXPECT_EQ(written.text(), "level=debug room=archive event=a\nlevel=info room=server event=c\n");
}

TEST(Logger, LevelsAreChangedWhileItRuns) {
  const Written written;
  const Logger server = written.log->room("server");
  written.log->set({.least = LogLevel::Error, .rooms = {{"server", LogLevel::Debug}}});
  written.log->warn("a", {});
  server.debug("b", {});
  EXPECT_EQ(written.text(), "level=debug room=server event=b\n");
}

TEST(Logger, JsonIsAnObjectALineWhateverStandsInIt) {
  const Written written{{.format = LogFormat::Json}};
  written.log->room("server").warn(
      "x", {{"n", -5}, {"digits", "17"}, {"why", "say \"no\"\n\x01"}, {"broken", "a\xff z"}});
  EXPECT_EQ(written.text(),
            R"({"time":"2023-11-14T22:13:20.000Z","level":"warn","room":"server","event":"x",)"
            R"("n":-5,"digits":"17","why":"say \"no\"\n\u0001","broken":"a)"
            "\xef\xbf\xbd z\"}\n");
}

TEST(Logger, WhatComesAgainAndAgainIsToldNowAndThenAndHowOftenItWasHeldBack) {
  Written written;
  const auto lines = [&] {
    const std::string text = written.text();
    return std::count(text.begin(), text.end(), '\n');
  };
  for (int i = 0; i < 1'000; ++i)
    written.log->room(i % 2 == 0 ? "a" : "b").warn("disk_full", {});
  EXPECT_EQ(lines(), 20);
  written.log->warn("other", {});
  EXPECT_EQ(lines(), 1);
  written.clock.advance(LogRepeats::kOneMore);
  written.log->warn("disk_full", {{"k", 1}});
  written.log->warn("disk_full", {});
  EXPECT_EQ(written.text(), "level=warn event=disk_full k=1 held_back=980\n");
  written.clock.advance(LogRepeats::kOneMore);
  written.log->warn("disk_full", {});
  EXPECT_EQ(written.text(), "level=warn event=disk_full held_back=1\n");
}

TEST(LogRepeats, OfMoreEventsThanItKeepsAllAreTold) {
  LogRepeats repeats;
  const MonoTime now{};
  for (std::size_t i = 0; i < 2 * LogRepeats::kEventsMax; ++i)
    EXPECT_EQ(repeats.take("event" + std::to_string(i), now), 0U);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(repeats.take("event" + std::to_string(LogRepeats::kEventsMax), now), 0U);
}

}  // namespace
}  // namespace ingest::io
