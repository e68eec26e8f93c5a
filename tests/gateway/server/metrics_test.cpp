#include "gateway/server/metrics.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "gateway/server/counts.h"

namespace gateway::server {
namespace {

bool has(const std::string& text, std::string_view line) {
  return text.find(line) != std::string::npos;
}

TEST(Metrics, NamesTheBuildAndTheProcess) {
  const Metrics metrics("9.9.9");
  const std::string text = metrics.text();
  EXPECT_TRUE(has(text, "weir_build_info{version=\"9.9.9\"} 1"));
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes",
                           "process_open_fds", "process_max_fds", "process_start_time_seconds"})
    EXPECT_TRUE(has(text, std::string("# HELP ") + name)) << name;
}

TEST(Metrics, GroupsRowsOfOneNameUnderOneHelp) {
  Metrics metrics("1");
  metrics.add([](Sheet& sheet) {
    sheet.counter("weir_things_total", "Things", 1, {{"kind", "a"}});
    sheet.gauge("weir_level", "Level", 0.5);
  });
  metrics.add([](Sheet& sheet) {
    sheet.counter("weir_things_total", "Things", 2, {{"kind", "quote\" \\ line\n"}});
  });
  const std::string text = metrics.text();
  const std::string help = "# HELP weir_things_total";
  EXPECT_EQ(text.find(help), text.rfind(help));
  EXPECT_TRUE(has(text, "weir_things_total{kind=\"a\"} 1"));
  EXPECT_TRUE(has(text, R"(weir_things_total{kind="quote\" \\ line\n"} 2)"));
  EXPECT_TRUE(has(text, "weir_level 0.5"));
}

TEST(Metrics, SaysTheSameInOpenMetrics) {
  Metrics metrics("1");
  metrics.add([](Sheet& sheet) {
    sheet.counter("weir_busy_seconds_total", "Time \"busy\"", 1.5, {{"kind", "quote\" \\"}});
    sheet.gauge("weir_level", "Level", 0.5);
  });
  const Metrics::Page page =
      metrics.page(Metrics::Audience::Readers, exposition::Format::OpenMetrics);
  EXPECT_TRUE(has(page.text,
                  "# HELP weir_busy_seconds Time \\\"busy\\\"\n"
                  "# TYPE weir_busy_seconds counter\n"
                  "# UNIT weir_busy_seconds seconds\n"
                  "weir_busy_seconds_total{kind=\"quote\\\" \\\\\"} 1.5\n"));
  EXPECT_TRUE(has(page.text, "# TYPE weir_level gauge\nweir_level 0.5\n"));
  for (const char* name : {"weir_busy_seconds", "weir_busy_seconds_total", "weir_level"})
    EXPECT_TRUE(page.names.contains(name)) << name;
}

TEST(Metrics, ReadsItsSourcesAtEachScrape) {
  Metrics metrics("1");
  int scrapes = 0;
  metrics.add([&](Sheet& sheet) { sheet.gauge("weir_scrapes", "Scrapes", ++scrapes); });
  EXPECT_TRUE(has(metrics.text(), "weir_scrapes 1"));
  EXPECT_TRUE(has(metrics.text(), "weir_scrapes 2"));
}

TEST(Metrics, SumsTheCountsOfAllWorkers) {
  Counts one;
  Counts two;
  one.frames_sent.add(3);
  two.frames_sent.add(4);
  one.answered(404);
  two.ended_by(Ended::Stalled);
  two.closed_with(4104);
  two.closed_with(1001);
  one.closed_with(5);  // no such code: not counted, not out of bounds
  one.closed_with(65535);
  Metrics metrics("1");
  const Counts* workers[] = {&one, &two};
  metrics.add([&](Sheet& sheet) { write_counts(sheet, workers); });
  const std::string text = metrics.text();
  EXPECT_TRUE(has(text, "weir_frames_sent_total 7\n"));
  EXPECT_TRUE(has(text, "weir_http_answers_total{status=\"404\"} 1\n"));
  EXPECT_TRUE(has(text, "weir_connections_closed_total{reason=\"stalled\"} 1\n"));
  EXPECT_TRUE(has(text, "weir_ws_closes_total{code=\"4104\"} 1\n"));
  EXPECT_TRUE(has(text, "weir_ws_closes_total{code=\"1001\"} 1\n"));
}

TEST(Metrics, PromtoolHasNothingToSay) {
  Counts counts;
  counts.answered(200);
  counts.closed_with(1000);
  Metrics metrics("1");
  const Counts* workers[] = {&counts};
  metrics.add([&](Sheet& sheet) { write_counts(sheet, workers); });
  // NOLINTNEXTLINE(cert-env33-c): promtool is part of the test's tools (Debian: prometheus).
  std::FILE* promtool = popen("promtool check metrics >&2", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string text = metrics.text();
  EXPECT_EQ(std::fwrite(text.data(), 1, text.size(), promtool), text.size());
  const int status = pclose(promtool);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << text;
}

}  // namespace
}  // namespace gateway::server
