#pragma once
// Transport: how a connection's bytes travel: over its socket as they are, or inside TLS. The one
// place of the room that asks the kernel for bytes or gives it some; knows nothing of what they
// mean. Part of a connection, on its worker's thread.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "gateway/tls/stream.h"
#include "ingest/io/fd.h"

namespace gateway::server {

class Transport {
 public:
  explicit Transport(ingest::io::Fd fd) : fd_(std::move(fd)) {}

  int fd() const { return fd_.get(); }
  /// Low delay, and a short queue in the kernel. What a Unix socket lacks it lacks.
  void tune() const;

  /// From here on bytes travel inside TLS. `received` came before, as plain bytes of the socket.
  bool begin_tls(const tls::ServerContext& context, tls::Buffers& buffers,
                 std::span<const std::uint8_t> received);
  /// After begin_tls().
  const tls::Stream& tls() const { return *tls_; }
  /// Until it says Done or Failed.
  tls::Stream::Answer handshake() { return tls_->handshake(); }

  enum class Got : std::uint8_t {
    Bytes,
    Nothing,     // not now
    WriteFirst,  // what came asks for answers, and no more of those may be held: write() first
    End,         // the peer will send no more
    Reset,       // the socket is broken
    BadTls,      // what came is not TLS as it should be
  };
  struct Received {
    Got got = Got::Nothing;
    std::size_t bytes = 0;
    bool more = false;  // ask again: epoll may not say so
  };
  /// `out` has at least tls::Stream::kReadBytes.
  Received read(std::span<std::uint8_t> out);
  /// Something to read() waits in here, where epoll does not see it.
  bool holds_input() const { return tls_ != nullptr && tls_->holds_input(); }

  struct Sent {
    std::size_t taken = 0;  // bytes that are ours no more
    bool moved = false;     // the kernel took some
    bool blocked = false;   // the kernel takes no more now
    bool broken = false;
  };
  /// One system call over a plain socket.
  Sent write(std::span<const iovec> buffers);
  /// Taken bytes wait in here for the kernel: write(), with nothing more to say, sends them.
  bool holds_output() const { return tls_ != nullptr && tls_->holds_output(); }

  /// Says the end, in TLS too, and shuts our half as soon as nothing is held.
  void finish();
  /// TLS has failed: what follows is read as it is, and nothing more is said.
  void give_up_tls();
  /// What waits in the kernel is dropped when the socket closes, and the peer sees a reset.
  void reset_at_close() const;

 private:
  Received read_plain(std::span<std::uint8_t> out) const;
  Sent write_plain(std::span<const iovec> buffers) const;
  void shut_when_empty();

  ingest::io::Fd fd_;
  bool finishing_ = false;
  std::unique_ptr<tls::Stream> tls_;
};

}  // namespace gateway::server
