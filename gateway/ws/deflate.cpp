#include "gateway/ws/deflate.h"

#define ZLIB_CONST  // NOLINT(readability-identifier-naming): zlib then reads through const pointers
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

#include "ingest/base/check.h"

namespace gateway::ws {
namespace {

constexpr int kRawWindowBits = -15;  // negative: neither zlib's nor gzip's wrapping
constexpr std::array<std::uint8_t, 4> kTail{0x00, 0x00, 0xFF, 0xFF};
constexpr std::size_t kStepBytes = std::size_t{16} * 1024;
constexpr std::size_t kInputBytesMax = std::numeric_limits<uInt>::max();
constexpr std::size_t kMessageBytesMax = std::numeric_limits<std::size_t>::max() - 1;  // + 1 fits

// z_stream's data_type after inflate(): 128 between two blocks, and below 64 the count of bits of
// the last byte that were not used.
constexpr int kBetweenBlocks = 128;
constexpr int kUnusedBits = 63;

}  // namespace

struct Deflater::State {
  z_stream stream{};
  std::array<std::uint8_t, kStepBytes> piece{};
  State() = default;
  ~State() { deflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Deflater::Deflater(int level) : level_(level) {}
Deflater::~Deflater() = default;

void Deflater::compress(std::string_view message, std::string& out) {
  CHECK(message.size() <= kInputBytesMax);
  if (!state_) {
    state_ = std::make_unique<State>();
    CHECK(deflateInit2(&state_->stream, level_, Z_DEFLATED, kRawWindowBits, MAX_MEM_LEVEL - 1,
                       Z_DEFAULT_STRATEGY) == Z_OK);
  } else {
    CHECK(deflateReset(&state_->stream) == Z_OK);
  }
  z_stream& stream = state_->stream;
  stream.next_in = ingest::as_bytes(message).data();
  stream.avail_in = static_cast<uInt>(message.size());
  do {
    stream.next_out = state_->piece.data();
    stream.avail_out = static_cast<uInt>(kStepBytes);
    const int code = deflate(&stream, Z_SYNC_FLUSH);
    CHECK(code == Z_OK || code == Z_BUF_ERROR);  // BUF_ERROR: the last piece was filled exactly
    out.append(ingest::as_text({state_->piece.data(), kStepBytes - stream.avail_out}));
  } while (stream.avail_out == 0);
  DCHECK(out.ends_with(ingest::as_text(kTail)));
  out.resize(out.size() - kTail.size());
}

struct Inflater::State {
  z_stream stream{};
  State() = default;
  ~State() { inflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Inflater::Inflater() = default;
Inflater::~Inflater() = default;

void Inflater::begin() {
  size_ = 0;
  if (state_) {
    CHECK(inflateReset(&state_->stream) == Z_OK);  // the window is empty again
    return;
  }
  state_ = std::make_unique<State>();
  CHECK(inflateInit2(&state_->stream, kRawWindowBits) == Z_OK);
}

ingest::Result<ingest::ByteView, SessionFault> Inflater::inflate(ingest::ByteView compressed,
                                                                 std::size_t bytes_max) {
  if (compressed.empty()) return ingest::ByteView{};  // RSV1 on an empty payload: an empty message
  if (compressed.size() > kInputBytesMax) return ingest::Failure{SessionFault::MessageTooBig};
  bytes_max = std::min(bytes_max, kMessageBytesMax);
  begin();
  Ended ended = run(compressed, bytes_max);
  if (ended == Ended::InputUsed) ended = run_tail(bytes_max);
  if (ended == Ended::TooBig) return ingest::Failure{SessionFault::MessageTooBig};
  if (ended == Ended::Garbage) return ingest::Failure{SessionFault::BadDeflate};
  return ingest::ByteView{message_}.first(size_);
}

/// The tail completes the empty block that the peer's flush began, and nothing else. A payload that
/// was cut off inside a block takes it for data, or waits for more behind it.
Inflater::Ended Inflater::run_tail(std::size_t bytes_max) {
  const std::size_t before = size_;
  const Ended ended = run(kTail, bytes_max);
  const int state = state_->stream.data_type;
  const bool whole = (state & kBetweenBlocks) != 0 && (state & kUnusedBits) == 0;
  return ended == Ended::InputUsed && whole && size_ == before ? ended : Ended::Garbage;
}

/// Inflates `input` behind message_[0, size_). FinalBlock: a final block ended with the input.
Inflater::Ended Inflater::run(ingest::ByteView input, std::size_t bytes_max) {
  z_stream& stream = state_->stream;
  stream.next_in = input.data();
  stream.avail_in = static_cast<uInt>(input.size());
  while (true) {
    make_room(bytes_max);
    // One byte more than is allowed, so that a message of exactly bytes_max is told from a longer.
    const std::size_t room = std::min(message_.size() - size_, bytes_max - size_ + 1);
    stream.next_out = message_.data() + size_;
    stream.avail_out = static_cast<uInt>(std::min(room, kInputBytesMax));
    const std::size_t offered = stream.avail_out;
    const int code = ::inflate(&stream, Z_SYNC_FLUSH);
    size_ += offered - stream.avail_out;
    if (size_ > bytes_max) return Ended::TooBig;
    if (code == Z_STREAM_END) {
      if (stream.avail_in == 0) return Ended::FinalBlock;
      CHECK(inflateResetKeep(&stream) == Z_OK);  // a new stream, the same window
      continue;
    }
    CHECK(code != Z_MEM_ERROR && code != Z_STREAM_ERROR);
    if (code != Z_OK && code != Z_BUF_ERROR) return Ended::Garbage;
    if (stream.avail_out > 0 && stream.avail_in == 0) return Ended::InputUsed;
  }
}

/// Doubles a full buffer, to at most one byte above the limit.
void Inflater::make_room(std::size_t bytes_max) {
  if (size_ < message_.size()) return;
  const std::size_t doubled = std::max(2 * message_.size(), kStepBytes);
  const std::size_t wanted = std::max(std::min(doubled, bytes_max + 1), size_ + 1);
  message_.reserve(wanted);  // exactly: resize() alone may take more
  message_.resize(wanted);
}

void Inflater::rest() {
  size_ = 0;
  if (message_.capacity() > kKeepBytes) std::vector<std::uint8_t>{}.swap(message_);
}

}  // namespace gateway::ws
