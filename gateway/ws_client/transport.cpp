#include "gateway/ws_client/transport.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "ingest/io/socket.h"

namespace gateway::ws_client {

using ingest::io::Fd;

ingest::Result<Transport> Transport::with_tls(Fd fd, const tls::ClientContext& context,
                                              const std::string& host, tls::Buffers& buffers) {
  Transport transport{std::move(fd)};
  transport.tls_ = TRY(tls::Stream::client(context, transport.fd(), host, buffers));
  return transport;
}

Transport::Answer Transport::handshake() {
  return tls_ ? told(tls_->handshake()) : Answer{State::Done};
}

Transport::Answer Transport::read(std::span<std::uint8_t> out) {
  if (tls_) return told(tls_->read(out));
  ssize_t count = -1;
  do
    count = ::recv(fd_.get(), out.data(), out.size(), 0);
  while (count < 0 && errno == EINTR);
  if (count < 0) return errno == EAGAIN ? Answer{State::WantRead} : fail(errno);
  return count == 0 ? Answer{State::Closed} : Answer{State::Done, static_cast<std::size_t>(count)};
}

Transport::Answer Transport::write(std::span<const iovec> buffers) {
  if (tls_) return told(tls_->write(buffers));
  msghdr message{};
  message.msg_iov =
      const_cast<iovec*>(buffers.data());  // NOLINT(*-const-cast): as sendmsg wants it
  message.msg_iovlen = buffers.size();
  ssize_t count = -1;
  do
    count = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
  while (count < 0 && errno == EINTR);
  if (count < 0) return errno == EAGAIN ? Answer{State::WantWrite} : fail(errno);
  return {State::Done, static_cast<std::size_t>(count)};
}

Transport::Answer Transport::flush() {
  return tls_ ? told(tls_->flush()) : Answer{State::Done};
}

void Transport::shut() {
  tls_.reset();
  fd_.reset();
}

Transport::Answer Transport::told(const tls::Stream::Answer& answer) {
  switch (answer.state) {
    case tls::Stream::State::Done:
      return {State::Done, answer.bytes, answer.more};
    case tls::Stream::State::WantRead:
      return {State::WantRead, 0, answer.more};
    case tls::Stream::State::WantWrite:
      return {State::WantWrite};
    case tls::Stream::State::Closed:
      return {State::Closed};
    case tls::Stream::State::Failed:
      break;
  }
  fault_ = tls_->fault();
  return {State::Failed};
}

Transport::Answer Transport::fail(int error) {
  fault_ = ingest::io::errno_text(error);
  return {State::Failed};
}

}  // namespace gateway::ws_client
