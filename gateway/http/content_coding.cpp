#include "gateway/http/content_coding.h"

#define ZLIB_CONST  // NOLINT(readability-identifier-naming): zlib then reads through const pointers
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "gateway/http/characters.h"
#include "ingest/base/bytes.h"
#include "ingest/base/check.h"

namespace gateway::http {
namespace {

constexpr std::size_t kStepBytes = std::size_t{64} * 1024;
constexpr std::size_t kCountMax = std::numeric_limits<uInt>::max();
constexpr int kWindowBits = 15;
constexpr int kGzipBits = kWindowBits + 16;  // zlib's way to ask for gzip's wrapping

}  // namespace

std::optional<ContentCoding> content_coding(const Request& request) {
  const std::vector<std::string_view> codings = request.header_list("content-encoding");
  if (codings.empty()) return ContentCoding::Identity;
  if (codings.size() > 1) return std::nullopt;
  const std::string_view name = codings.front();
  if (equals_ignoring_case(name, "identity")) return ContentCoding::Identity;
  if (equals_ignoring_case(name, "gzip") || equals_ignoring_case(name, "x-gzip"))
    return ContentCoding::Gzip;
  if (equals_ignoring_case(name, "deflate")) return ContentCoding::Deflate;
  return std::nullopt;
}

struct Inflater::State {
  z_stream stream{};
  State() { CHECK(inflateInit2(&stream, kGzipBits) == Z_OK); }
  ~State() { inflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Inflater::Inflater() = default;
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

ingest::Result<void, Inflater::Fault> Inflater::begin(ContentCoding coding, std::string_view body,
                                                      std::size_t bytes_max) {
  const std::size_t most = coding == ContentCoding::Identity ? bytes_max : kCountMax;
  if (body.size() > most) return ingest::Failure{Fault::TooBig};
  coding_ = coding;
  body_bytes_ = body.size();
  bytes_max_ = bytes_max;
  size_ = 0;
  if (coding == ContentCoding::Identity || body.empty()) return {};
  if (!state_) state_ = std::make_unique<State>();
  const int bits = coding == ContentCoding::Gzip ? kGzipBits : kWindowBits;
  CHECK(inflateReset2(&state_->stream, bits) == Z_OK);
  state_->stream.next_in = ingest::as_bytes(body).data();
  state_->stream.avail_in = static_cast<uInt>(body.size());
  return {};
}

void Inflater::moved(std::string_view body) {
  CHECK(state_ && body.size() == body_bytes_);
  z_stream& stream = state_->stream;
  stream.next_in = ingest::as_bytes(body.substr(body.size() - stream.avail_in)).data();
}

/// Doubles a full text, to at most one byte above the limit.
void Inflater::make_room() {
  if (size_ < text_.size()) return;
  const std::size_t doubled = std::max(2 * text_.size(), kStepBytes);
  const std::size_t wanted = std::max(std::min(doubled, bytes_max_ + 1), size_ + 1);
  text_.reserve(wanted);  // exactly: resize() alone may take more
  text_.resize(wanted);
}

Inflater::Step Inflater::step() {
  z_stream& stream = state_->stream;
  make_room();
  // One byte more than is allowed, so that a body of exactly bytes_max is told from a longer one.
  const std::size_t room = std::min({text_.size() - size_, bytes_max_ - size_ + 1, kStepBytes});
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): zlib's bytes are unsigned
  stream.next_out = reinterpret_cast<Bytef*>(text_.data() + size_);
  stream.avail_out = static_cast<uInt>(room);
  const std::size_t offered = stream.avail_out;
  const int code = ::inflate(&stream, Z_NO_FLUSH);
  size_ += offered - stream.avail_out;
  if (size_ > bytes_max_) return Step::TooBig;
  if (code == Z_STREAM_END) {
    if (stream.avail_in == 0) return Step::Done;
    if (coding_ != ContentCoding::Gzip) return Step::Damaged;
    CHECK(inflateReset(&stream) == Z_OK);  // a further member
    return Step::More;
  }
  CHECK(code != Z_MEM_ERROR && code != Z_STREAM_ERROR);
  const bool starved = stream.avail_in == 0 && stream.avail_out > 0;  // cut off
  return code == Z_OK && !starved ? Step::More : Step::Damaged;
}

ingest::Result<Inflater::Slice, Inflater::Fault> Inflater::some() {
  if (coding_ == ContentCoding::Identity || body_bytes_ == 0) return Slice::Done;
  const std::size_t before = size_;
  // A member of gzip may be empty: what is read counts, too, or many of them were one slice.
  const uInt unread = state_->stream.avail_in;
  while (size_ - before < kSliceBytes && unread - state_->stream.avail_in < kSliceBytes) {
    switch (step()) {
      case Step::More:
        break;
      case Step::Done:
        return Slice::Done;
      case Step::TooBig:
        return ingest::Failure{Fault::TooBig};
      case Step::Damaged:
        return ingest::Failure{Fault::Damaged};
    }
  }
  return Slice::More;
}

std::size_t Inflater::worked() const {
  if (coding_ == ContentCoding::Identity || body_bytes_ == 0) return 0;
  return std::max(size_, body_bytes_ - state_->stream.avail_in);
}

ingest::Result<std::string_view, Inflater::Fault> Inflater::plain(ContentCoding coding,
                                                                  std::string_view body,
                                                                  std::size_t bytes_max) {
  TRY(begin(coding, body, bytes_max));
  while (TRY(some()) == Slice::More)
    continue;
  return coding == ContentCoding::Identity || body.empty() ? body : text();
}

std::vector<char> Inflater::take() {
  text_.resize(std::exchange(size_, 0));
  return std::exchange(text_, {});
}

void Inflater::rest() {
  size_ = 0;
  if (text_.capacity() > kKeepBytes) std::vector<char>{}.swap(text_);
}

}  // namespace gateway::http
