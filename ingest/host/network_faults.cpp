#include "ingest/host/network_faults.h"

#include <algorithm>
#include <array>

#include "ingest/host/words.h"

namespace ingest::host {
namespace {

struct Row {
  GroupedKey key;
  Column column;
};

constexpr std::string_view kFaults = "system.network.faults";

constexpr std::array kSnmp{
    Row{{"Ip:", "InHdrErrors"}, {kFaults, "protocol:ip,reason:bad_header"}},
    Row{{"Ip:", "InAddrErrors"}, {kFaults, "protocol:ip,reason:bad_address"}},
    Row{{"Ip:", "InDiscards"}, {kFaults, "protocol:ip,reason:receive_discarded"}},
    Row{{"Ip:", "OutDiscards"}, {kFaults, "protocol:ip,reason:transmit_discarded"}},
    Row{{"Ip:", "OutNoRoutes"}, {kFaults, "protocol:ip,reason:no_route"}},
    Row{{"Ip:", "ReasmFails"}, {kFaults, "protocol:ip,reason:reassembly"}},
    Row{{"Ip:", "FragFails"}, {kFaults, "protocol:ip,reason:fragmentation"}},
    Row{{"Udp:", "InDatagrams"}, {"system.network.datagrams", "direction:receive"}},
    Row{{"Udp:", "OutDatagrams"}, {"system.network.datagrams", "direction:transmit"}},
    Row{{"Udp:", "NoPorts"}, {kFaults, "protocol:udp,reason:no_port"}},
    Row{{"Udp:", "RcvbufErrors"}, {kFaults, "protocol:udp,reason:receive_buffer"}},
    Row{{"Udp:", "SndbufErrors"}, {kFaults, "protocol:udp,reason:send_buffer"}},
    Row{{"Udp:", "InCsumErrors"}, {kFaults, "protocol:udp,reason:checksum"}},
    Row{{"Udp:", "MemErrors"}, {kFaults, "protocol:udp,reason:memory"}},
    Row{{"Tcp:", "InSegs"}, {"system.network.segments", "direction:receive"}},
    Row{{"Tcp:", "OutSegs"}, {"system.network.segments", "direction:transmit"}},
    Row{{"Tcp:", "PassiveOpens"}, {"system.network.connection.opened", "direction:receive"}},
    Row{{"Tcp:", "ActiveOpens"}, {"system.network.connection.opened", "direction:transmit"}},
    Row{{"Tcp:", "AttemptFails"}, {kFaults, "protocol:tcp,reason:attempt_failed"}},
    Row{{"Tcp:", "EstabResets"}, {kFaults, "protocol:tcp,reason:reset"}},
    Row{{"Tcp:", "RetransSegs"}, {kFaults, "protocol:tcp,reason:retransmitted"}},
    Row{{"Tcp:", "InErrs"}, {kFaults, "protocol:tcp,reason:bad_segment"}},
};
constexpr std::array kNetstat{
    Row{{"TcpExt:", "ListenOverflows"}, {kFaults, "protocol:tcp,reason:listen_overflow"}},
    Row{{"TcpExt:", "ListenDrops"}, {kFaults, "protocol:tcp,reason:listen_dropped"}},
    Row{{"TcpExt:", "TCPTimeouts"}, {kFaults, "protocol:tcp,reason:timeout"}},
    Row{{"TcpExt:", "TCPSynRetrans"}, {kFaults, "protocol:tcp,reason:syn_retransmitted"}},
    Row{{"TcpExt:", "TCPBacklogDrop"}, {kFaults, "protocol:tcp,reason:backlog"}},
    Row{{"TcpExt:", "TCPRcvQDrop"}, {kFaults, "protocol:tcp,reason:receive_buffer"}},
    Row{{"TcpExt:", "PruneCalled"}, {kFaults, "protocol:tcp,reason:pruned"}},
    Row{{"TcpExt:", "TCPAbortOnMemory"}, {kFaults, "protocol:tcp,reason:memory"}},
    Row{{"TcpExt:", "TCPAbortOnTimeout"}, {kFaults, "protocol:tcp,reason:given_up"}},
};
constexpr std::size_t kRows = kSnmp.size() + kNetstat.size();

/// The same of IPv6, added to the row of kSnmp that it names. TCP counts both in one.
struct Row6 {
  std::string_view key;
  std::string_view row;  // of kSnmp: its name
};
constexpr std::array kSnmp6{
    Row6{"Ip6InHdrErrors", "InHdrErrors"},    Row6{"Ip6InAddrErrors", "InAddrErrors"},
    Row6{"Ip6InDiscards", "InDiscards"},      Row6{"Ip6OutDiscards", "OutDiscards"},
    Row6{"Ip6OutNoRoutes", "OutNoRoutes"},    Row6{"Ip6ReasmFails", "ReasmFails"},
    Row6{"Ip6FragFails", "FragFails"},        Row6{"Udp6InDatagrams", "InDatagrams"},
    Row6{"Udp6OutDatagrams", "OutDatagrams"}, Row6{"Udp6NoPorts", "NoPorts"},
    Row6{"Udp6RcvbufErrors", "RcvbufErrors"}, Row6{"Udp6SndbufErrors", "SndbufErrors"},
    Row6{"Udp6InCsumErrors", "InCsumErrors"}, Row6{"Udp6MemErrors", "MemErrors"},
};

template <std::size_t N>
constexpr std::array<GroupedKey, N> keys_of(const std::array<Row, N>& rows) {
  std::array<GroupedKey, N> keys{};
  for (std::size_t i = 0; i < N; ++i)
    keys[i] = rows[i].key;
  return keys;
}
constexpr auto kSnmpKeys = keys_of(kSnmp);
constexpr auto kNetstatKeys = keys_of(kNetstat);
constexpr auto kSnmpNames = [] {
  std::array<std::string_view, kSnmp.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i)
    names[i] = kSnmp[i].key.name;
  return names;
}();
constexpr auto kSnmp6Keys = [] {
  std::array<std::string_view, kSnmp6.size()> keys{};
  for (std::size_t i = 0; i < keys.size(); ++i)
    keys[i] = kSnmp6[i].key;
  return keys;
}();
constexpr auto kColumns = [] {
  std::array<Column, kRows> columns{};
  for (std::size_t i = 0; i < kRows; ++i)
    columns[i] = i < kSnmp.size() ? kSnmp[i].column : kNetstat[i - kSnmp.size()].column;
  return columns;
}();
constexpr std::array kEstablished{GroupedKey{"Tcp:", "CurrEstab"}};

std::optional<std::size_t> index_of(std::span<const GroupedKey> keys, const GroupedKey& wanted) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].name == wanted.name && keys[i].group == wanted.group) return i;
  }
  return std::nullopt;
}

