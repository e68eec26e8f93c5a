#pragma once
// descriptor_limit: how many descriptors this process may have: each connection is one.

#include <cstdint>

namespace ingest::io {

/// As many as the system lets us have (the soft limit becomes the hard one). Returns how many that
/// are; 0 where the system does not say.
std::uint64_t raise_descriptor_limit();

}  // namespace ingest::io
