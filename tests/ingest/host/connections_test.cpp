#include "ingest/host/connections.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "ingest/io/fd.h"
#include "tests/ingest/host/machine.h"

namespace ingest::host {
namespace {

TEST(Sockstat, SaysHowManyAreInTimeWait) {
  EXPECT_EQ(parse_time_wait("sockets: used 15\nTCP: inuse 1 orphan 0 tw 15036 alloc 1 mem 3\n"),
            15036u);
  for (const char* text : {"", "TCP:", "TCP: inuse 1", "TCP: tw", "TCP: tw x", "UDP: tw 5\n"})
    EXPECT_FALSE(parse_time_wait(text)) << text;
}

class ConnectionsTest : public Machine {
 protected:
  std::map<std::string, double> look(Connections& connections,
                                     std::optional<std::uint64_t> established) {
    now_ += Millis{1'000};
    report_.begin(now_);
    connections.read(report_, established);
    return said();
  }
  static std::string name(const std::string& state) {
    return "system.network.connection.count{transport:tcp,state:" + state + '}';
  }
};

TEST_F(ConnectionsTest, FilesAloneGiveTheTwoGreatStates) {
  write("proc/net/sockstat", "TCP: inuse 1 orphan 0 tw 12 alloc 1 mem 3\n");
  Connections connections{proc(), Connections::Ask::FilesOnly};
  const auto counts = look(connections, 7);
  EXPECT_EQ(counts.at(name("established")), 7);
  EXPECT_EQ(counts.at(name("time_wait")), 12);
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_TRUE(look(connections, std::nullopt).contains(name("time_wait")));
}

TEST_F(ConnectionsTest, OfThisMachineAllStatesAreKnown) {
  const io::Fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  ASSERT_EQ(::listen(socket.get(), 1), 0);
  Connections connections{"/proc", Connections::Ask::Kernel};
  const auto counts = look(connections, 1'000'000);
  if (report_.missing() > 0) GTEST_SKIP() << "this kernel has no tcp_diag";
  EXPECT_EQ(counts.size(), 10u);  // closed sockets stand in no list
  EXPECT_GE(counts.at(name("listen")), 1);
  EXPECT_EQ(counts.at(name("established")) + counts.at(name("close_wait")), 1'000'000);
}

}  // namespace
}  // namespace ingest::host