void add_ipv6(std::string_view text, std::span<std::uint64_t> values) {
  std::array<std::uint64_t, kSnmp6.size()> more{};
  read_keyed(text, kSnmp6Keys, more);
  for (std::size_t i = 0; i < more.size(); ++i) {
    if (more[i] == kUnsaid) continue;
    std::uint64_t& value = values[*host::index_of(kSnmpNames, kSnmp6[i].row)];
    value = value == kUnsaid ? more[i] : value + more[i];
  }
}

}  // namespace

void read_grouped(std::string_view text, std::span<const GroupedKey> keys,
                  std::span<std::uint64_t> values) {
  std::fill(values.begin(), values.end(), kUnsaid);
  while (!text.empty()) {
    std::string_view names = next_line(text);
    std::string_view numbers = next_line(text);
    const std::string_view group = next_word(names);
    if (next_word(numbers) != group) return;  // not two lines of one group: nothing is sure
    while (!names.empty() && !numbers.empty()) {
      const GroupedKey key{group, next_word(names)};
      const std::string_view number = next_word(numbers);
      if (const auto at = index_of(keys, key))
        values[*at] = number_of<std::uint64_t>(number).value_or(kUnsaid);
    }
  }
}

NetworkFaults::NetworkFaults(const std::string& proc)
    : snmp_(proc + "/net/snmp"),
      snmp6_(proc + "/net/snmp6", Source::Missing::Usual),  // IPv6 is off here
      netstat_(proc + "/net/netstat"),
      table_({.columns = kColumns}) {}

void NetworkFaults::read(Report& report) {
  std::array<std::uint64_t, kRows> values{};
  values.fill(kUnsaid);
  const std::span<std::uint64_t> all{values};
  established_.reset();
  if (const auto text = snmp_.read(report)) {
    read_grouped(*text, kSnmpKeys, all.first(kSnmp.size()));
    std::array<std::uint64_t, 1> open{};
    read_grouped(*text, kEstablished, open);
    if (open[0] != kUnsaid) established_ = open[0];
  }
  if (const auto text = snmp6_.read(report)) add_ipv6(*text, all.first(kSnmp.size()));
  if (const auto text = netstat_.read(report))
    read_grouped(*text, kNetstatKeys, all.last(kNetstat.size()));
  table_.see("", values);
  table_.report(report);
}

}  // namespace ingest::host
