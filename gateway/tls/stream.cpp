// The handshake and reading. Writing is in stream_write.cpp.
#include "gateway/tls/stream.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "gateway/tls/certificates.h"
#include "gateway/tls/fault.h"
#include "ingest/base/check.h"
#include "ingest/io/socket.h"

namespace gateway::tls {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Result;

Failure<Error> no_memory() {
  return Failure{Error{ENOMEM, "cannot begin TLS: " + take_fault("out of memory").sentence}};
}

bool is_ip_literal(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

}  // namespace

Stream::Stream(int fd, Buffers& buffers) : fd_(fd), buffers_(buffers) {}

Stream::~Stream() {
  SSL_free(ssl_);
}

Result<void> Stream::begin(ssl_ctx_st& context) {
  ERR_clear_error();
  ssl_ = SSL_new(&context);
  if (ssl_ == nullptr) return no_memory();
  BIO* bio = make_bio(wire_);
  if (bio == nullptr) return no_memory();
  SSL_set_bio(ssl_, bio, bio);  // takes it, for both directions
  return {};
}

Result<std::unique_ptr<Stream>> Stream::server(const ServerContext& context, int fd,
                                               Buffers& buffers) {
  std::unique_ptr<Stream> stream{new Stream(fd, buffers)};
  stream->certificates_ = context.current();
  TRY(stream->begin(stream->certificates_->first()));
  SSL_set_accept_state(stream->ssl_);
  return stream;
}

Result<std::unique_ptr<Stream>> Stream::client(const ClientContext& context, int fd,
                                               const std::string& host, Buffers& buffers) {
  std::unique_ptr<Stream> stream{new Stream(fd, buffers)};
  TRY(stream->begin(context.get()));
  TRY(stream->expect_host(host));
  SSL_set_connect_state(stream->ssl_);
  return stream;
}

/// RFC 6066 section 3: an address is no server name. RFC 6125: wildcards stand for a whole label.
Result<void> Stream::expect_host(const std::string& host) {
  if (is_ip_literal(host)) {
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), host.c_str()) == 1) return {};
    return no_memory();
  }
  SSL_set_hostflags(ssl_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(ssl_, host.c_str()) != 1 || SSL_set_tlsext_host_name(ssl_, host.c_str()) != 1) {
    return Failure{Error{EINVAL, "no certificate can be for the host '" + host + "'"}};
  }
  return {};
}

const char* Stream::version() const {
  return SSL_get_version(ssl_);
}

std::string Stream::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {name, name + size};
}

// ---- what every call does first and last ----

/// The scratch buffer takes what OpenSSL writes until send_out().
void Stream::before() {
  ERR_clear_error();
  buffers_.out.clear();
  wire_.out = &buffers_.out;
  wire_.out_max = kHeldMax - std::min(kHeldMax, held_.size());
}

Stream::Answer Stream::fail(Answer answer, const char* otherwise) {
  failed_ = true;
  if (fault_.empty()) {
    Fault fault = take_fault(otherwise);
    const long verdict = SSL_get_verify_result(ssl_);
    fault_ = std::move(fault.sentence);
    if (verdict != X509_V_OK && SSL_get_verify_mode(ssl_) != SSL_VERIFY_NONE)
      fault_ += std::string{": "} + X509_verify_cert_error_string(verdict);
    plain_http_ = fault.plain_http;
  }
  send_out(answer);  // the alert
  answer.state = State::Failed;
  return answer;
}

Stream::Answer Stream::fail_socket(Answer answer, int error) {
  failed_ = true;
  socket_error_ = error;
  if (fault_.empty()) fault_ = ingest::io::errno_text(error);
  answer.state = State::Failed;
  return answer;
}

/// Nothing goes out any more. What came before is still to be read.
Stream::Answer Stream::fail_write(Answer answer) {
  if (fault_.empty()) fault_ = ingest::io::errno_text(write_error_);
  answer.state = State::Failed;
  return answer;
}

// ---- reading ----

void Stream::give(std::span<const std::uint8_t> received) {
  rest_.insert(rest_.end(), received.begin(), received.end());
}

