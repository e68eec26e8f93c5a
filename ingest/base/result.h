#pragma once
// Result<T, E>: a value or the reason there is none.
// Rooms of the ground floor live in ingest::<room>; base itself lives in ingest, because everything
// stands on it.

#include <string>
#include <utility>
#include <variant>

namespace ingest {

/// A fault of the world, told to a person. `what` is one sentence without a final stop.
struct Error {
  int code = 0;
  std::string what;
};

template <class E>
struct Failure {
  E error;
};
template <class E>
Failure(E) -> Failure<E>;

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  template <class G>
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Failure<G> failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::move(std::get<0>(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  const E& error() const& { return std::get<1>(state_); }
  E&& error() && { return std::move(std::get<1>(state_)); }

 private:
  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  template <class G>
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Failure<G> failure) : error_(std::in_place_index<1>, std::move(failure.error)) {}
  bool has_value() const noexcept { return error_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  void operator*() const noexcept {}
  const E& error() const& { return std::get<1>(error_); }
  E&& error() && { return std::move(std::get<1>(error_)); }

 private:
  std::variant<std::monostate, E> error_;
};

}  // namespace ingest

// Unwraps a Result, or returns its error from the calling function.
#define TRY(expression)                                                         \
  __extension__({                                                               \
    auto try_result_ = (expression);                                            \
    if (!try_result_) return ::ingest::Failure{std::move(try_result_).error()}; \
    *std::move(try_result_);                                                    \
  })
