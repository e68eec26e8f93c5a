#include "gateway/tools/server_numbers.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

#include "gateway/tools/http_call.h"

namespace gateway::tools {
namespace {

constexpr int kGood = 200;

/// The value of a label in `udp="x",result="y"`.
std::string_view label_of(std::string_view labels, std::string_view name) {
  const std::string begin = std::string{name} + "=\"";
  const std::size_t at = labels.find(begin);
  if (at == std::string_view::npos) return {};
  const std::string_view value = labels.substr(at + begin.size());
  return value.substr(0, value.find('"'));
}

/// "udp/statsd" is, and "udp/statsd:8126".
bool is_of(std::string_view name, std::string_view feed) {
  return name.starts_with(feed) && (name.size() == feed.size() || name[feed.size()] == ':');
}

/// name{labels} value
struct Line {
  std::string_view name;
  std::string_view labels;
  double value = 0;
};

std::optional<Line> parse_line(std::string_view text) {
  const std::size_t space = text.rfind(' ');
  if (text.empty() || text.front() == '#' || space == std::string_view::npos) return std::nullopt;
  Line line;
  const std::string_view number = text.substr(space + 1);
  std::from_chars(number.data(), number.data() + number.size(), line.value);
  const std::string_view head = text.substr(0, space);
  const std::size_t brace = head.find('{');
  line.name = head.substr(0, brace);
  if (brace != std::string_view::npos) line.labels = head.substr(brace + 1);
  return line;
}

void take(const Line& line, FeedNumbers& numbers) {
  const auto count = static_cast<std::uint64_t>(line.value);
  const std::string_view result = label_of(line.labels, "result");
  if (line.name == "weir_ingest_datagrams_total") {
    if (result == "received") numbers.datagrams_received += count;
    if (result == "kernel_dropped") numbers.datagrams_dropped += count;
  } else if (line.name == "weir_ingest_lines_total") {
    numbers.lines += count;
    if (result == "accepted") numbers.lines_accepted += count;
  } else if (line.name == "weir_ingest_samples_total") {
    numbers.samples += count;
    if (result == "own") numbers.samples_own += count;
  }
}

std::string text_of(const std::string& path) {
  const std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// proc(5): utime and stime are the 14th and 15th, counted from behind the command's name, which
/// may hold anything.
std::optional<double> cpu_seconds(const std::string& stat) {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest{stat.substr(name_end + 1)};
  constexpr int kBefore = 11;
  std::string skipped;
  for (int i = 0; i < kBefore; ++i)
    rest >> skipped;
  double user = 0;
  double system = 0;
  if (!(rest >> user >> system)) return std::nullopt;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t anonymous_bytes(const std::string& status) {
  constexpr std::string_view kName = "RssAnon:";
  constexpr std::uint64_t kKiB = 1'024;
  const std::size_t at = status.find(kName);
  if (at == std::string::npos) return 0;
  const std::size_t digit = status.find_first_of("0123456789", at);
  std::uint64_t kilobytes = 0;
  if (digit != std::string::npos)
    std::from_chars(status.data() + digit, status.data() + status.size(), kilobytes);
  return kilobytes * kKiB;
}

}  // namespace

FeedNumbers read_feed_numbers(std::string_view metrics, std::string_view feed) {
  FeedNumbers numbers;
  while (!metrics.empty()) {
    const std::size_t end = std::min(metrics.find('\n'), metrics.size());
    const auto line = parse_line(metrics.substr(0, end));
    metrics.remove_prefix(std::min(end + 1, metrics.size()));
    if (!line) continue;
    if (line->name == "weir_series") numbers.series = line->value;
    if (is_of(label_of(line->labels, "feed"), feed)) take(*line, numbers);
  }
  return numbers;
}

FeedNumbers since(const FeedNumbers& now, const FeedNumbers& before) {
  return {.datagrams_received = now.datagrams_received - before.datagrams_received,
          .datagrams_dropped = now.datagrams_dropped - before.datagrams_dropped,
          .lines = now.lines - before.lines,
          .lines_accepted = now.lines_accepted - before.lines_accepted,
          .samples = now.samples - before.samples,
          .samples_own = now.samples_own - before.samples_own,
          .series = now.series};
}

ingest::Result<FeedNumbers> ask_feed_numbers(const Target& http, std::string_view feed) {
  const auto answer = TRY(http_call(http, {.method = "GET", .path = "/metrics", .body = {}}));
  if (answer.status != kGood)
    return ingest::Failure{ingest::Error{
        answer.status, to_text(http) + "/metrics answered " + std::to_string(answer.status)}};
  return read_feed_numbers(answer.body, feed);
}

std::optional<ProcessNumbers> process_numbers(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const auto cpu = cpu_seconds(text_of(folder + "/stat"));
  if (!cpu) return std::nullopt;
  return ProcessNumbers{*cpu, anonymous_bytes(text_of(folder + "/status"))};
}

}  // namespace gateway::tools
