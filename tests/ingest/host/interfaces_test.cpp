#include "ingest/host/interfaces.h"

#include "tests/ingest/host/machine.h"

namespace ingest::host {
namespace {

constexpr std::string_view kHeads =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop "
    "fifo colls carrier compressed\n";

TEST(InterfaceLine, HoldsBothDirections) {
  const auto line = parse_interface_line(
      "  eth0:123456789 1000    1    2    0     0          0         0 "
      "987654321    2000    3    4    0     0       0          0");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->device, "eth0");
  EXPECT_EQ(line->counters, (std::array<std::uint64_t, kInterfaceCounters>{123456789, 1000, 1, 2,
                                                                           987654321, 2000, 3, 4}));
  EXPECT_EQ(parse_interface_line("eth0:1: 5 1 0 0 0 0 0 0 6 1 0 0 0 0 0 0")->device, "eth0:1");
}

TEST(InterfaceLine, RefusesHeadsAndWhatIsNone) {
  for (const char* line :
       {"", "Inter-|   Receive", " face |bytes    packets errs", "eth0: 1 2 3",
        "eth0 1 2 3 4 5 6 7 8 9", "eth0: x 0 0 0 0 0 0 0 9 0 0 0", "eth0: 1 0 0 0 0 0 0 0 9 0 0"}) {
    EXPECT_FALSE(parse_interface_line(line)) << line;
  }
}

class InterfacesTest : public Machine {
 protected:
  static std::string line(const std::string& name, int receive, int transmit) {
    return name + ": " + std::to_string(receive) + " 1 0 0 0 0 0 0 " + std::to_string(transmit) +
           " 1 0 0 0 0 0 0\n";
  }
};

TEST_F(InterfacesTest, SayWhatWentThrough) {
  write("proc/net/dev", std::string{kHeads} + "lo: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
  Interfaces interfaces{proc()};
  EXPECT_TRUE(read(interfaces).empty());
  write("proc/net/dev", std::string{kHeads} + "lo: 1500 12 1 3 0 0 0 0 2700 20 2 4 0 0 0 0\n");
  const auto grown = read(interfaces);
  EXPECT_EQ(grown.at("system.network.io{device:lo,direction:receive}"), 500);
  EXPECT_EQ(grown.at("system.network.io{device:lo,direction:transmit}"), 700);
  EXPECT_EQ(grown.at("system.network.packet.count{device:lo,direction:receive}"), 2);
  EXPECT_EQ(grown.at("system.network.errors{device:lo,direction:transmit}"), 2);
  EXPECT_EQ(grown.at("system.network.packet.dropped{device:lo,direction:receive}"), 3);
  EXPECT_EQ(grown.size(), kInterfaceCounters);
}

TEST_F(InterfacesTest, OneThatBeganAgainGivesNoSpike) {
  write("proc/net/dev", line("eth0", 1'000'000, 1'000'000));
  Interfaces interfaces{proc()};
  read(interfaces);
  write("proc/net/dev", line("eth0", 10, 2'000'000));
  EXPECT_TRUE(read(interfaces).empty());
}

TEST_F(InterfacesTest, AFloodOfThemFoldsIntoOneRowAndIsCounted) {
  const auto veths = [&](int count, int bytes) {
    std::string text = line("eth0", bytes, bytes);
    for (int i = 1; i < count; ++i)
      text += line("veth" + std::to_string(i), bytes, bytes);
    write("proc/net/dev", text);
  };
  veths(300, 0);
  Interfaces interfaces{proc()};
  read(interfaces);
  veths(300, 7);
  const auto grown = read(interfaces);
  EXPECT_EQ(interfaces.folded(), 300 - Interfaces::kInterfacesMax);
  EXPECT_EQ(grown.at("system.network.io{device:eth0,direction:receive}"), 7);
  EXPECT_EQ(grown.at("system.network.io{weir_overflow:true,direction:receive}"),
            7.0 * static_cast<double>(interfaces.folded()));
  veths(2'000, 9);  // a longer text than is read
  EXPECT_LE(read(interfaces).size(), (Interfaces::kInterfacesMax + 1) * kInterfaceCounters);
}

}  // namespace
}  // namespace ingest::host
