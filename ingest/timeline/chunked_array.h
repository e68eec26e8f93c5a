#pragma once
// ChunkedArray: an array that grows without moving what it has, in chunks of 2^10. What stands in
// it keeps its address. A value; its owner's thread.

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace ingest::timeline {

template <class T>
class ChunkedArray {
 public:
  static constexpr std::size_t kChunk = 1'024;

  std::size_t size() const { return size_; }
  T& operator[](std::size_t index) { return (*chunks_[index / kChunk])[index % kChunk]; }
  const T& operator[](std::size_t index) const {
    return (*chunks_[index / kChunk])[index % kChunk];
  }
  T& emplace_back() {
    if (size_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<Chunk>());
    return (*this)[size_++];
  }
  std::size_t held_bytes() const { return chunks_.size() * sizeof(Chunk); }

 private:
  using Chunk = std::array<T, kChunk>;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::size_t size_ = 0;
};

}  // namespace ingest::timeline
