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

void Inflater::begin(ContentCoding coding, std::string_view body) {
  size_ = 0;
  if (!state_) state_ = std::make_unique<State>();
  const int bits = coding == ContentCoding::Gzip ? kGzipBits : kWindowBits;
  CHECK(inflateReset2(&state_->stream, bits) == Z_OK);
  state_->stream.next_in = ingest::as_bytes(body).data();
  state_->stream.avail_in = static_cast<uInt>(body.size());
}

/// Doubles a full text, to at most one byte above the limit.
void Inflater::make_room(std::size_t bytes_max) {
  if (size_ < text_.size()) return;
  const std::size_t doubled = std::max(2 * text_.size(), kStepBytes);
  const std::size_t wanted = std::max(std::min(doubled, bytes_max + 1), size_ + 1);
  text_.reserve(wanted);  // exactly: resize() alone may take more
  text_.resize(wanted);
}

Inflater::Step Inflater::step(ContentCoding coding, std::size_t bytes_max) {
  z_stream& stream = state_->stream;
  make_room(bytes_max);
  // One byte more than is allowed, so that a body of exactly bytes_max is told from a longer one.
  const std::size_t room = std::min(text_.size() - size_, bytes_max - size_ + 1);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): zlib's bytes are unsigned
  stream.next_out = reinterpret_cast<Bytef*>(text_.data() + size_);
  stream.avail_out = static_cast<uInt>(std::min(room, kCountMax));
  const std::size_t offered = stream.avail_out;
  const int code = ::inflate(&stream, Z_NO_FLUSH);
  size_ += offered - stream.avail_out;
  if (size_ > bytes_max) return Step::TooBig;
  if (code == Z_STREAM_END) {
    if (stream.avail_in == 0) return Step::Done;
    if (coding != ContentCoding::Gzip) return Step::Damaged;
    CHECK(inflateReset(&stream) == Z_OK);  // a further member
    return Step::More;
  }
  CHECK(code != Z_MEM_ERROR && code != Z_STREAM_ERROR);
  const bool starved = stream.avail_in == 0 && stream.avail_out > 0;  // cut off
  return code == Z_OK && !starved ? Step::More : Step::Damaged;
}

ingest::Result<std::string_view, Inflater::Fault> Inflater::plain(ContentCoding coding,
                                                                  std::string_view body,
                                                                  std::size_t bytes_max) {
  if (coding == ContentCoding::Identity || body.empty()) {
    if (body.size() > bytes_max) return ingest::Failure{Fault::TooBig};
    return body;
  }
  if (body.size() > kCountMax) return ingest::Failure{Fault::TooBig};
  begin(coding, body);
  Step next = Step::More;
  while (next == Step::More)
    next = step(coding, bytes_max);
  if (next == Step::TooBig) return ingest::Failure{Fault::TooBig};
  if (next == Step::Damaged) return ingest::Failure{Fault::Damaged};
  return std::string_view{text_.data(), size_};
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