/// Gives OpenSSL what waits here, else what the socket has. False: there is nothing, and `answer`
/// says why.
bool Stream::receive(Answer& answer) {
  answer.state = State::WantRead;
  if (!rest_.empty()) {
    buffers_.in.resize(std::max(buffers_.in.size(), rest_.size()));
    std::copy(rest_.begin(), rest_.end(), buffers_.in.begin());
    wire_.in = std::span{buffers_.in}.first(rest_.size());
    std::vector<std::uint8_t>{}.swap(rest_);
    answer.more = true;  // the socket was not asked
    return true;
  }
  ssize_t count = 0;
  do {
    count = recv(fd_, buffers_.in.data(), Buffers::kInBytes, MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
  if (count < 0) {
    answer = fail_socket(answer, errno);
    return false;
  }
  if (count == 0) {
    peer_done_ = true;
    answer.state = State::Closed;
    return false;
  }
  wire_.in = std::span{buffers_.in}.first(static_cast<std::size_t>(count));
  answer.more = wire_.in.size() == Buffers::kInBytes;
  return true;
}

/// The scratch buffer is somebody else's after this call.
void Stream::keep_rest() {
  if (!wire_.in.empty()) rest_.assign(wire_.in.begin(), wire_.in.end());
  wire_.in = {};
}

Stream::Answer Stream::handshake() {
  Answer answer;
  if (failed_) return answer;
  if (ready_) return {.state = State::Done};
  answer = flush();
  if (answer.state == State::Failed) return fail_socket(answer, write_error_);
  if (!receive(answer) && answer.state != State::WantRead) return answer;
  before();
  const int done = SSL_do_handshake(ssl_);
  if (done != 1) {
    const int error = SSL_get_error(ssl_, done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      wire_.in = {};
      return fail(answer, "the TLS handshake was broken off");
    }
  }
  keep_rest();
  send_out(answer);
  if (done == 1) {
    ready_ = true;
    certificates_.reset();
    answer.state = State::Done;
    answer.more = answer.more || !rest_.empty();
    return answer;
  }
  if (write_error_ != 0) return fail_socket(answer, write_error_);
  answer.state = holds_output() ? State::WantWrite : State::WantRead;
  return answer;
}

Stream::Answer Stream::read(std::span<std::uint8_t> out) {
  CHECK(ready_ && !out.empty());
  Answer answer;
  if (failed_) return answer;
  if (peer_done_) return {.state = State::Closed};
  if (!more_inside_ && !receive(answer)) return answer;
  before();
  const Stop stop = decrypt(out, answer);
  if (failed_) return answer;
  keep_rest();
  answer.more = answer.more || more_inside_ || !rest_.empty() || (peer_done_ && answer.bytes > 0);
  send_out(answer);  // what the peer caused: a key update's answer
  if (answer.bytes > 0) {
    answer.state = State::Done;
  } else if (peer_done_) {
    answer.state = State::Closed;
  } else if (stop == Stop::WriteFirst && holds_output()) {
    answer.state = State::WantWrite;
    answer.more = false;
  } else {
    answer.state = State::WantRead;
    answer.more = true;  // something came: what follows it may be there already
  }
  return answer;
}

/// Until OpenSSL has nothing more to give, `out` no more room, or as much is held as may be.
Stream::Stop Stream::decrypt(std::span<std::uint8_t> out, Answer& answer) {
  more_inside_ = false;
  for (;;) {
    std::size_t count = 0;
    const int done =
        SSL_read_ex(ssl_, out.data() + answer.bytes, out.size() - answer.bytes, &count);
    if (done == 1) {
      answer.bytes += count;
      if (answer.bytes < out.size()) continue;
      more_inside_ = true;
      return Stop::Through;
    }
    switch (SSL_get_error(ssl_, done)) {
      case SSL_ERROR_WANT_READ:
        return Stop::Through;
      case SSL_ERROR_WANT_WRITE:
        more_inside_ = true;
        return Stop::WriteFirst;
      case SSL_ERROR_ZERO_RETURN:
        peer_done_ = true;
        wire_.in = {};
        return Stop::Through;
      default:
        wire_.in = {};
        answer = fail(answer, "a TLS record is broken");
        return Stop::Through;
    }
  }
}

}  // namespace gateway::tls
