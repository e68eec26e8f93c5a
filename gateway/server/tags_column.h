#pragma once
// TagsColumn: the value of a row's @tags column, read: "region=eu,route=/a", where \ stands before
// each , = \ of a key or a value. Pure.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::server {

using Tag = std::pair<std::string, std::string>;

inline std::vector<Tag> read_tags_column(std::string_view text) {
  std::vector<Tag> tags;
  if (text.empty()) return tags;
  tags.emplace_back();
  std::string* part = &tags.back().first;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\' && at + 1 < text.size()) {
      *part += text[++at];
    } else if (c == ',') {
      part = &tags.emplace_back().first;
    } else if (c == '=' && part == &tags.back().first) {
      part = &tags.back().second;
    } else {
      *part += c;
    }
  }
  return tags;
}

}  // namespace gateway::server
