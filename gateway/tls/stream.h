#pragma once
// Stream: TLS over a connected, non-blocking socket, either side. Knows no epoll, no deadline and
// nothing of what travels inside. Owned by a connection, its thread only.
//
// OpenSSL never touches the socket (wire.h), so the two directions do not wait for each other:
// what write() took is taken, even when the kernel did not take its records; they are held here,
// at most kHeldMax, until flush(). And what read() received it decrypts whole, as far as there is
// room: epoll never sleeps over bytes that wait in here, unless the answer says `more`.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gateway/tls/context.h"
#include "gateway/tls/wire.h"
#include "ingest/base/result.h"

struct ssl_st;

namespace gateway::tls {

/// Scratch memory of all streams of one thread, which it outlives: an idle stream has none.
struct Buffers {
  static constexpr std::size_t kInBytes = std::size_t{32} << 10;
  static constexpr std::size_t kRecordBytes = std::size_t{16} << 10;  // RFC 8446 section 5.1
  Buffers() : in(kInBytes), plain(kRecordBytes) {}
  std::vector<std::uint8_t> in;     // what one receive takes
  std::vector<std::uint8_t> plain;  // what one record carries, gathered
  std::vector<std::uint8_t> out;    // records on their way to one send
};

class Stream {
 public:
  /// Plain bytes that the records of one send carry, at most.
  static constexpr std::size_t kBatchBytes = std::size_t{32} << 10;
  /// Plain bytes that one write() takes at most, so that one peer does not hold up the others.
  static constexpr std::size_t kWriteBytes = std::size_t{256} << 10;
  /// Records held for a peer that does not read, in bytes; a server's first flight fits.
  static constexpr std::size_t kHeldMax = std::size_t{128} << 10;
  /// A read() into at least this much leaves nothing behind.
  static constexpr std::size_t kReadBytes = Buffers::kInBytes + Buffers::kRecordBytes;

  enum class State : std::uint8_t {
    Done,       // the handshake is over; or `bytes` were read or taken
    WantRead,   // nothing more until the socket has something
    WantWrite,  // nothing more until the socket takes something; of read(): flush() first
    Closed,     // the peer will send no more (close_notify or the end of TCP)
    Failed,     // see fault(); an alert was sent where TLS has one. Nothing more will work
  };
  struct Answer {
    State state = State::Failed;
    std::size_t bytes = 0;
    bool more = false;   // call again: epoll may not say that something waits
    bool moved = false;  // the kernel took bytes
  };

  /// `fd` and `buffers` outlive the stream, which owns neither.
  static ingest::Result<std::unique_ptr<Stream>> server(const ServerContext& context, int fd,
                                                        Buffers& buffers);
  /// `host` is what the certificate must be for: a name, or an IP address without brackets.
  static ingest::Result<std::unique_ptr<Stream>> client(const ClientContext& context, int fd,
                                                        const std::string& host, Buffers& buffers);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  /// Goes on with the handshake; Done as often as it is asked afterwards. After the first Done call
  /// read() at once where `more` says so.
  Answer handshake();
  bool is_ready() const { return ready_; }
  /// Bytes that were received from the socket before the stream had it.
  void give(std::span<const std::uint8_t> received);

  /// After the handshake: at most `out.size()` bytes, never 0 with Done. WantWrite: what came asks
  /// for answers (RFC 8446 section 4.6.3) of which no more may be held; read again once flush()
  /// says Done. A write that failed does not end reading.
  Answer read(std::span<std::uint8_t> out);
  /// Something to read() waits in here, where epoll does not see it.
  bool holds_input() const { return more_inside_ || !rest_.empty() || peer_done_; }
  /// After the handshake: as much as it takes now; `bytes` are the stream's from here on. While
  /// holds_output() wait until the socket is writable.
  Answer write(std::span<const iovec> buffers);
  /// Sends held records: Done when none is left.
  Answer flush();
  bool holds_output() const { return !held_.empty(); }
  /// Says close_notify, once; flush() while holds_output(). Then shut the socket.
  void finish();

  /// One sentence, "certificate verify failed: self-signed certificate"; empty until Failed.
  const std::string& fault() const { return fault_; }
  /// Failed because the peer spoke HTTP without TLS.
  bool met_plain_http() const { return plain_http_; }
  /// Failed because the socket did: a reset.
  bool met_socket_fault() const { return socket_error_ != 0 || write_error_ != 0; }
  /// "TLSv1.3", for logs and tests. After the handshake.
  const char* version() const;
  /// What ALPN agreed on; empty when the peer did not ask. After the handshake.
  std::string protocol() const;

 private:
  Stream(int fd, Buffers& buffers);
  ingest::Result<void> begin(ssl_ctx_st& context);
  ingest::Result<void> expect_host(const std::string& host);
  bool receive(Answer& answer);
  void keep_rest();
  enum class Stop : std::uint8_t { Through, WriteFirst };
  Stop decrypt(std::span<std::uint8_t> out, Answer& answer);
  std::size_t encrypt(std::span<const iovec>& buffers, std::size_t& offset);
  void send_out(Answer& answer);
  std::size_t send_some(std::span<const std::uint8_t> bytes);
  void drop_output();
  void before();
  Answer fail(Answer answer, const char* otherwise);
  Answer fail_socket(Answer answer, int error);
  Answer fail_write(Answer answer);

  Wire wire_;
  ssl_st* ssl_ = nullptr;
  int fd_;
  Buffers& buffers_;
  std::shared_ptr<const Certificates> certificates_;  // the server's, until the handshake is over
  std::vector<std::uint8_t> held_;                    // records that the kernel did not take
  std::vector<std::uint8_t> rest_;  // received records that read() had no room for
  std::string fault_;
  int socket_error_ = 0;  // a receive failed with it, or the handshake's send
  int write_error_ = 0;   // a send failed with it: nothing goes out any more, reading goes on
  bool ready_ = false;
  bool more_inside_ = false;  // the last read() filled its room, or waits for flush()
  bool peer_done_ = false;
  bool failed_ = false;
  bool plain_http_ = false;
};

}  // namespace gateway::tls
