#pragma once
// What values look like in text: durations, sizes, counts, addresses. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/config/config.h"
#include "ingest/base/result.h"

namespace gateway::config {

/// Whether a number may stand without its unit: in the file it may not, elsewhere it is ms or
/// bytes.
enum class Units : std::uint8_t { Required, Optional };

/// The reason is half a sentence: "has no unit".
template <class T>
using Read = ingest::Result<T, std::string>;

/// An integer with ms, s, m, min, h or d.
Read<Millis> read_duration(std::string_view text, Units units);
/// The largest unit that says it in whole numbers: "2s", "250ms", "10m".
std::string duration_text(Millis duration);

/// Bytes: an integer with B, KiB, MiB or GiB.
Read<std::uint64_t> read_size(std::string_view text, Units units);
std::string size_text(std::uint64_t bytes);

/// A whole number, as 200000.
Read<std::uint64_t> read_count(std::string_view text);

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (127.0.0.1).
Read<Address> read_address(std::string_view text);

}  // namespace gateway::config
