#include "gateway/http/request.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/http/characters.h"
#include "gateway/http/target.h"

namespace gateway::http {
namespace {

using enum Method;
constexpr std::array<std::pair<Method, std::string_view>, 7> kMethods{{{Get, "GET"},
                                                                       {Head, "HEAD"},
                                                                       {Post, "POST"},
                                                                       {Put, "PUT"},
                                                                       {Delete, "DELETE"},
                                                                       {Options, "OPTIONS"},
                                                                       {Patch, "PATCH"}}};

std::optional<std::string> decode_form(std::string_view text) {
  std::string spaced{text};
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return decode_percent(spaced);
}

}  // namespace

std::string_view method_name(Method method) {
  return kMethods[static_cast<std::size_t>(method)].second;
}

std::optional<Method> method_of(std::string_view name) {
  for (const auto& [method, text] : kMethods) {
    if (text == name) return method;
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const Header& line : headers) {
    if (line.name == name) return line.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Request::header_values(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Header& line : headers) {
    if (line.name == name) values.emplace_back(line.value);
  }
  return values;
}

std::vector<std::string_view> Request::header_list(std::string_view name) const {
  std::vector<std::string_view> elements;
  for (std::string_view rest : header_values(name)) {
    while (!rest.empty()) {
      const std::string_view element = trim(cut(rest, ','));
      if (!element.empty()) elements.push_back(element);
    }
  }
  return elements;
}

std::optional<std::string> Request::query_parameter(std::string_view key) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    std::string_view value = cut(rest, '&');
    if (decode_form(cut(value, '=')) == key) return decode_form(value);
  }
  return std::nullopt;
}

}  // namespace gateway::http
