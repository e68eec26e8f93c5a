#pragma once
// Value: one key's type, range and place, and how its values are read and written. T is what holds
// the value: Config, or a feed.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/config/mapping_rules.h"
#include "gateway/config/text.h"
#include "gateway/config/thresholds.h"
#include "gateway/config/tokens.h"
#include "gateway/config/tree.h"

namespace gateway::config {

// Where a value lives in a T and what it may be. Ranges hold both ends.
template <class T>
struct DurationIn {
  Millis& (*at)(T&) = nullptr;
  Millis min{0};
  Millis max{0};
};
template <class T>
struct SizeIn {
  std::uint64_t& (*at)(T&) = nullptr;
  std::uint64_t min = 0;
  std::uint64_t max = 0;
};
template <class T>
struct CountIn {
  std::uint64_t& (*at)(T&) = nullptr;
  std::uint64_t min = 0;
  std::uint64_t max = 0;
  std::string_view zero_word = {};  // "auto": another way to write 0, and how 0 is printed
};
template <class T>
struct ChoiceIn {
  std::span<const std::string_view> names;  // in the order of the enumerators
  void (*set)(T&, std::size_t choice) = nullptr;
  std::size_t (*get)(const T&) = nullptr;
};
template <class T>
struct AddressesIn {
  std::vector<Address>& (*at)(T&) = nullptr;
  std::size_t max = 0;
};
template <class T>
struct TextsIn {
  std::vector<std::string>& (*at)(T&) = nullptr;
  std::size_t max = 0;
  bool (*fits)(std::string_view) = nullptr;
  std::string_view allowed;  // "host names without a port"
};

/// Paths of files: one text, or a list; the empty text is none.
template <class T>
struct PathsIn {
  std::vector<std::string>& (*at)(T&) = nullptr;
  std::size_t max = 0;
  std::string_view allowed;
};
/// One text, a path or a name; the empty text is none.
template <class T>
struct TextIn {
  std::string& (*at)(T&) = nullptr;
  std::string_view allowed;
};
/// The mode of a file.
template <class T>
struct ModeIn {
  std::uint64_t& (*at)(T&) = nullptr;
};

/// Who may come in by a token: a list of sections.
template <class T>
struct TokensIn {
  std::vector<AuthToken>& (*at)(T&) = nullptr;
  std::size_t max = 0;
  TokenWhere where = TokenWhere::No;
};

/// What the overview marks: a list of sections.
template <class T>
struct ThresholdsIn {
  std::vector<Threshold>& (*at)(T&) = nullptr;
  std::size_t max = 0;
};

/// What metrics are called on /metrics: a list of sections.
template <class T>
struct RulesIn {
  std::vector<exposition::Rule>& (*at)(T&) = nullptr;
  std::size_t max = 0;
};

/// Numbers, ascending, none twice; both ends are allowed.
template <class T>
struct NumbersIn {
  std::vector<double>& (*at)(T&) = nullptr;
  std::size_t max = 0;
  double least = 0;
  double most = 0;
};

template <class T>
using ValueIn = std::variant<DurationIn<T>, SizeIn<T>, CountIn<T>, ChoiceIn<T>, AddressesIn<T>,
                             TextsIn<T>, PathsIn<T>, TextIn<T>, ModeIn<T>, TokensIn<T>,
                             ThresholdsIn<T>, NumbersIn<T>, RulesIn<T>>;

/// A list whose items are sections: an override of it is YAML.
template <class T>
constexpr bool has_sections(const ValueIn<T>& value) {
  return std::holds_alternative<TokensIn<T>>(value) ||
         std::holds_alternative<ThresholdsIn<T>>(value) ||
         std::holds_alternative<RulesIn<T>>(value);
}
/// Written as a list; one item may stand for a list of one.
template <class T>
constexpr bool is_list(const ValueIn<T>& value) {
  return std::holds_alternative<AddressesIn<T>>(value) ||
         std::holds_alternative<TextsIn<T>>(value) || std::holds_alternative<PathsIn<T>>(value) ||
         std::holds_alternative<NumbersIn<T>>(value) || has_sections(value);
}

template <class T>
struct KeyIn {
  std::string_view path;  // "time.pane"
  ValueIn<T> value;
  std::string_view meaning;  // one sentence
};
/// Reads `tree` into its place in `target`; leaves the place as it is when something is wrong.
/// Instantiated for Config, SocketFeed, HostFeed and ReplayFeed.
template <class T>
std::vector<ValueFault> read_value(const KeyIn<T>& key, const Tree& tree, Units units, T& target);

/// As it would be written in the file: "250ms", "[]".
template <class T>
std::string value_text(const KeyIn<T>& key, const T& source);

/// What is allowed, for people: "100ms to 60s", "drop or now".
template <class T>
std::string allowed_text(const KeyIn<T>& key);

}  // namespace gateway::config
