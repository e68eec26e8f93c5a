#pragma once
// Counts what a test program allocates, by operators of its own. For one file of a program, which
// has no other thread while it counts.

#include <cstdlib>
#include <new>

namespace tests::support {
inline std::size_t allocations = 0;
}  // namespace tests::support

// Not inlined: g++ would see our malloc through the operator and miss its delete, which is free.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  ++tests::support::allocations;
  void* const memory = std::malloc(bytes);  // NOLINT(*-no-malloc): this is the allocator
  if (memory == nullptr) std::abort();
  return memory;
}
[[gnu::noinline]] void* operator new(std::size_t bytes, const std::nothrow_t& /*unused*/) noexcept {
  return ::operator new(bytes);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);  // NOLINT(*-no-malloc): this is the allocator
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*unused*/) noexcept {
  std::free(memory);  // NOLINT(*-no-malloc): this is the allocator
}
