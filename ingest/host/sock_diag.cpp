#include "ingest/host/sock_diag.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <cstring>

namespace ingest::host {
namespace {

/// Request sockets have a state of their own since Linux 4.4; people know it as syn_received.
constexpr std::uint8_t kSynReceived = 3;
constexpr std::uint8_t kNewSynReceived = 12;

/// Netlink pads messages to four bytes (man 7 netlink).
constexpr std::size_t aligned(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

void count_one(ByteView message, TcpCounts& counts) {
  inet_diag_msg socket{};
  if (message.size() < sizeof socket) return;
  std::memcpy(&socket, message.data(), sizeof socket);
  const std::uint8_t state =
      socket.idiag_state == kNewSynReceived ? kSynReceived : socket.idiag_state;
  if (state < counts.size()) ++counts[state];
}

}  // namespace

DiagPart count_sockets(ByteView piece, TcpCounts& counts) {
  while (!piece.empty()) {
    nlmsghdr head{};
    if (piece.size() < sizeof head) return DiagPart::Fault;
    std::memcpy(&head, piece.data(), sizeof head);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > piece.size()) return DiagPart::Fault;
    if (head.nlmsg_type == NLMSG_DONE) return DiagPart::Done;
    if (head.nlmsg_type == NLMSG_ERROR) return DiagPart::Fault;
    count_one(piece.subspan(sizeof head, head.nlmsg_len - sizeof head), counts);
    piece = piece.subspan(std::min(aligned(head.nlmsg_len), piece.size()));
  }
  return DiagPart::More;
}

bool SockDiag::ask(std::uint32_t states) {
  // A fresh socket each time: nothing of a list that was given up can come back.
  socket_ =
      io::Fd{::socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)};
  if (!socket_) return false;
  // The older request: it alone lists both families in one walk of the kernel's table.
  struct {
    nlmsghdr head;
    inet_diag_req body;
  } request{};
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = TCPDIAG_GETSOCK;
  request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.idiag_family = AF_INET;
  request.body.idiag_states = states;
  return ::send(socket_.get(), &request, sizeof request, MSG_DONTWAIT) == sizeof request;
}

std::optional<TcpCounts> SockDiag::count(std::uint32_t states) {
  if (!ask(states)) return std::nullopt;
  chunk_.resize(kChunkBytes);
  TcpCounts counts{};
  for (int i = 0; i < kChunksMax; ++i) {
    const ssize_t got = ::recv(socket_.get(), chunk_.data(), chunk_.size(), MSG_DONTWAIT);
    if (got <= 0) return std::nullopt;
    const DiagPart part =
        count_sockets(ByteView{chunk_}.first(static_cast<std::size_t>(got)), counts);
    if (part == DiagPart::Done) return counts;
    if (part == DiagPart::Fault) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace ingest::host
