#include "ingest/io/socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <string>

namespace ingest::io {
namespace {

Address parsed(std::string_view text) {
  auto address = Address::parse(text);
  EXPECT_TRUE(address) << text;
  return address ? *address : Address{};
}

void wait_readable(int fd) {
  pollfd wanted{fd, POLLIN, 0};
  ASSERT_EQ(::poll(&wanted, 1, 5'000), 1);
}

TEST(Address, ReadsAndPrintsTheSameText) {
  struct Case {
    std::string_view text;
    std::string_view printed;
    int port;
  };
  for (const auto& [text, printed, port] : {
           Case{"127.0.0.1:8125", "127.0.0.1:8125", 8125},
           Case{"[::1]:80", "[::1]:80", 80},
           Case{"[::]:0", "[::]:0", 0},
           Case{"[2001:0db8::0001]:65535", "[2001:db8::1]:65535", 65535},
           Case{":8080", "0.0.0.0:8080", 8080},
           Case{"localhost:9", "127.0.0.1:9", 9},
       }) {
    EXPECT_EQ(parsed(text).text(), printed);
    EXPECT_EQ(parsed(text).port(), port);
    EXPECT_EQ(parsed(printed).text(), printed);
  }
}

TEST(Address, RefusesWhatIsNoAddressWithAWordOfHelp) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view text : {""sv,
                                      "8125"sv,
                                      "127.0.0.1"sv,
                                      "127.0.0.1:"sv,
                                      "127.0.0.1:65536"sv,
                                      "127.0.0.1:-1"sv,
                                      "127.0.0.1:+1"sv,
                                      "127.0.0.1: 1"sv,
                                      "127.0.0.1:1x"sv,
                                      "127.0.0.256:1"sv,
                                      "127.1:1"sv,
                                      "::1:80"sv,
                                      "[::1]80"sv,
                                      "[::1:80"sv,
                                      "[127.0.0.1]:80"sv,
                                      "[]:80"sv,
                                      "example.org:80"sv,
                                      " 127.0.0.1:80"sv,
                                      "127.0.0.1\0:80"sv,
                                      "127.0.0.1\0x:80"sv}) {
    const auto address = Address::parse(text);
    ASSERT_FALSE(address) << text;
    EXPECT_NE(address.error().what.find("write it as 127.0.0.1:8125"), std::string::npos);
  }
}

TEST(Address, KnowsLoopback) {
  EXPECT_TRUE(parsed("127.0.0.1:1").is_loopback());
  EXPECT_TRUE(parsed("127.9.9.9:1").is_loopback());
  EXPECT_TRUE(parsed("[::1]:1").is_loopback());
  EXPECT_TRUE(parsed("[::ffff:127.0.0.1]:1").is_loopback());
  EXPECT_FALSE(parsed("[::ffff:10.0.0.1]:1").is_loopback());
  EXPECT_FALSE(parsed("10.0.0.1:1").is_loopback());
  EXPECT_FALSE(parsed("[::]:1").is_loopback());
  EXPECT_FALSE(parsed(":1").is_loopback());
}

TEST(Socket, ListensConnectsAndAccepts) {
  for (const char* text : {"127.0.0.1:0", "[::1]:0"}) {
    const auto listener = tcp_listen(parsed(text));
    ASSERT_TRUE(listener) << listener.error().what;
    const Address bound = *local_address(listener->get());
    EXPECT_NE(bound.port(), 0);
    const auto client = tcp_connect(bound);
    ASSERT_TRUE(client) << client.error().what;
    wait_readable(listener->get());
    const auto accepted = accept_from(listener->get());
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->peer.text(), local_address(client->get())->text());
    EXPECT_NE(::fcntl(accepted->fd.get(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(accepted->fd.get(), F_GETFD) & FD_CLOEXEC, 0);
  }
}

TEST(Socket, AnIPv6WildcardAlsoTakesIPv4) {
  const auto listener = tcp_listen(parsed("[::]:0"));
  ASSERT_TRUE(listener) << listener.error().what;
  const std::uint16_t port = local_address(listener->get())->port();
  EXPECT_TRUE(tcp_connect(parsed("127.0.0.1:0").with_port(port)));
}

TEST(Socket, AcceptingFromNobodyIsNothing) {
  const auto listener = tcp_listen(parsed("127.0.0.1:0"));
  ASSERT_TRUE(listener);
  const auto accepted = accept_from(listener->get());
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error(), AcceptFault::Nothing);
}

TEST(Socket, AListenerThatCannotAcceptIsNotAskedAgainAtOnce) {
  EXPECT_EQ(accept_from(-1).error(), AcceptFault::NoDescriptors);
  const Fd deaf{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  EXPECT_EQ(accept_from(deaf.get()).error(), AcceptFault::NoDescriptors);  // EINVAL
}

TEST(Socket, SaysWhatToDoWhenAPortIsTaken) {
  const auto first = tcp_listen(parsed("127.0.0.1:0"));
  ASSERT_TRUE(first);
  const Address bound = *local_address(first->get());
  const auto second = tcp_listen(bound);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().what,
            "cannot listen on " + bound.text() +
                ": address already in use; stop the other program or choose another address");
  EXPECT_EQ(second.error().code, EADDRINUSE);
}

TEST(Socket, SaysWhatToDoWhenTheAddressIsNotOurs) {
  const auto socket = udp_bind(parsed("192.0.2.1:0"), PortSharing::Alone);
  ASSERT_FALSE(socket);
  EXPECT_NE(socket.error().what.find("choose one of its own"), std::string::npos);
}

TEST(Socket, ARefusedConnectionIsAnError) {
  Address closed;
  {
    const auto listener = tcp_listen(parsed("127.0.0.1:0"));
    ASSERT_TRUE(listener);
    closed = *local_address(listener->get());
  }
  const auto client = tcp_connect(closed);
  ASSERT_FALSE(client);
  EXPECT_NE(client.error().what.find("connection refused"), std::string::npos);
}

TEST(Socket, AUdpPortIsSharedOnlyWithinItsGroup) {
  const auto first = udp_bind(parsed("127.0.0.1:0"), PortSharing::Group);
  ASSERT_TRUE(first);
  const Address bound = *local_address(first->get());
  EXPECT_TRUE(udp_bind(bound, PortSharing::Group));
  EXPECT_FALSE(udp_bind(bound, PortSharing::Alone));
}

TEST(Socket, ADatagramArrives) {
  const auto receiver = udp_bind(parsed("127.0.0.1:0"), PortSharing::Alone);
  ASSERT_TRUE(receiver);
  const auto sender = udp_connect(*local_address(receiver->get()));
  ASSERT_TRUE(sender);
  ASSERT_EQ(::send(sender->get(), "a:1|c", 5, 0), 5);
  wait_readable(receiver->get());
  std::array<char, 16> bytes{};
  EXPECT_EQ(::recv(receiver->get(), bytes.data(), bytes.size(), 0), 5);
}

}  // namespace
}  // namespace ingest::io
