#pragma once
// ProtocolText: what gateway/publish/PROTOCOL.md says, as a test compares it with the code: the
// examples of messages and the rows of its tables.

#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/source_tree.h"

namespace gateway::publish::test {

inline std::string publish_file(const std::string& name) {
  return tests::support::read_text(tests::support::source_path("gateway/publish/" + name));
}

/// The first group of every match, in order.
inline std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex regex{pattern};
  std::vector<std::string> found;
  for (auto at = std::sregex_iterator{text.begin(), text.end(), regex};
       at != std::sregex_iterator{}; ++at)
    found.push_back((*at)[1].str());
  return found;
}

inline std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

class ProtocolText {
 public:
  using Json = nlohmann::ordered_json;

  ProtocolText() : text_(publish_file("PROTOCOL.md")) {
    for (const char* pattern : {R"re(`(\{"t":[^`]*\})`)re", R"re('(\{"t":[^']*\})')re"}) {
      for (const std::string& example : matches(text_, pattern)) {
        const std::string whole = filled(example);
        const Json json = Json::parse(whole, nullptr, /*allow_exceptions=*/false);
        if (json.is_object()) {
          (is_said_by_client(json) ? commands_ : answers_).push_back(whole);
        } else {
          broken_.push_back(example);
        }
      }
    }
  }

  const std::string& whole() const { return text_; }
  /// Examples of what a client says, and of what it hears; left out parts are filled in.
  const std::vector<std::string>& commands() const { return commands_; }
  const std::vector<std::string>& answers() const { return answers_; }
  /// Examples that are no JSON.
  const std::vector<std::string>& broken() const { return broken_; }

  /// Rows of a table whose first column is a number: | 2003 | `query.bad_matcher` | ... |
  std::map<int, std::string> table(const std::string& heading) const {
    const std::size_t begin = text_.find("\n## " + heading + "\n");
    if (begin == std::string::npos) return {};
    const std::string part = text_.substr(begin, text_.find("\n## ", begin + 1) - begin);
    std::map<int, std::string> rows;
    const std::regex row{R"(\n\| (\d+) \| `?([^|`]+)`? \|)"};
    for (auto at = std::sregex_iterator{part.begin(), part.end(), row};
         at != std::sregex_iterator{}; ++at) {
      std::string name = (*at)[2].str();
      rows[std::stoi((*at)[1].str())] = std::move(name);
    }
    return rows;
  }

  /// `t` of each of these messages.
  static std::set<std::string> types(const std::vector<std::string>& messages) {
    std::set<std::string> types;
    for (const std::string& message : messages)
      types.insert(Json::parse(message)["t"].get<std::string>());
    return types;
  }

 private:
  /// What an example leaves out of a query, a list of subscriptions and a window.
  static std::string filled(std::string example) {
    example = replaced(std::move(example), R"("q":{...})", R"("q":{"metric":"http.request.*"})");
    example = replaced(std::move(example), R"("subs":[...])",
                       R"("subs":[{"id":1,"q":{"metric":"http.request.*"}}])");
    return replaced(std::move(example), R"("w":[...])", R"("w":[1764000002000,1764000012000])");
  }
  /// `range` and `meta` are words of both sides: an answer has rows.
  static bool is_said_by_client(const Json& json) {
    static const std::set<std::string> kClient{"hello", "sub",  "mod",   "unsub", "seen",
                                               "auth",  "ping", "range", "meta"};
    return kClient.contains(json["t"].get<std::string>()) && !json.contains("next");
  }

  std::string text_;
  std::vector<std::string> commands_;
  std::vector<std::string> answers_;
  std::vector<std::string> broken_;
};

}  // namespace gateway::publish::test
