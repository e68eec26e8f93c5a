#include "gateway/ws/extension_reader.h"

#include <algorithm>

#include "gateway/ws/header_text.h"

namespace gateway::ws {

using ingest::Failure;

ExtensionReader::Part ExtensionReader::next() {
  skip_space();
  if (in_extension_ && take(';')) return read_parameter();
  if (in_extension_ && !rest_.empty() && !take(',')) return Failure{MalformedExtensions{}};
  return read_extension();
}

ExtensionReader::Part ExtensionReader::read_extension() {
  while (true) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t,"), rest_.size()));
    if (!rest_.empty()) break;
    if (lines_.empty()) return std::optional<ExtensionPart>{};
    rest_ = lines_.front();
    lines_ = lines_.subspan(1);
  }
  const std::string_view name = take_token();
  if (name.empty()) return Failure{MalformedExtensions{}};
  in_extension_ = true;
  return std::optional{ExtensionPart{ExtensionPart::Kind::Extension, name, std::nullopt}};
}

ExtensionReader::Part ExtensionReader::read_parameter() {
  skip_space();
  ExtensionPart part{ExtensionPart::Kind::Parameter, take_token(), std::nullopt};
  if (part.name.empty()) return Failure{MalformedExtensions{}};
  skip_space();
  if (!take('=')) return std::optional{part};
  skip_space();
  if (take('"')) {
    if (!read_quoted()) return Failure{MalformedExtensions{}};
    part.value = unquoted_;
  } else {
    part.value = take_token();
  }
  return std::optional{part};
}

/// RFC 9110 section 5.6.4, behind the opening quote. False when the line ends inside.
bool ExtensionReader::read_quoted() {
  unquoted_.clear();
  for (std::size_t i = 0; i < rest_.size(); ++i) {
    if (rest_[i] == '"') {
      rest_.remove_prefix(i + 1);
      return true;
    }
    if (rest_[i] == '\\' && ++i == rest_.size()) return false;
    unquoted_ += rest_[i];
  }
  return false;
}

bool ExtensionReader::take(char c) {
  if (rest_.empty() || rest_.front() != c) return false;
  rest_.remove_prefix(1);
  return true;
}

void ExtensionReader::skip_space() {
  rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
}

std::string_view ExtensionReader::take_token() {
  std::size_t size = 0;
  while (size < rest_.size() && is_token_char(rest_[size]))
    ++size;
  const std::string_view token = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return token;
}

}  // namespace gateway::ws
