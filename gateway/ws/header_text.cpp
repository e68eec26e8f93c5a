#include "gateway/ws/header_text.h"

#include <algorithm>

namespace gateway::ws {
namespace {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_token_char(char c) {
  return c > ' ' && c < '\x7f' &&
         std::string_view{"\"(),/:;<=>?@[\\]{}"}.find(c) == std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

std::vector<std::string_view> elements_of(std::span<const std::string_view> lines) {
  std::vector<std::string_view> elements;
  for (const std::string_view line : lines) {
    std::size_t begin = 0;
    while (begin <= line.size()) {
      const std::size_t end = std::min(line.find(',', begin), line.size());
      const std::string_view element = trim(line.substr(begin, end - begin));
      if (!element.empty()) elements.push_back(element);
      begin = end + 1;
    }
  }
  return elements;
}

bool has_token(std::span<const std::string_view> lines, std::string_view token) {
  const auto elements = elements_of(lines);
  return std::any_of(elements.begin(), elements.end(), [&](std::string_view element) {
    return equals_ignoring_case(element, token);
  });
}

std::string join(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names)
    text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kBytesMax = 64;
  std::string out{text.substr(0, kBytesMax)};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c >= '\x7f'; }, '?');
  return "\"" + out + (text.size() > kBytesMax ? "...\"" : "\"");
}

}  // namespace gateway::ws
