#pragma once
// Transport: a connected socket, with TLS in it or not, as one thing that reads and writes without
// blocking. Knows no HTTP and no frames. Owned by a Connection; the loop's thread.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "gateway/tls/context.h"
#include "gateway/tls/stream.h"
#include "ingest/base/result.h"
#include "ingest/io/fd.h"

namespace gateway::ws_client {

class Transport {
 public:
  enum class State : std::uint8_t {
    Done,
    WantRead,
    WantWrite,
    Closed,  // the peer sends no more
    Failed,  // see fault()
  };
  struct Answer {
    State state = State::Failed;
    std::size_t bytes = 0;
    bool more = false;  // read(), handshake(): read at once again, epoll may not say so
  };

  explicit Transport(ingest::io::Fd fd) : fd_(std::move(fd)) {}
  /// `host` is what the certificate must be for. Context and buffers outlive the transport.
  static ingest::Result<Transport> with_tls(ingest::io::Fd fd, const tls::ClientContext& context,
                                            const std::string& host, tls::Buffers& buffers);

  int fd() const { return fd_.get(); }
  /// Done at once without TLS.
  Answer handshake();
  /// Done has at least one byte.
  Answer read(std::span<std::uint8_t> out);
  /// As much as it takes; Done with 0 bytes is never said.
  Answer write(std::span<const iovec> buffers);
  /// Nothing taken by write() is still on its way: when not, call flush() when writable.
  bool is_flushed() const { return !tls_ || !tls_->holds_output(); }
  Answer flush();
  /// Closes the socket.
  void shut();
  /// One sentence without its subject, after Failed.
  const std::string& fault() const { return fault_; }

 private:
  Answer told(const tls::Stream::Answer& answer);
  Answer fail(int error);

  ingest::io::Fd fd_;
  std::unique_ptr<tls::Stream> tls_;  // goes before the descriptor
  std::string fault_;
};

}  // namespace gateway::ws_client
