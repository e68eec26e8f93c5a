#include "gateway/server/transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "gateway/server/commons.h"

namespace gateway::server {
namespace {

using tls::Stream;

constexpr int kNotSentMax = 64 * 1024;  // bytes in the kernel that are not on the wire yet
static_assert(Commons::kReceiveBytes >= Stream::kReadBytes);

void set_option(int fd, int level, int name, int value) {
  // A fault costs speed, not correctness.
  static_cast<void>(setsockopt(fd, level, name, &value, sizeof value));
}

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK;
}

/// What most turns have due is one frame: send() costs the kernel a twentieth less than sendmsg(),
/// which copies the list of buffers first.
ssize_t send_once(int fd, std::span<const iovec> buffers) {
  constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
  if (buffers.size() == 1) return send(fd, buffers[0].iov_base, buffers[0].iov_len, kFlags);
  msghdr message{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): sendmsg does not write to them.
  message.msg_iov = const_cast<iovec*>(buffers.data());
  message.msg_iovlen = buffers.size();
  return sendmsg(fd, &message, kFlags);
}

std::size_t total_of(std::span<const iovec> buffers) {
  std::size_t total = 0;
  for (const iovec& buffer : buffers)
    total += buffer.iov_len;
  return total;
}

}  // namespace

void Transport::tune() const {
  set_option(fd_.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd_.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, kNotSentMax);
}

bool Transport::begin_tls(const tls::ServerContext& context, tls::Buffers& buffers,
                          std::span<const std::uint8_t> received) {
  auto stream = Stream::server(context, fd_.get(), buffers);
  if (!stream) return false;
  tls_ = *std::move(stream);
  tls_->give(received);
  return true;
}

// ---- reading ----

Transport::Received Transport::read(std::span<std::uint8_t> out) {
  if (!tls_) return read_plain(out);
  const Stream::Answer answer = tls_->read(out);
  Received received{.got = Got::Nothing, .bytes = answer.bytes, .more = answer.more};
  switch (answer.state) {
    case Stream::State::Done:
      received.got = Got::Bytes;
      break;
    case Stream::State::WantRead:
      break;
    case Stream::State::WantWrite:
      received.got = Got::WriteFirst;
      break;
    case Stream::State::Closed:
      received.got = Got::End;
      break;
    case Stream::State::Failed:
      received.got = tls_->met_socket_fault() ? Got::Reset : Got::BadTls;
      break;
  }
  return received;
}

Transport::Received Transport::read_plain(std::span<std::uint8_t> out) const {
  ssize_t count = 0;
  do {
    count = recv(fd_.get(), out.data(), out.size(), MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return {.got = would_block(errno) ? Got::Nothing : Got::Reset};
  if (count == 0) return {.got = Got::End};
  const auto bytes = static_cast<std::size_t>(count);
  // Less than there was room for: nothing more is there, or epoll says so.
  return {.got = Got::Bytes, .bytes = bytes, .more = bytes == out.size()};
}

// ---- writing ----

Transport::Sent Transport::write(std::span<const iovec> buffers) {
  if (!tls_) return write_plain(buffers);
  const Stream::Answer answer = tls_->write(buffers);
  shut_when_empty();
  return {.taken = answer.bytes,
          .moved = answer.moved,
          .blocked = tls_->holds_output(),
          .broken = answer.state == Stream::State::Failed};
}

Transport::Sent Transport::write_plain(std::span<const iovec> buffers) const {
  ssize_t count = 0;
  do {
    count = send_once(fd_.get(), buffers);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && !would_block(errno)) return {.broken = true};
  const std::size_t taken = count < 0 ? 0 : static_cast<std::size_t>(count);
  return {.taken = taken, .moved = taken > 0, .blocked = taken < total_of(buffers)};
}

// ---- the end ----

void Transport::finish() {
  if (std::exchange(finishing_, true)) return;
  if (tls_) tls_->finish();
  shut_when_empty();
}

void Transport::give_up_tls() {
  tls_.reset();
  shut_when_empty();
}

void Transport::shut_when_empty() {
  if (finishing_ && !holds_output()) shutdown(fd_.get(), SHUT_WR);
}

void Transport::reset_at_close() const {
  const linger reset{.l_onoff = 1, .l_linger = 0};
  static_cast<void>(setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset));
}

}  // namespace gateway::server
