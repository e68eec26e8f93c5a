#include "ingest/host/interfaces.h"

#include "ingest/host/words.h"

namespace ingest::host {
namespace {

constexpr std::array<Column, kInterfaceCounters> kColumns{{
    {"system.network.io", "direction:receive"},
    {"system.network.packet.count", "direction:receive"},
    {"system.network.errors", "direction:receive"},
    {"system.network.packet.dropped", "direction:receive"},
    {"system.network.io", "direction:transmit"},
    {"system.network.packet.count", "direction:transmit"},
    {"system.network.errors", "direction:transmit"},
    {"system.network.packet.dropped", "direction:transmit"},
}};
constexpr std::size_t kEachWay = kInterfaceCounters / 2;

}  // namespace

std::optional<InterfaceLine> parse_interface_line(std::string_view line) {
  // A name may hold a colon (an alias); the last one ends it, for numbers follow.
  const std::size_t colon = line.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view head = line.substr(0, colon);
  InterfaceLine found{next_word(head), {}};
  line.remove_prefix(colon + 1);
  const std::span<std::uint64_t> counters{found.counters};
  if (!next_counts(line, counters.first(kEachWay))) return std::nullopt;
  skip_words(line, 4);  // fifo frame compressed multicast
  if (!next_counts(line, counters.last(kEachWay))) return std::nullopt;
  return found;
}

Interfaces::Interfaces(const std::string& proc)
    : source_(proc + "/net/dev"),
      table_({.label = "device", .columns = kColumns, .rows_max = kInterfacesMax}) {}

void Interfaces::read(Report& report) {
  auto text = source_.read(report);
  if (!text) return;
  while (!text->empty()) {
    const auto line = parse_interface_line(next_line(*text));
    if (line) table_.see(line->device, line->counters);
  }
  table_.report(report);
}

}  // namespace ingest::host
