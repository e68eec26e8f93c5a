#pragma once
// Wire: the two ends that OpenSSL reads records from and writes them to, instead of a socket. So a
// stream decides when the kernel is asked: one receive feeds many records, and many records leave
// in one send. Part of this room's inside; owned by a stream, its thread only.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

struct bio_st;

namespace gateway::tls {

struct Wire {
  /// Records of the peer that OpenSSL has not taken yet.
  std::span<const std::uint8_t> in;
  /// Where records for the peer are appended; not null while OpenSSL is called.
  std::vector<std::uint8_t>* out = nullptr;
  /// Bytes that `out` may hold; beyond, OpenSSL is told to come again.
  std::size_t out_max = 0;
};

/// A BIO over `wire`, which outlives it. Null when there is no memory.
bio_st* make_bio(Wire& wire);

}  // namespace gateway::tls
