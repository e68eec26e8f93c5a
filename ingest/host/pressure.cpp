#include "ingest/host/pressure.h"

#include "ingest/host/words.h"

namespace ingest::host {
namespace {

constexpr double kMicrosecond = 1e-6;
constexpr std::string_view kName = "system.linux.psi.total_time";
constexpr std::array<std::string_view, 4> kResources{"cpu", "memory", "io", "irq"};
constexpr std::array kColumns{
    Column{kName, "resource:cpu,stall_type:some", kMicrosecond},
    Column{kName, "resource:cpu,stall_type:full", kMicrosecond},
    Column{kName, "resource:memory,stall_type:some", kMicrosecond},
    Column{kName, "resource:memory,stall_type:full", kMicrosecond},
    Column{kName, "resource:io,stall_type:some", kMicrosecond},
    Column{kName, "resource:io,stall_type:full", kMicrosecond},
    Column{kName, "resource:irq,stall_type:some", kMicrosecond},
    Column{kName, "resource:irq,stall_type:full", kMicrosecond},
};
static_assert(kColumns.size() == 2 * kResources.size());

}  // namespace

StallTimes parse_pressure(std::string_view text) {
  StallTimes times{kUnsaid, kUnsaid};
  while (!text.empty()) {
    std::string_view line = next_line(text);
    const std::string_view kind = next_word(line);
    const std::size_t at = line.find("total=");
    if (at == std::string_view::npos) continue;
    line.remove_prefix(at + std::string_view{"total="}.size());
    const std::uint64_t total = next_count(line).value_or(kUnsaid);
    if (kind == "some") times.some_us = total;
    if (kind == "full") times.full_us = total;
  }
  return times;
}

Pressure::Pressure(const std::string& proc) : table_({.columns = kColumns}) {
  // A kernel without PSI lacks all of them and is counted once; irq came later than the others.
  for (const std::string_view resource : kResources) {
    sources_.emplace_back(proc + "/pressure/" + std::string{resource},
                          resource == "cpu" ? Source::Missing::Counted : Source::Missing::Usual);
  }
}

void Pressure::read(Report& report) {
  std::array<std::uint64_t, kColumns.size()> values{};
  values.fill(kUnsaid);
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const auto text = sources_[i].read(report);
    if (!text) continue;
    const StallTimes times = parse_pressure(*text);
    values[2 * i] = times.some_us;
    values[2 * i + 1] = times.full_us;
  }
  table_.see("", values);
  table_.report(report);
}

}  // namespace ingest::host
