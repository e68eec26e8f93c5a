#include "gateway/config/names.h"

#include <algorithm>
#include <cctype>
#include <numeric>

#include "gateway/config/keys.h"

namespace gateway::config {
namespace {

// Levenshtein's distance, one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

std::string meant_text(std::string_view what, std::string_view meant) {
  return "unknown " + std::string{what} + ", did you mean " + std::string{meant} + "?";
}

std::string_view last_name(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

}  // namespace

std::vector<std::string_view> all_paths() {
  std::vector<std::string_view> paths{kFeeds};
  for (const Key& key : keys())
    paths.push_back(key.path);
  return paths;
}

std::vector<std::string_view> names_below(std::string_view prefix) {
  std::vector<std::string_view> names;
  for (const std::string_view path : all_paths()) {
    if (!path.starts_with(prefix)) continue;
    const std::string_view rest = path.substr(prefix.size());
    const std::string_view name = rest.substr(0, rest.find('.'));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string variable_name(std::string_view path) {
  std::string name = "WEIR_";
  for (const char c : path) {
    name.push_back(c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return name;
}

std::string_view nearest(std::string_view name, std::span<const std::string_view> known) {
  std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
  std::string_view best;
  for (const std::string_view candidate : known) {
    const std::size_t far = distance(name, candidate);
    if (far < least && far < candidate.size()) {
      least = far;
      best = candidate;
    }
  }
  return best;
}

std::string unknown_in_section(std::string_view name, std::string_view prefix) {
  // A key in the wrong section is likelier than two letters in the wrong place.
  for (const std::string_view path : all_paths()) {
    if (last_name(path) == name) return meant_text("key", path);
  }
  const auto below = names_below(prefix);
  const std::string_view meant = nearest(name, below);
  if (!meant.empty()) return meant_text("key", std::string{prefix} + std::string{meant});
  std::string text = "unknown key, allowed here are ";
  for (const std::string_view known : below) {
    text += (known == below.front() ? "" : ", ") + std::string{known};
  }
  return text;
}

std::string unknown_path(std::string_view path) {
  const std::string_view meant = nearest(path, all_paths());
  return meant.empty() ? unknown_in_section(path, "") : meant_text("key", meant);
}

std::string unknown_variable(std::string_view name) {
  std::vector<std::string> known;
  for (const std::string_view path : all_paths())
    known.push_back(variable_name(path));
  const std::vector<std::string_view> views{known.begin(), known.end()};
  const std::string_view meant = nearest(name, views);
  if (!meant.empty()) return meant_text("variable", meant);
  return "unknown variable, allowed is WEIR_ and a key, as in WEIR_HTTP_LISTEN";
}

}  // namespace gateway::config
