// Writing: from the caller's buffers into records, from records into the socket.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gateway/tls/stream.h"
#include "ingest/base/check.h"

namespace gateway::tls {
namespace {

/// What one record carries: a view into a large buffer, or many small ones gathered in `plain`.
std::span<const std::uint8_t> next_record(std::span<const iovec> buffers, std::size_t offset,
                                          std::vector<std::uint8_t>& plain) {
  const auto* first = static_cast<const std::uint8_t*>(buffers.front().iov_base) + offset;
  const std::size_t first_size = buffers.front().iov_len - offset;
  if (first_size >= plain.size() || buffers.size() == 1)
    return {first, std::min(first_size, plain.size())};
  std::size_t size = 0;
  for (const iovec& buffer : buffers) {
    const std::size_t count = std::min(buffer.iov_len - offset, plain.size() - size);
    if (count > 0)
      std::memcpy(plain.data() + size, static_cast<const std::uint8_t*>(buffer.iov_base) + offset,
                  count);
    size += count;
    offset = 0;
    if (size == plain.size()) break;
  }
  return {plain.data(), size};
}

/// Moves `offset` into `buffers` on by `count`, dropping buffers that are through.
void advance(std::span<const iovec>& buffers, std::size_t& offset, std::size_t count) {
  offset += count;
  while (!buffers.empty() && offset >= buffers.front().iov_len) {
    offset -= buffers.front().iov_len;
    buffers = buffers.subspan(1);
  }
}

}  // namespace

Stream::Answer Stream::write(std::span<const iovec> buffers) {
  CHECK(ready_);
  Answer answer = flush();
  if (answer.state != State::Done) return answer;
  std::size_t offset = 0;
  advance(buffers, offset, 0);
  while (!buffers.empty() && answer.bytes < kWriteBytes && !holds_output()) {
    before();
    answer.bytes += encrypt(buffers, offset);
    if (failed_) return fail(answer, "a TLS record could not be made");
    send_out(answer);
    if (write_error_ != 0) return fail_write(answer);
  }
  return answer;
}

/// Records of one batch into the scratch buffer; how many plain bytes they carry.
std::size_t Stream::encrypt(std::span<const iovec>& buffers, std::size_t& offset) {
  std::size_t taken = 0;
  while (!buffers.empty() && taken < kBatchBytes) {
    const std::span<const std::uint8_t> record = next_record(buffers, offset, buffers_.plain);
    std::size_t count = 0;
    // The wire has room for a batch, so OpenSSL never asks us to come again here.
    if (SSL_write_ex(ssl_, record.data(), record.size(), &count) != 1) {
      failed_ = true;
      return taken;
    }
    taken += count;
    advance(buffers, offset, count);
  }
  return taken;
}

Stream::Answer Stream::flush() {
  if (failed_) return {};
  Answer answer{.state = State::Done};
  if (write_error_ != 0) return fail_write(answer);
  if (!held_.empty()) {
    const std::size_t sent = send_some(held_);
    answer.moved = sent > 0;
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(sent));
    if (write_error_ != 0) {
      drop_output();
      return fail_write(answer);
    }
    if (!held_.empty()) {
      answer.state = State::WantWrite;
      return answer;
    }
    std::vector<std::uint8_t>{}.swap(held_);
  }
  return answer;
}

void Stream::finish() {
  if (failed_ || !ready_ || write_error_ != 0) return;
  before();
  static_cast<void>(SSL_shutdown(ssl_));  // 0: said, the peer's answer is not waited for
  ERR_clear_error();
  Answer answer;
  send_out(answer);
}

/// What OpenSSL wrote goes to the kernel, behind what is held.
void Stream::send_out(Answer& answer) {
  std::vector<std::uint8_t>& out = buffers_.out;
  if (!out.empty()) {
    const std::size_t sent = held_.empty() ? send_some(out) : 0;
    answer.moved = answer.moved || sent > 0;
    if (write_error_ != 0) return drop_output();
    held_.insert(held_.end(), out.begin() + static_cast<std::ptrdiff_t>(sent), out.end());
    out.clear();
  }
  wire_.out = nullptr;
}

void Stream::drop_output() {
  std::vector<std::uint8_t>{}.swap(held_);
  buffers_.out.clear();
  wire_.out = nullptr;
}

std::size_t Stream::send_some(std::span<const std::uint8_t> bytes) {
  if (write_error_ != 0) return 0;
  ssize_t count = 0;
  do {
    count = send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno != EAGAIN && errno != EWOULDBLOCK) write_error_ = errno;
  return 0;
}

}  // namespace gateway::tls
