#include "gateway/config/tokens.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "gateway/config/text.h"
#include "ingest/query/query.h"

namespace gateway::config {
namespace {

constexpr std::size_t kNameBytesMax = 64;
constexpr std::string_view kHashPrefix = "sha256:";
constexpr std::size_t kHashDigits = 64;

bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
  };
  return !text.empty() && text.size() <= kNameBytesMax &&
         std::all_of(text.begin(), text.end(), fits);
}

bool is_hash(std::string_view text) {
  if (!text.starts_with(kHashPrefix)) return false;
  text.remove_prefix(kHashPrefix.size());
  return text.size() == kHashDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return std::isxdigit(static_cast<unsigned char>(c)) != 0;
         });
}

std::string lower(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return result;
}

/// As a query over JSON has it: every scalar is a text.
nlohmann::json json_of(const Tree& tree) {
  if (tree.kind != Tree::Kind::List) return tree.text;
  auto list = nlohmann::json::array();
  for (const Tree& item : tree.children)
    list.push_back(json_of(item));
  return list;
}

class Reader {
 public:
  explicit Reader(TokenWhere where) : where_(where) {}

  void item(const Tree& tree) {
    AuthToken token;
    if (tree.kind != Tree::Kind::Map) return fail(tree.line, "an item that is no section");
    for (const Tree& value : tree.children) {
      if (!take(value, token)) return;
    }
    if (!is_name(token.name))
      return fail(tree.line, "an item without a name of letters, digits, - _ and .");
    if (!is_hash(token.hash))
      return fail(tree.line, "the hash of " + token.name + " is not sha256: and 64 hex digits");
    token.hash = lower(token.hash);
    if (!names_.insert(token.name).second) return fail(tree.line, token.name + " stands twice");
    if (!hashes_.insert(token.hash).second)
      return fail(tree.line, "the token of " + token.name + " is another's, too");
    tokens.push_back(std::move(token));
  }

  std::vector<AuthToken> tokens;
  std::vector<ValueFault> faults;

 private:
  /// One key of an item; false where it is none.
  bool take(const Tree& value, AuthToken& token) {
    const bool is_text = value.kind == Tree::Kind::Text;
    if (is_text && value.key == "name") {
      token.name = value.text;
    } else if (is_text && value.key == "hash") {
      token.hash = value.text;
    } else if (where_ == TokenWhere::Yes && value.key == "where") {
      return take_where(value, token);
    } else {
      const bool wants_where = where_ == TokenWhere::Yes;
      fail(value.line, wants_where ? "an item with a key that is neither name, hash nor where"
                                   : "an item with a key that is neither name nor hash");
      return false;
    }
    return true;
  }

  bool take_where(const Tree& value, AuthToken& token) {
    const std::string text = json_of(value).dump();
    const auto matchers = ingest::query::parse_matchers(text, {});
    if (!matchers) {
      fail(value.line, matchers.error().msg);
      return false;
    }
    if (!matchers->empty()) token.where = text;
    return true;
  }

  void fail(int line, std::string what) {
    faults.push_back({.line = line, .what = std::move(what)});
  }

  TokenWhere where_;
  std::set<std::string> names_;
  std::set<std::string> hashes_;
};

}  // namespace

std::string token_shape(TokenWhere where) {
  const std::string more = where == TokenWhere::Yes ? R"(, where: [["env", "=", "prod"]])" : "";
  return "{name: ci, hash: \"sha256:<64 hex digits>\"" + more + "}, each name and hash once";
}

std::vector<ValueFault> read_tokens(const Tree& list, TokenWhere where,
                                    std::vector<AuthToken>& place) {
  Reader reader{where};
  for (const Tree& tree : list.children)
    reader.item(tree);
  if (reader.faults.empty()) place = std::move(reader.tokens);
  return std::move(reader.faults);
}

std::string tokens_text(const std::vector<AuthToken>& tokens) {
  std::string text = "[";
  for (const AuthToken& token : tokens) {
    text += text.size() > 1 ? ", " : "";
    text += "{name: " + yaml_text(token.name) + ", hash: " + yaml_text(token.hash);
    if (!token.where.empty()) text += ", where: " + token.where;
    text += "}";
  }
  return text + "]";
}

}  // namespace gateway::config
