#include "ingest/model/glob.h"

#include <algorithm>

namespace ingest::model {
namespace {

constexpr std::string_view kWild = "*?";
constexpr std::size_t kWordBits = 64;

bool is_tail(unsigned char byte) {
  return (byte & 0xC0U) == 0x80U;
}

}  // namespace

bool is_glob(std::string_view pattern) {
  return pattern.find_first_of(kWild) != std::string_view::npos;
}

std::size_t wildcards(std::string_view pattern) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool goes_on = i > 0 && pattern[i] == '*' && pattern[i - 1] == '*';
    if (!goes_on && kWild.find(pattern[i]) != std::string_view::npos) ++count;
  }
  return count;
}

Glob::Glob(std::string_view pattern) : is_too_long_(pattern.size() > kGlobBytesMax), literals_(1) {
  if (is_too_long_) return;
  // Most names differ from most patterns before the first wildcard.
  plain_ = pattern.substr(0, pattern.find_first_of(kWild));
  for (std::size_t i = plain_.size(); i < pattern.size(); ++i) {
    if (pattern[i] == '?') {
      add(Step::OneCharacter);
      add(Step::CharacterTail);
    } else if (pattern[i] != '*') {
      add(Step::Literal, static_cast<unsigned char>(pattern[i]));
    } else {
      const std::size_t end = std::min(pattern.find_first_not_of('*', i), pattern.size());
      add(end - i > 1 ? Step::Run : Step::RunInSegment);
      i = end - 1;
    }
  }
  words_ = steps_ / kWordBits + 1;  // place steps_ is the one behind the last step
}

void Glob::add(Step step, unsigned char literal) {
  const std::size_t word = steps_ / kWordBits;
  const Word bit = Word{1} << (steps_++ % kWordBits);
  switch (step) {
    case Step::Literal:
      if (literal_of_[literal] == 0) {
        literal_of_[literal] = static_cast<std::uint8_t>(literals_.size());
        literals_.emplace_back();
      }
      literals_[literal_of_[literal]][word] |= bit;
      return;
    case Step::OneCharacter:
      characters_[word] |= bit;
      return;
    case Step::CharacterTail:
      tails_[word] |= bit;
      return;
    case Step::RunInSegment:
      runs_in_segment_[word] |= bit;
      return;
    case Step::Run:
      runs_[word] |= bit;
      return;
  }
}

// Runs and tails may be empty: whoever stands before one also stands behind it. A tail and a run
// are the most that follow one another.
void Glob::skip_empty(Places& reached) const {
  for (int i = 0; i < 2; ++i) {
    Word carry = 0;
    for (std::size_t word = 0; word < words_; ++word) {
      const Word skips = reached[word] & (tails_[word] | runs_in_segment_[word] | runs_[word]);
      reached[word] |= (skips << 1U) | carry;
      carry = skips >> (kWordBits - 1);
    }
  }
}

/// A place is reached when the steps before it match what was read: the byte passes a step, stays
/// at it, or loses it. False when none is reached any more.
bool Glob::read(unsigned char byte, Places& reached) const {
  const Places& literal = literals_[literal_of_[byte]];
  const Word tail = is_tail(byte) ? ~Word{0} : 0;
  const Word in_segment = byte != '.' ? ~Word{0} : 0;
  Word carry = 0;
  Word any = 0;
  for (std::size_t word = 0; word < words_; ++word) {
    const Word passes = reached[word] & (literal[word] | (characters_[word] & in_segment & ~tail));
    const Word stays = reached[word] & (runs_[word] | (runs_in_segment_[word] & in_segment) |
                                        (tails_[word] & tail));
    reached[word] = (passes << 1U) | carry | stays;
    carry = passes >> (kWordBits - 1);
    any |= reached[word];
  }
  skip_empty(reached);
  return any != 0;
}

// All places are looked at together, a word of bits at a time (Baeza-Yates and Gonnet, "A new
// approach to text searching", 1992; with steps that may be empty Navarro and Raffinot, "Flexible
// Pattern Matching in Strings", chapter 4).
bool Glob::matches(std::string_view name) const {
  if (is_too_long_ || !name.starts_with(plain_)) return false;
  name.remove_prefix(plain_.size());
  if (steps_ == 0) return name.empty();
  Places reached{1};
  skip_empty(reached);
  for (const char c : name) {
    if (!read(static_cast<unsigned char>(c), reached)) return false;
  }
  return ((reached[steps_ / kWordBits] >> (steps_ % kWordBits)) & 1U) != 0;
}

bool glob_matches(std::string_view pattern, std::string_view name) {
  return Glob{pattern}.matches(name);
}

}  // namespace ingest::model
