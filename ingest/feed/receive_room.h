#pragma once
// ReceiveRoom: memory that a worker's socket feeds read into, one after the other: what is in it is
// parsed and folded before the next read. 4 MiB of address space, of which only what arrives is
// touched. Built beside a worker, outlives its feeds, that thread only.

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace ingest::feed {

class ReceiveRoom {
 public:
  static constexpr std::size_t kMessagesMax = 64;
  /// Longer than any UDP payload, also than one that UDP_GRO merged.
  static constexpr std::size_t kMessageBytesMax = std::size_t{64} * 1024;

  /// A smaller room for each message is for tests of truncation.
  explicit ReceiveRoom(std::size_t message_bytes_max = kMessageBytesMax);

  enum class Socket : std::uint8_t {
    Udp,
    Unix,  // what its senders pass besides bytes, as descriptors, the kernel closes
  };
  /// One read of a datagram socket, without blocking: how many messages there are now, 0 for none.
  /// `messages_max` is 1 to kMessagesMax.
  std::size_t receive(int fd, Socket socket, std::size_t messages_max = kMessagesMax);
  /// One datagram; or several of one sender, merged by UDP_GRO, each segment_bytes long but the
  /// last, which may be shorter.
  struct Message {
    std::string_view bytes;
    std::size_t segment_bytes = 0;  // 0: not merged
    bool truncated = false;         // it was longer than the room
    /// Who sent it; of an internet socket alone.
    const sockaddr_storage* sender = nullptr;
  };
  /// index is below what receive() returned; lives until the next read.
  Message message(std::size_t index) const;

  /// For one read of a stream.
  std::span<char> block() { return {memory_.get(), message_bytes_max_}; }

 private:
  /// Of one control message, the size of segments: an int.
  static constexpr std::size_t kControlBytes = 24;
  static_assert(kControlBytes == CMSG_SPACE(sizeof(int)));
  struct alignas(cmsghdr) Control {
    std::array<char, kControlBytes> bytes;
  };
  std::size_t segment_bytes(std::size_t index) const;

  std::size_t message_bytes_max_;
  std::unique_ptr<char[]> memory_;   // NOLINT(modernize-avoid-c-arrays): not zeroed, so not touched
  std::size_t used_ = kMessagesMax;  // of the headers, by the last read
  Socket read_from_ = Socket::Udp;   // by the last read
  std::array<sockaddr_storage, kMessagesMax> senders_{};
  std::array<Control, kMessagesMax> controls_{};
  std::array<iovec, kMessagesMax> places_{};
  std::array<mmsghdr, kMessagesMax> headers_{};
};

}  // namespace ingest::feed
