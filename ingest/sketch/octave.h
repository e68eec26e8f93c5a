#pragma once
// Octave: where the buckets of a base-2 exponential histogram begin, in integers, so that the same
// value falls into the same bucket on every machine: no logarithm. Included by ExpHistogram's
// own files alone. Pure.

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace ingest::sketch {

__extension__ using Wide = unsigned __int128;

constexpr int kMantissaBits = 52;
constexpr std::uint64_t kMantissaMask = (std::uint64_t{1} << kMantissaBits) - 1;
constexpr int kExponentBias = 1023;
constexpr int kPerOctaveBits = 6;  // 2^6 buckets an octave at the finest scale
constexpr int kPerOctave = 1 << kPerOctaveBits;
constexpr int kSegmentBits =
    7;  // of the mantissa: 1/128 is narrower than the narrowest bucket, 2^(1/64)-1 = 0.0109

/// The integer part of a square root, bit by bit.
constexpr std::uint64_t root(Wide square) {
  std::uint64_t result = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const std::uint64_t trial = result | std::uint64_t{1} << bit;
    if (Wide{trial} * trial <= square) result = trial;
  }
  return result;
}

/// Where the buckets of one octave begin, and a first guess by the highest bits of the mantissa.
struct Octave {
  // bound[j] = floor(2^52 (2^(j/64) - 1)). 2^(j/64) is irrational for j > 0, so m > bound[j] is
  // exact for integers m.
  std::array<std::uint64_t, kPerOctave + 1> bound{};
  // How many bounds are below the segment's first mantissa; at most one more is inside the segment.
  std::array<std::uint8_t, 1 << kSegmentBits> below{};
};

/// In integers of 2^-63: 2^(j/64) as a product of 2^(1/2), 2^(1/4), ... 2^(1/64). The test compares
/// each bound with the exact one (the integer n with n^64 <= 2^(52*64+j) < (n+1)^64).
constexpr Octave make_octave() {
  constexpr int kFraction = 63;
  std::array<std::uint64_t, kPerOctaveBits> roots{};
  Wide two = Wide{2} << kFraction;
  for (auto& each : roots) {
    each = root(two << kFraction);
    two = each;
  }
  Octave octave;
  for (unsigned j = 0; j < kPerOctave; ++j) {
    Wide power = Wide{1} << kFraction;
    for (unsigned bit = 0; bit < kPerOctaveBits; ++bit) {
      if ((j >> (kPerOctaveBits - 1 - bit) & 1U) != 0) power = power * roots[bit] >> kFraction;
    }
    octave.bound[j] =
        static_cast<std::uint64_t>(power >> (kFraction - kMantissaBits)) & kMantissaMask;
  }
  octave.bound[kPerOctave] = std::numeric_limits<std::uint64_t>::max();
  for (std::uint64_t segment = 0; segment < octave.below.size(); ++segment) {
    std::uint8_t count = 0;
    while (segment << (kMantissaBits - kSegmentBits) > octave.bound[count])
      ++count;
    octave.below[segment] = count;
  }
  return octave;
}

inline constexpr Octave kOctave = make_octave();

/// The finest bucket of a finite magnitude > 0.
inline std::int32_t finest_bucket_of(double magnitude) {
  int exponent_offset = kExponentBias;
  auto bits = std::bit_cast<std::uint64_t>(magnitude);
  if (bits <= kMantissaMask) [[unlikely]] {  // subnormal
    constexpr int kLift = 54;
    bits = std::bit_cast<std::uint64_t>(magnitude * 0x1p54);
    exponent_offset += kLift;
  }
  const int exponent = static_cast<int>(bits >> kMantissaBits) - exponent_offset;
  const std::uint64_t mantissa = bits & kMantissaMask;
  int below = kOctave.below[mantissa >> (kMantissaBits - kSegmentBits)];
  below += static_cast<int>(mantissa > kOctave.bound[static_cast<unsigned>(below)]);
  return exponent * kPerOctave + below - 1;
}

/// The lower bound of a finest bucket; 0 or infinity when outside the doubles.
inline double lower_bound_of(std::int64_t fine) {
  const auto step = static_cast<std::size_t>(fine & (kPerOctave - 1));
  const double mantissa = 1 + static_cast<double>(kOctave.bound[step]) * 0x1p-52;
  return std::ldexp(mantissa, static_cast<int>(fine >> kPerOctaveBits));
}

}  // namespace ingest::sketch
