#pragma once
// Refusals: how many commands were refused with each code of the protocol (DESIGN section 6,
// Errors). Plain numbers, owned by one thread; a slot for each code, so that others can keep what
// they publish of it in an array of their own.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "ingest/base/check.h"
#include "ingest/query/fault.h"

namespace gateway::publish {

class Refusals {
 public:
  /// Codes come in families of a thousand: 1001, 1002, ... 7003.
  static constexpr std::size_t kFamilies = 7;
  static constexpr std::size_t kOfAFamily = 8;
  static constexpr std::size_t kSlots = kFamilies * kOfAFamily;

  static constexpr std::size_t slot_of(ingest::query::Code code) {
    const auto number = static_cast<std::size_t>(code);
    const std::size_t place = number % 1000;
    CHECK(number > 1000 && number / 1000 <= kFamilies && place > 0 && place <= kOfAFamily);
    return (number / 1000 - 1) * kOfAFamily + place - 1;
  }
  /// The code whose slot it is; nothing where there is none yet.
  static std::optional<ingest::query::Code> code_of(std::size_t slot) {
    using ingest::query::Code;
    const auto code = static_cast<Code>((slot / kOfAFamily + 1) * 1000 + slot % kOfAFamily + 1);
    // What is no code is told as our own fault.
    const bool is_code =
        code == Code::ServerInternal || code_name(code) != code_name(Code::ServerInternal);
    return is_code ? std::optional{code} : std::nullopt;
  }

  /// Of each code that there is: its slot and its name.
  template <class Visit>
  static void each_code(const Visit& visit) {
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      if (const auto code = code_of(slot)) visit(slot, code_name(*code));
    }
  }

  void add(ingest::query::Code code) {
    ++counts_[slot_of(code)];
    ++total_;
  }
  std::uint64_t of(ingest::query::Code code) const { return counts_[slot_of(code)]; }
  std::uint64_t at(std::size_t slot) const { return counts_.at(slot); }
  std::uint64_t total() const { return total_; }

 private:
  std::array<std::uint64_t, kSlots> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace gateway::publish
