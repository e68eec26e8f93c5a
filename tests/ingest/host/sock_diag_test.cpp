#include "ingest/host/sock_diag.h"

#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

namespace ingest::host {
namespace {

using Bytes = std::vector<std::uint8_t>;

void add_message(Bytes& piece, std::uint16_t type, const Bytes& body) {
  nlmsghdr head{};
  head.nlmsg_len = static_cast<std::uint32_t>(sizeof head + body.size());
  head.nlmsg_type = type;
  const std::size_t at = piece.size();
  piece.resize(at + (head.nlmsg_len + 3) / 4 * 4);
  std::memcpy(piece.data() + at, &head, sizeof head);
  if (!body.empty()) std::memcpy(piece.data() + at + sizeof head, body.data(), body.size());
}

void add_socket(Bytes& piece, std::uint8_t state) {
  inet_diag_msg socket{};
  socket.idiag_state = state;
  Bytes body(sizeof socket + 5);  // attributes follow, here of an odd size
  std::memcpy(body.data(), &socket, sizeof socket);
  constexpr std::uint16_t kTcpdiagGetsock = TCPDIAG_GETSOCK;
  add_message(piece, kTcpdiagGetsock, body);
}

TEST(SockDiagPiece, CountsSocketsByState) {
  Bytes piece;
  for (const std::uint8_t state : std::initializer_list<std::uint8_t>{10, 8, 8, 12, 3, 99})
    add_socket(piece, state);
  TcpCounts counts{};
  EXPECT_EQ(count_sockets(piece, counts), DiagPart::More);
  EXPECT_EQ(counts[10], 1u);
  EXPECT_EQ(counts[8], 2u);
  EXPECT_EQ(counts[3], 2u);  // 12 is the kernel's newer number of it
  add_message(piece, NLMSG_DONE, Bytes(4));
  EXPECT_EQ(count_sockets(piece, counts), DiagPart::Done);
}

TEST(SockDiagPiece, ARefusalIsAFault) {
  Bytes piece;
  add_message(piece, NLMSG_ERROR, Bytes(20));
  TcpCounts counts{};
  EXPECT_EQ(count_sockets(piece, counts), DiagPart::Fault);
}

TEST(SockDiagPiece, AnyCutIsHarmless) {
  Bytes whole;
  for (const std::uint8_t state : std::initializer_list<std::uint8_t>{10, 8, 3})
    add_socket(whole, state);
  add_message(whole, NLMSG_DONE, Bytes(4));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    TcpCounts counts{};
    EXPECT_NE(count_sockets(cut, counts), DiagPart::Done) << size;
  }
}

TEST(SockDiagPiece, ALengthThatLiesIsAFault) {
  for (const std::uint32_t length : {0U, 15U, 17U, 0xFFFFFFFFU}) {
    nlmsghdr head{};
    head.nlmsg_len = length;
    Bytes piece(sizeof head);
    std::memcpy(piece.data(), &head, sizeof head);
    TcpCounts counts{};
    EXPECT_EQ(count_sockets(piece, counts), DiagPart::Fault) << length;
  }
}

TEST(SockDiag, FindsASocketThatListensHere) {
  constexpr std::uint32_t kListen = 1U << 10U;
  SockDiag diag;
  const auto before = diag.count(kListen);
  if (!before) GTEST_SKIP() << "this kernel has no tcp_diag";
  const io::Fd socket{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  ASSERT_EQ(::listen(socket.get(), 1), 0);  // on any free port
  const auto after = diag.count(kListen);
  ASSERT_TRUE(after);
  EXPECT_GE((*after)[10], 1u);
  EXPECT_EQ((*after)[1], 0u);  // was not asked for
}

}  // namespace
}  // namespace ingest::host
