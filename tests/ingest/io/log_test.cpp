#include "ingest/io/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

#include "ingest/io/fd.h"

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

TEST(Logger, WritesTheLevelsFromItsLeastUp) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const Fd reader{ends[0]};
  Fd writer{ends[1]};
  {
    const Logger log{LogLevel::Warn, writer.get()};
    log.debug("a", {});
    log.info("b", {});
    log.warn("c", {{"k", 1}});
    log.error("d", {});
  }
  writer.reset();
  std::array<char, 256> bytes{};
  const ssize_t size = ::read(reader.get(), bytes.data(), bytes.size());
  ASSERT_GT(size, 0);
  EXPECT_EQ((std::string{bytes.data(), static_cast<std::size_t>(size)}),
            "level=warn event=c k=1\nlevel=error event=d\n");
}

}  // namespace
}  // namespace ingest::io
