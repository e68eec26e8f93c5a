#include "gateway/server/outbox.h"

#include <algorithm>
#include <utility>

#include "ingest/base/check.h"

namespace gateway::server {

iovec to_iovec(std::string_view bytes) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): iovec serves readers and writers alike.
  return {.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
}

std::string_view to_text(const iovec& buffer) {
  return {static_cast<const char*>(buffer.iov_base), buffer.iov_len};
}

std::string_view Outbox::bytes_of(const Piece& piece) {
  if (const auto* owned = std::get_if<std::string>(&piece)) return *owned;
  if (const auto* fixed = std::get_if<std::string_view>(&piece)) return *fixed;
  return std::get<Rest>(piece).bytes;
}

/// Made in its place: g++ 12 takes a moved variant's other members for uninitialized.
template <class T>
void Outbox::push(T piece, std::size_t size) {
  if (size == 0) return;
  pieces_.emplace_back(std::move(piece));
  bytes_ += size;
}

void Outbox::add(std::string owned) {
  const std::size_t size = owned.size();
  push(std::move(owned), size);
}

void Outbox::add_static(std::string_view fixed) {
  push(fixed, fixed.size());
}

void Outbox::add_shared(std::shared_ptr<const std::string> shared) {
  const std::string_view bytes = *shared;
  push(Rest{std::move(shared), bytes}, bytes.size());
}

void Outbox::add_rest(publish::FramePtr frame, std::string_view rest) {
  CHECK(!rest.empty());
  push(Rest{std::move(frame), rest}, rest.size());
}

void Outbox::gather(std::vector<iovec>& out, std::size_t buffers_max) const {
  std::size_t offset = offset_;
  for (std::size_t i = first_; i < pieces_.size() && out.size() < buffers_max; ++i) {
    out.push_back(to_iovec(bytes_of(pieces_[i]).substr(offset)));
    offset = 0;
  }
}

/// A client that pipelines without end may never let us become empty.
void Outbox::drop_written() {
  if (first_ < kWrittenKept || 2 * first_ < pieces_.size()) return;
  pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

void Outbox::sent(std::size_t count) {
  CHECK(count <= bytes_);
  bytes_ -= count;
  while (count > 0) {
    const std::size_t left = bytes_of(pieces_[first_]).size() - offset_;
    const std::size_t taken = std::min(count, left);
    count -= taken;
    offset_ += taken;
    if (taken < left) return;
    pieces_[first_++] = std::string_view{};
    offset_ = 0;
  }
  if (bytes_ > 0) return drop_written();
  pieces_ = {};
  first_ = 0;
}

}  // namespace gateway::server
