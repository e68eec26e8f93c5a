#pragma once
// Interfaces: what network interfaces received and sent. From /proc/net/dev (man 5 proc), which is
// of this network namespace.
//
//   system.network.io{device,direction}               counter, bytes: receive, transmit
//   system.network.packet.count{device,direction}     counter
//   system.network.errors{device,direction}           counter
//   system.network.packet.dropped{device,direction}   counter

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/host/counter_table.h"
#include "ingest/host/report.h"
#include "ingest/host/source.h"

namespace ingest::host {

/// bytes, packets, errors and drops received, the same transmitted.
constexpr std::size_t kInterfaceCounters = 8;
struct InterfaceLine {
  std::string_view device;
  std::array<std::uint64_t, kInterfaceCounters> counters{};
};
/// "  eth0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0"; nothing for the two lines of heads.
std::optional<InterfaceLine> parse_interface_line(std::string_view line);

class Interfaces {
 public:
  static constexpr std::size_t kInterfacesMax = 64;  // with rows of their own

  explicit Interfaces(const std::string& proc);
  void read(Report& report);
  std::size_t folded() const { return table_.folded(); }

 private:
  Source source_;
  CounterTable table_;
};

}  // namespace ingest::host
