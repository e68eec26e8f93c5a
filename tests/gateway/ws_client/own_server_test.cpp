// Our client and our server on one loop, over a real socket.
#include <gtest/gtest.h>

#include <string>

#include "gateway/ws_client/client.h"
#include "tests/gateway/server/house.h"
#include "tests/gateway/ws_client/host.h"

namespace gateway::ws_client {
namespace {

using tests::Ear;
using tests::House;
using tests::options_for;
using namespace std::chrono_literals;

struct Friends {
  explicit Friends(ws::Compression compression = ws::Compression::None) {
    auto options = options_for("ws://" + house.address() + "/v1/ws");
    options.protocols = {"weir.v1.json"};
    options.compression = compression;
    client = std::make_unique<Client>(house.worker->loop(), tools, options, ear);
    ear.on_open = [this] { client->send_text(R"({"t":"hello","v":1})"); };
    client->start();
  }
  bool until(const std::function<bool()>& done) {
    for (int i = 0; i < 1'000; ++i) {
      if (done()) return true;
      house.turn(1, i < 200 ? 0ms : 1ms);
    }
    return false;
  }
  bool heard(std::string_view part) const {
    for (const std::string& line : ear.log) {
      if (line.find(part) != std::string::npos) return true;
    }
    return false;
  }
  House house;
  Tools tools;
  Ear ear;
  std::unique_ptr<Client> client;
};

TEST(ClientAndServer, AgreeOnTheSubprotocolAndTheHello) {
  Friends friends;
  EXPECT_TRUE(friends.until([&] { return friends.heard(R"("t":"welcome")"); }));
  EXPECT_EQ(friends.ear.log.front(), "opened weir.v1.json");
}

TEST(ClientAndServer, CloseInOrder) {
  Friends friends;
  ASSERT_TRUE(friends.until([&] { return friends.heard("welcome"); }));
  friends.client->close(1000, "done");
  ASSERT_TRUE(friends.until([&] { return !friends.ear.endings.empty(); }));
  EXPECT_TRUE(friends.ear.endings.front().clean);
  EXPECT_EQ(friends.ear.endings.front().close_code, 1000);
}

TEST(ClientAndServer, SaysWhyTheServerRefusedTheUpgrade) {
  House house;
  Tools tools;
  Ear ear;
  Client client{house.worker->loop(), tools, options_for("ws://" + house.address() + "/v1/nothing"),
                ear};
  client.start();
  for (int i = 0; i < 500 && ear.endings.empty(); ++i)
    house.turn();
  ASSERT_EQ(ear.endings.size(), 1U);
  EXPECT_TRUE(ear.endings.front().sentence.starts_with("the server answered 404 Not Found"))
      << ear.endings.front().sentence;
  EXPECT_FALSE(ear.again_in);
}

TEST(ClientAndServer, HearsTheServersDrain) {
  Friends friends;
  ASSERT_TRUE(friends.until([&] { return friends.heard("welcome"); }));
  friends.house.worker->stop();
  ASSERT_TRUE(friends.until([&] { return !friends.ear.endings.empty(); }));
  EXPECT_TRUE(friends.heard(R"("t":"bye")"));
  EXPECT_EQ(friends.ear.endings.front().close_code, 1001);
  EXPECT_TRUE(friends.ear.again_in);
}

}  // namespace
}  // namespace gateway::ws_client
