#include "ingest/host/network_faults.h"

#include "ingest/host/words.h"
#include "tests/ingest/host/machine.h"

namespace ingest::host {
namespace {

constexpr std::string_view kSnmp =
    "Ip: Forwarding DefaultTTL InReceives InHdrErrors\nIp: 1 64 100 2\n"
    "Tcp: RtoMin MaxConn CurrEstab InSegs OutSegs RetransSegs\nTcp: 200 -1 7 50 60 3\n"
    "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors\nUdp: 1000 1 5 900 5\n";

TEST(GroupedText, FindsNumbersByGroupAndName) {
  constexpr std::array kKeys{GroupedKey{"Udp:", "RcvbufErrors"}, GroupedKey{"Tcp:", "CurrEstab"},
                             GroupedKey{"Tcp:", "MaxConn"}, GroupedKey{"Udp:", "MemErrors"},
                             GroupedKey{"Ip:", "InSegs"}};
  std::array<std::uint64_t, kKeys.size()> values{};
  read_grouped(kSnmp, kKeys, values);
  EXPECT_EQ(values, (std::array<std::uint64_t, 5>{5, 7, kUnsaid, kUnsaid, kUnsaid}));
}

TEST(GroupedText, AnyCutIsHarmless) {
  constexpr std::array kKeys{GroupedKey{"Udp:", "InDatagrams"}};
  for (std::size_t size = 0; size <= kSnmp.size(); ++size) {
    const std::string cut{kSnmp.substr(0, size)};  // own memory: the sanitizer sees
    std::array<std::uint64_t, 1> values{};
    read_grouped(cut, kKeys, values);
    EXPECT_TRUE(values[0] == kUnsaid || values[0] <= 1000) << cut;
  }
}

using NetworkFaultsTest = Machine;

TEST_F(NetworkFaultsTest, SayWhatUdpLost) {
  write("proc/net/snmp", std::string{kSnmp});
  write("proc/net/snmp6", "Udp6InDatagrams   \t10\nUdp6RcvbufErrors \t1\n");
  write("proc/net/netstat", "TcpExt: ListenOverflows TCPTimeouts\nTcpExt: 4 5\n");
  NetworkFaults faults{proc()};
  read(faults);
  EXPECT_EQ(faults.established(), 7u);
  write("proc/net/snmp",
        "Tcp: RtoMin MaxConn CurrEstab InSegs OutSegs RetransSegs\nTcp: 200 -1 8 55 61 4\n"
        "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors\nUdp: 1500 1 25 900 25\n");
  write("proc/net/snmp6", "Udp6InDatagrams   \t15\nUdp6RcvbufErrors \t4\n");
  write("proc/net/netstat", "TcpExt: ListenOverflows TCPTimeouts\nTcpExt: 6 5\n");
  const auto grown = read(faults);
  EXPECT_EQ(grown.at("system.network.faults{protocol:udp,reason:receive_buffer}"), 20 + 3);
  EXPECT_EQ(grown.at("system.network.faults{protocol:udp,reason:no_port}"), 0);
  EXPECT_EQ(grown.at("system.network.datagrams{direction:receive}"), 500 + 5);
  EXPECT_EQ(grown.at("system.network.faults{protocol:tcp,reason:retransmitted}"), 1);
  EXPECT_EQ(grown.at("system.network.faults{protocol:tcp,reason:listen_overflow}"), 2);
  EXPECT_EQ(grown.at("system.network.segments{direction:receive}"), 5);
  EXPECT_EQ(faults.established(), 8u);
  EXPECT_EQ(kinds_.at("system.network.faults"), model::Kind::Counter);
}

TEST_F(NetworkFaultsTest, WithoutIPv6NothingIsMissing) {
  write("proc/net/snmp", std::string{kSnmp});
  write("proc/net/netstat", "TcpExt: ListenOverflows\nTcpExt: 4\n");
  NetworkFaults faults{proc()};
  read(faults);
  EXPECT_EQ(report_.missing(), 0u);
}

}  // namespace
}  // namespace ingest::host
