#pragma once
// Boxed: an owned T on the heap, or nothing; copies deeply. For parts that most owners never need.
// As a value type it has no thread of its own.

#include <memory>
#include <utility>

namespace ingest::sketch {

template <class T>
class Boxed {
 public:
  Boxed() = default;
  Boxed(const Boxed& other) : owned_(other.owned_ ? std::make_unique<T>(*other.owned_) : nullptr) {}
  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(const Boxed& other) {
    if (this != &other) owned_ = other.owned_ ? std::make_unique<T>(*other.owned_) : nullptr;
    return *this;
  }
  Boxed& operator=(Boxed&&) noexcept = default;
  ~Boxed() = default;

  explicit operator bool() const { return owned_.get() != nullptr; }
  T& operator*() { return *owned_; }
  const T& operator*() const { return *owned_; }
  T* operator->() { return owned_.get(); }
  const T* operator->() const { return owned_.get(); }
  T& emplace(T value = T{}) {
    owned_ = std::make_unique<T>(std::move(value));
    return *owned_;
  }

 private:
  std::unique_ptr<T> owned_;
};

}  // namespace ingest::sketch
