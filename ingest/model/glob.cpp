#include "ingest/model/glob.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace ingest::model {
namespace {

enum class Step : std::uint8_t { Literal, OneCharacter, RunInSegment, Run, CharacterTail };

/// A pattern as steps. States are places between steps; state i is reached when the first i steps
/// match what was read.
struct Steps {
  std::array<Step, 2 * kGlobBytesMax> step{};
  std::array<char, 2 * kGlobBytesMax> literal{};
  std::size_t count = 0;

  void push(Step kind, char byte = 0) {
    step[count] = kind;
    literal[count++] = byte;
  }
  bool is_run(std::size_t i) const { return step[i] == Step::RunInSegment || step[i] == Step::Run; }
};

Steps compile(std::string_view pattern) {
  Steps steps;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '?') {
      steps.push(Step::OneCharacter);
      steps.push(Step::CharacterTail);
    } else if (pattern[i] == '*') {
      const bool any = i + 1 < pattern.size() && pattern[i + 1] == '*';
      steps.push(any ? Step::Run : Step::RunInSegment);
      if (any) ++i;
    } else {
      steps.push(Step::Literal, pattern[i]);
    }
  }
  return steps;
}

bool is_tail(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// Whether reading `byte` at step i stays there (runs and tails) ...
bool stays(Step step, char byte) {
  switch (step) {
    case Step::Run:
      return true;
    case Step::RunInSegment:
      return byte != '.';
    case Step::CharacterTail:
      return is_tail(byte);
    case Step::Literal:
    case Step::OneCharacter:
      return false;
  }
  return false;
}
/// ... or passes it.
bool passes(Step step, char literal, char byte) {
  switch (step) {
    case Step::Literal:
      return byte == literal;
    case Step::OneCharacter:
      return byte != '.' && !is_tail(byte);
    case Step::Run:
    case Step::RunInSegment:
    case Step::CharacterTail:
      return false;
  }
  return false;
}

}  // namespace

bool is_glob(std::string_view pattern) {
  return pattern.find_first_of("*?") != std::string_view::npos;
}

bool glob_matches(std::string_view pattern, std::string_view name) {
  if (pattern.size() > kGlobBytesMax) return false;
  // Most names differ from most patterns before the first wildcard.
  const std::size_t plain = std::min(pattern.find_first_of("*?"), pattern.size());
  if (name.substr(0, plain) != pattern.substr(0, plain)) return false;
  pattern.remove_prefix(plain);
  name.remove_prefix(plain);
  if (pattern.empty()) return name.empty();
  const Steps steps = compile(pattern);
  const auto may_skip = [&](std::size_t i) {
    return steps.is_run(i) || steps.step[i] == Step::CharacterTail;
  };
  std::array<bool, 2 * kGlobBytesMax + 1> reached{};
  // Runs and tails may be empty: whoever stands before one also stands after it.
  const auto skip_empty = [&] {
    for (std::size_t i = 0; i < steps.count; ++i)
      reached[i + 1] = reached[i + 1] || (reached[i] && may_skip(i));
  };
  reached[0] = true;
  skip_empty();
  for (const char byte : name) {
    reached[steps.count] = false;
    for (std::size_t i = steps.count; i-- > 0;) {
      if (!reached[i]) continue;
      reached[i + 1] = reached[i + 1] || passes(steps.step[i], steps.literal[i], byte);
      reached[i] = stays(steps.step[i], byte);
    }
    skip_empty();
  }
  return reached[steps.count];
}

}  // namespace ingest::model
