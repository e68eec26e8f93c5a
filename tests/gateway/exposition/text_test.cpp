#include "gateway/exposition/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace gateway::exposition {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}
std::string number(double value) {
  std::string out;
  append_number(out, value);
  return out;
}
std::string bound(double value, Format format) {
  std::string out;
  append_bound(out, value, format);
  return out;
}

TEST(ExpositionText, NamesAreMadeLegal) {
  EXPECT_EQ(metric_name("http.request-time"), "http_request_time");
  EXPECT_EQ(metric_name("5xx"), "_5xx");
  EXPECT_EQ(metric_name("job:rate"), "job:rate");
  EXPECT_EQ(metric_name("gr\xC3\xB6\xC3\x9F"
                        "e"),
            "gr____e");
  EXPECT_EQ(label_name("job:rate"), "job_rate");
  EXPECT_EQ(label_name("2nd"), "_2nd");
  EXPECT_EQ(label_name(""), "tag");
  EXPECT_EQ(label_name("__name__"), "tag__name__");
}

TEST(ExpositionText, ValuesAreEscapedAndUtf8) {
  EXPECT_EQ(in_quotes("a\"b\\c\nd"), R"(a\"b\\c\nd)");
  EXPECT_EQ(in_quotes("gr\xC3\xB6\xC3\x9F"
                      "e \xF0\x9F\x90\x9F"),
            "gr\xC3\xB6\xC3\x9F"
            "e \xF0\x9F\x90\x9F");
  constexpr std::string_view kBad = "\xEF\xBF\xBD";
  // Cut off, overlong, a surrogate, past the last one, a lone continuation.
  for (const std::string_view bad :
       {"\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"})
    EXPECT_EQ(in_quotes(std::string{"a"} + std::string{bad}).substr(1, 3), kBad);
}

TEST(ExpositionText, HelpEscapesQuotesInOpenMetricsAlone) {
  std::string text;
  append_help(text, "a \"b\"\n", Format::Text);
  EXPECT_EQ(text, "a \"b\"\\n");
  text.clear();
  append_help(text, "a \"b\"\n", Format::OpenMetrics);
  EXPECT_EQ(text, R"(a \"b\"\n)");
}

TEST(ExpositionText, NumbersReadBackTheSame) {
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(1e21), "1e+21");
  EXPECT_EQ(number(9007199254740993.0), "9007199254740992");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(bound(1, Format::Text), "1");
  EXPECT_EQ(bound(1, Format::OpenMetrics), "1.0");
  EXPECT_EQ(bound(0.5, Format::OpenMetrics), "0.5");
  EXPECT_EQ(bound(std::numeric_limits<double>::infinity(), Format::OpenMetrics), "+Inf");
}

TEST(ExpositionText, UnitsAreBaseUnitsAtTheEnd) {
  EXPECT_EQ(unit_of("process_cpu_seconds"), "seconds");
  EXPECT_EQ(unit_of("io_bytes"), "bytes");
  EXPECT_EQ(unit_of("seconds"), "");
  EXPECT_EQ(unit_of("milliseconds"), "");
  EXPECT_EQ(unit_of("bytes_read"), "");
}

}  // namespace
}  // namespace gateway::exposition
