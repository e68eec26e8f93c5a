#pragma once
// Globs over metric names: `*` is any run inside one dot segment, `**` any run, `?` one character
// (a UTF-8 sequence) that is no dot. Everything else stands for itself. Pure; any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ingest::model {

constexpr std::size_t kGlobBytesMax = 255;

/// Whether it holds a `*` or a `?`; without one, it matches exactly itself.
bool is_glob(std::string_view pattern);
/// Runs, `*` or `**`, and `?` of a pattern.
std::size_t wildcards(std::string_view pattern);

/// A pattern made ready to be asked of many names. Immutable.
class Glob {
 public:
  explicit Glob(std::string_view pattern);
  /// In time proportional to the name, times the words that the pattern needs: one for each 64 of
  /// its bytes (a `?` counts twice). A pattern above kGlobBytesMax bytes matches nothing.
  bool matches(std::string_view name) const;

 private:
  static constexpr std::size_t kWordsMax = (2 * kGlobBytesMax + 64) / 64;
  using Word = std::uint64_t;
  using Places = std::array<Word, kWordsMax>;  // bits: steps of the pattern, or places before them

  enum class Step : std::uint8_t { Literal, OneCharacter, CharacterTail, RunInSegment, Run };
  void add(Step step, unsigned char literal = 0);
  void skip_empty(Places& reached) const;
  bool read(unsigned char byte, Places& reached) const;

  std::string plain_;  // what every name begins with
  bool is_too_long_ = false;
  std::size_t steps_ = 0;
  std::size_t words_ = 1;
  std::array<std::uint8_t, 256> literal_of_{};  // by byte, into literals_
  std::vector<Places> literals_;                // the steps that are such a byte; the first: none
  Places characters_{};
  Places tails_{};
  Places runs_in_segment_{};
  Places runs_{};
};

/// For a pattern that is asked once.
bool glob_matches(std::string_view pattern, std::string_view name);

}  // namespace ingest::model
