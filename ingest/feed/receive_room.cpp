#include "ingest/feed/receive_room.h"

#include <netinet/udp.h>

#include <cstring>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::feed {

ReceiveRoom::ReceiveRoom(std::size_t message_bytes_max)
    : message_bytes_max_(message_bytes_max),
      // NOLINTNEXTLINE(modernize-avoid-c-arrays): not zeroed, so not touched
      memory_(std::make_unique_for_overwrite<char[]>(kMessagesMax * message_bytes_max)) {
  for (std::size_t i = 0; i < kMessagesMax; ++i) {
    places_[i] = {memory_.get() + i * message_bytes_max_, message_bytes_max_};
    headers_[i].msg_hdr.msg_iov = &places_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = &senders_[i];
    headers_[i].msg_hdr.msg_control = controls_[i].bytes.data();
  }
}

std::size_t ReceiveRoom::receive(int fd, Socket socket, std::size_t messages_max) {
  DCHECK(messages_max > 0 && messages_max <= kMessagesMax);
  if (std::exchange(read_from_, socket) != socket) used_ = kMessagesMax;
  // Into room for control messages the kernel would put descriptors that a sender passed (unix(7)):
  // ours from then on, and never closed.
  const std::size_t control_bytes = socket == Socket::Udp ? kControlBytes : 0;
  // The kernel wrote over the lengths of those that it returned last.
  for (std::size_t i = 0; i < used_; ++i) {
    headers_[i].msg_hdr.msg_controllen = control_bytes;
    headers_[i].msg_hdr.msg_namelen = sizeof senders_[i];
  }
  const int count =
      ::recvmmsg(fd, headers_.data(), static_cast<unsigned>(messages_max), MSG_DONTWAIT, nullptr);
  used_ = count > 0 ? static_cast<std::size_t>(count) : 1;
  return count > 0 ? used_ : 0;
}

ReceiveRoom::Message ReceiveRoom::message(std::size_t index) const {
  const mmsghdr& header = headers_[index];
  return {{memory_.get() + index * message_bytes_max_, header.msg_len},
          segment_bytes(index),
          (header.msg_hdr.msg_flags & MSG_TRUNC) != 0,
          &senders_[index]};
}

std::size_t ReceiveRoom::segment_bytes(std::size_t index) const {
  const msghdr& header = headers_[index].msg_hdr;
  if (header.msg_controllen < CMSG_LEN(sizeof(int))) return 0;  // nearly always: nothing came
  cmsghdr control{};
  std::memcpy(&control, header.msg_control, sizeof control);
  if (control.cmsg_level != SOL_UDP || control.cmsg_type != UDP_GRO) return 0;
  int bytes = 0;
  std::memcpy(&bytes, controls_[index].bytes.data() + CMSG_LEN(0), sizeof bytes);
  return bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

}  // namespace ingest::feed
