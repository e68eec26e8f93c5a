#pragma once
// What a test asks of one HTTP answer as text.

#include <string>
#include <string_view>

namespace tests {

inline int status_of(std::string_view answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::stoi(std::string{answer.substr(9, 3)}) : 0;
}
/// The value of the header written like this; "" when it is not there.
inline std::string header_of(std::string_view answer, std::string_view name) {
  const std::string line = "\r\n" + std::string{name} + ": ";
  const std::size_t at = answer.substr(0, answer.find("\r\n\r\n") + 2).find(line);
  if (at == std::string_view::npos) return "";
  const std::string_view rest = answer.substr(at + line.size());
  return std::string{rest.substr(0, rest.find("\r\n"))};
}
inline std::string body_of(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? "" : std::string{answer.substr(end + 4)};
}

}  // namespace tests
