#pragma once
// Durations and sizes as people write them: on the wire, in the file, on the command line. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"

namespace ingest {

/// Whether a number may stand without its unit. In the configuration file it may not; elsewhere it
/// is ms or bytes.
enum class Units : std::uint8_t { Required, Optional };

/// What was read, or half a sentence that says why not: `"5x" has an unknown unit "x"`.
template <class T>
using Read = Result<T, std::string>;

/// An integer with ms, s, m, min, h or d; not negative, below 2^63 ms.
Read<Millis> read_duration(std::string_view text, Units units = Units::Optional);
/// The largest unit that says it in whole numbers: "2s", "250ms", "10m".
std::string duration_text(Millis duration);

/// Bytes: an integer with B, KiB, MiB or GiB; below 2^63.
Read<std::uint64_t> read_size(std::string_view text, Units units = Units::Optional);
std::string size_text(std::uint64_t bytes);

}  // namespace ingest
