#pragma once
// Bytes from and for the outside. ByteView borrows; ByteQueue owns what waits to be written.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ingest {

using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A first-in first-out run of bytes: append at the back, consume at the front.
/// Consumed space is reclaimed when it exceeds half of what is stored, so appending is amortized
/// O(1).
class ByteQueue {
 public:
  bool empty() const { return front_ == bytes_.size(); }
  std::size_t size() const { return bytes_.size() - front_; }
  /// Memory held, for those who account for it.
  std::size_t held_bytes() const { return bytes_.capacity(); }
  /// Valid until the next append() or consume().
  ByteView view() const { return ByteView{bytes_}.subspan(front_); }
  void append(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void append(std::string_view text) { append(as_bytes(text)); }
  /// count is at most size().
  void consume(std::size_t count) {
    front_ += count;
    if (front_ == bytes_.size()) {
      clear();
    } else if (front_ > bytes_.size() / 2) {
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(front_));
      front_ = 0;
    }
  }
  /// Empties the queue and gives its memory back when it had grown past kKeepBytes.
  void clear() {
    front_ = 0;
    if (bytes_.capacity() > kKeepBytes) {
      std::vector<std::uint8_t>{}.swap(bytes_);  // `= {}` would keep the memory
    } else {
      bytes_.clear();
    }
  }

 private:
  static constexpr std::size_t kKeepBytes = 4096;
  std::vector<std::uint8_t> bytes_;
  std::size_t front_ = 0;
};

}  // namespace ingest
