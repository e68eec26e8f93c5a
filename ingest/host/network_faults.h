#pragma once
// NetworkFaults: what the network code of this namespace threw away or had to repeat, UDP drops
// first. From /proc/net/snmp, snmp6 and netstat (the kernel's Documentation/networking/
// snmp_counter.rst); IPv4 and IPv6 together.
//
//   system.network.faults{protocol,reason}       counter: ip, udp, tcp; the reasons stand in the
//   .cpp system.network.datagrams{direction}          counter: UDP, receive, transmit
//   system.network.segments{direction}           counter: TCP, receive, transmit
//   system.network.connection.opened{direction}  counter: TCP, receive (accepted), transmit

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ingest/host/counter_table.h"
#include "ingest/host/report.h"
#include "ingest/host/source.h"

namespace ingest::host {

/// One number of /proc/net/snmp or netstat: "Udp:", "RcvbufErrors".
struct GroupedKey {
  std::string_view group;
  std::string_view name;
};
/// Texts of two lines each, names and numbers: "Udp: InDatagrams NoPorts\nUdp: 1 2\n". The number
/// of keys[i] into values[i], kUnsaid where there is none.
void read_grouped(std::string_view text, std::span<const GroupedKey> keys,
                  std::span<std::uint64_t> values);

class NetworkFaults {
 public:
  explicit NetworkFaults(const std::string& proc);
  void read(Report& report);
  /// Of the last read: TCP connections established or waiting for our close, as the kernel counts
  /// them.
  std::optional<std::uint64_t> established() const { return established_; }

 private:
  Source snmp_;
  Source snmp6_;
  Source netstat_;
  CounterTable table_;
  std::optional<std::uint64_t> established_;
};

}  // namespace ingest::host
