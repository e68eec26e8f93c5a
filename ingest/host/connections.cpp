#include "ingest/host/connections.h"

#include <array>
#include <utility>

#include "ingest/host/words.h"

namespace ingest::host {
namespace {

constexpr std::size_t kEstablished = 1;
constexpr std::size_t kTimeWait = 6;
constexpr std::size_t kClose = 7;
constexpr std::size_t kCloseWait = 8;

/// By the kernel's numbers.
constexpr std::array<std::string_view, 12> kTags{
    "",
    "transport:tcp,state:established",
    "transport:tcp,state:syn_sent",
    "transport:tcp,state:syn_received",
    "transport:tcp,state:fin_wait_1",
    "transport:tcp,state:fin_wait_2",
    "transport:tcp,state:time_wait",
    "transport:tcp,state:closed",
    "transport:tcp,state:close_wait",
    "transport:tcp,state:last_ack",
    "transport:tcp,state:listen",
    "transport:tcp,state:closing",
};
constexpr std::string_view kName = "system.network.connection.count";

/// All states but those two; the thirteenth bit is syn_received again (sock_diag.cpp).
constexpr std::uint32_t kOthers = 0x1FFEU & ~(1U << kEstablished) & ~(1U << kTimeWait);

}  // namespace

std::optional<std::uint64_t> parse_time_wait(std::string_view sockstat) {
  while (!sockstat.empty()) {
    std::string_view line = next_line(sockstat);
    if (next_word(line) != "TCP:") continue;
    while (!line.empty()) {
      const std::string_view key = next_word(line);
      const auto value = next_count(line);
      if (key == "tw") return value;
    }
  }
  return std::nullopt;
}

Connections::Connections(const std::string& proc, Ask ask)
    : sockstat_(proc + "/net/sockstat"), ask_(ask) {}

void Connections::walk(Report& report) {
  if (ask_ == Ask::FilesOnly || !pace_.due(report.now())) return;
  const std::chrono::nanoseconds before = thread_cpu_time();
  others_ = diag_.count(kOthers);
  pace_.took(report.now(), thread_cpu_time() - before);
  if (!std::exchange(refused_, !others_) && !others_) report.count_missing();
}

void Connections::read(Report& report, std::optional<std::uint64_t> established) {
  walk(report);
  const auto say = [&](std::size_t state, std::uint64_t count) {
    report.gauge(kName, kTags[state], static_cast<double>(count));
  };
  if (established) {
    const std::uint64_t waiting = others_ ? (*others_)[kCloseWait] : 0;
    say(kEstablished, *established - std::min(*established, waiting));
  }
  const auto text = sockstat_.read(report);
  if (const auto waiting = text ? parse_time_wait(*text) : std::nullopt) say(kTimeWait, *waiting);
  for (std::size_t state = 2; others_ && state < kTags.size(); ++state) {
    if (state != kTimeWait && state != kClose) say(state, (*others_)[state]);
  }
  report.flush();
}

}  // namespace ingest::host
