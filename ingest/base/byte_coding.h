#pragma once
// ByteWriter and ByteReader: numbers as bytes that look the same on every machine (least
// significant byte first), for what outlives the process. A reader never looks outside of its
// bytes: past the end it gives zeros and is no longer good(), so that a record is read whole and
// asked once. They must not know what the numbers mean. Pure; values without a thread.
//
//   varint   7 bits a byte, the lowest first; the highest bit says that more follow
//   zigzag   0, -1, 1, -2, ... as varints 0, 1, 2, 3, ...

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ingest {

class ByteWriter {
 public:
  /// Appends to `out`, which outlives it.
  explicit ByteWriter(std::vector<std::byte>& out) : out_(out) {}

  std::size_t size() const { return out_.size(); }
  void u8(std::uint8_t value) { out_.push_back(std::byte{value}); }
  void u32(std::uint32_t value) { fixed(value); }
  void u64(std::uint64_t value) { fixed(value); }
  /// Every bit of it.
  void number(double value) { fixed(std::bit_cast<std::uint64_t>(value)); }
  void varint(std::uint64_t value) {
    for (; value >= kMore; value >>= kVarintBits)
      u8(static_cast<std::uint8_t>(value | kMore));
    u8(static_cast<std::uint8_t>(value));
  }
  void zigzag(std::int64_t value) {
    const auto sign = static_cast<std::uint64_t>(value < 0 ? -1 : 0);
    varint((static_cast<std::uint64_t>(value) << 1U) ^ sign);
  }
  void bytes(std::span<const std::byte> all) { out_.insert(out_.end(), all.begin(), all.end()); }
  /// Its length and its bytes.
  void text(std::string_view all) {
    varint(all.size());
    bytes(std::as_bytes(std::span{all}));
  }

 private:
  friend class ByteReader;
  static constexpr std::uint64_t kMore = 0x80;
  static constexpr unsigned kVarintBits = 7;

  template <class T>
  void fixed(T value) {
    const std::size_t at = out_.size();
    out_.resize(at + sizeof value);
    for (std::size_t i = 0; i < sizeof value; ++i)
      out_[at + i] = static_cast<std::byte>(value >> (8 * i));
  }

  std::vector<std::byte>& out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  /// False once something was asked for that was not there.
  bool good() const { return good_; }
  /// What was not read yet.
  std::span<const std::byte> rest() const { return bytes_; }
  std::size_t left() const { return bytes_.size(); }

  std::uint8_t u8() { return fixed<std::uint8_t>(); }
  std::uint32_t u32() { return fixed<std::uint32_t>(); }
  std::uint64_t u64() { return fixed<std::uint64_t>(); }
  double number() { return std::bit_cast<double>(fixed<std::uint64_t>()); }
  std::uint64_t varint() {
    constexpr unsigned kLastShift = 63;
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift <= kLastShift; shift += ByteWriter::kVarintBits) {
      const std::uint64_t byte = u8();
      if (shift == kLastShift && byte > 1) break;  // more than 64 bits
      value |= (byte & ~ByteWriter::kMore) << shift;
      if (byte < ByteWriter::kMore) return value;
    }
    return fail();
  }
  std::int64_t zigzag() {
    const std::uint64_t coded = varint();
    return static_cast<std::int64_t>((coded >> 1U) ^ (0 - (coded & 1U)));
  }
  /// A varint that counts or measures what is at most `most`; 0 and no longer good when it is not.
  std::size_t count(std::size_t most) {
    const std::uint64_t value = varint();
    return value <= most ? static_cast<std::size_t>(value) : fail();
  }
  /// A view into what is read; empty when there are not so many.
  std::span<const std::byte> bytes(std::size_t count) {
    if (count > bytes_.size()) {
      fail();
      return {};
    }
    const auto all = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return all;
  }
  /// What ByteWriter::text() wrote; lives as long as what is read.
  std::string_view text(std::size_t most) {
    const auto all = bytes(count(most));
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    return {reinterpret_cast<const char*>(all.data()), all.size()};
  }

 private:
  std::uint8_t fail() {
    good_ = false;
    bytes_ = {};
    return 0;
  }
  template <class T>
  T fixed() {
    if (bytes_.size() < sizeof(T)) return fail();
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value = static_cast<T>(value | static_cast<T>(static_cast<T>(bytes_[i]) << (8 * i)));
    bytes_ = bytes_.subspan(sizeof(T));
    return value;
  }

  std::span<const std::byte> bytes_;
  bool good_ = true;
};

}  // namespace ingest
