#include "ingest/query/stat.h"

#include <array>
#include <string>

namespace ingest::query {
namespace {

struct Word {
  std::string_view text;
  Stat::Name name;
};
constexpr std::array kWords{
    Word{"count", Stat::Name::Count},       Word{"rate", Stat::Name::Rate},
    Word{"sum", Stat::Name::Sum},           Word{"mean", Stat::Name::Mean},
    Word{"min", Stat::Name::Min},           Word{"max", Stat::Name::Max},
    Word{"stddev", Stat::Name::Stddev},     Word{"first", Stat::Name::First},
    Word{"last", Stat::Name::Last},         Word{"delta", Stat::Name::Delta},
    Word{"distinct", Stat::Name::Distinct}, Word{"ewma", Stat::Name::Ewma},
    Word{"zscore", Stat::Name::Zscore},     Word{"buckets", Stat::Name::Buckets},
};

constexpr std::uint32_t kOne = 100'000;         // q = 1
constexpr std::uint32_t kPercent = kOne / 100;  // q = 0.01
constexpr std::size_t kDecimalsMax = 3;
constexpr std::string_view kError = "_err";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "99.9" in hundred-thousandths: 99900.
std::optional<std::uint32_t> parse_percent(std::string_view text) {
  const std::size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  if (whole.empty() || whole.size() > 3) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : whole) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  value *= kPercent;
  if (dot != std::string_view::npos) {
    const std::string_view decimals = text.substr(dot + 1);
    if (decimals.empty() || decimals.size() > kDecimalsMax) return std::nullopt;
    std::uint32_t place = kPercent / 10;
    for (const char c : decimals) {
      if (!is_digit(c)) return std::nullopt;
      value += place * static_cast<std::uint32_t>(c - '0');
      place /= 10;
    }
  }
  return value <= kOne ? std::optional{value} : std::nullopt;
}

}  // namespace

std::optional<Stat> parse_stat(std::string_view name) {
  for (const Word& word : kWords) {
    if (word.text == name) return Stat{word.name};
  }
  if (name.empty() || name.front() != 'p') return std::nullopt;
  name.remove_prefix(1);
  const bool is_error = name.ends_with(kError);
  if (is_error) name.remove_suffix(kError.size());
  const auto percent = parse_percent(name);
  if (!percent) return std::nullopt;
  return Stat{is_error ? Stat::Name::QuantileError : Stat::Name::Quantile, *percent};
}

std::string stat_name(const Stat& stat) {
  for (const Word& word : kWords) {
    if (word.name == stat.name) return std::string{word.text};
  }
  std::string name = "p" + std::to_string(stat.hundred_thousandths / kPercent);
  const std::uint32_t rest = stat.hundred_thousandths % kPercent;
  if (rest != 0) {
    std::string decimals = std::to_string(rest + kPercent).substr(1);  // with its leading zeros
    while (decimals.back() == '0')
      decimals.pop_back();
    name += '.' + decimals;
  }
  return stat.name == Stat::Name::QuantileError ? name.append(kError) : name;
}

}  // namespace ingest::query
