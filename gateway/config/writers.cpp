#include "gateway/config/writers.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

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

class Reader {
 public:
  void item(const Tree& tree) {
    Writer writer;
    if (tree.kind != Tree::Kind::Map) return fail(tree.line, "an item that is no section");
    for (const Tree& value : tree.children) {
      if (value.kind != Tree::Kind::Text || (value.key != "name" && value.key != "hash"))
        return fail(value.line, "an item with a key that is neither name nor hash");
      (value.key == "name" ? writer.name : writer.hash) = value.text;
    }
    if (!is_name(writer.name))
      return fail(tree.line, "an item without a name of letters, digits, - _ and .");
    if (!is_hash(writer.hash))
      return fail(tree.line, "the hash of " + writer.name + " is not sha256: and 64 hex digits");
    writer.hash = lower(writer.hash);
    if (!names_.insert(writer.name).second) return fail(tree.line, writer.name + " stands twice");
    if (!hashes_.insert(writer.hash).second)
      return fail(tree.line, "the token of " + writer.name + " is another's, too");
    writers.push_back(std::move(writer));
  }

  std::vector<Writer> writers;
  std::vector<ValueFault> faults;

 private:
  void fail(int line, std::string what) {
    faults.push_back({.line = line, .what = std::move(what)});
  }

  std::set<std::string> names_;
  std::set<std::string> hashes_;
};

}  // namespace

std::vector<ValueFault> read_writers(const Tree& list, std::vector<Writer>& place) {
  Reader reader;
  for (const Tree& tree : list.children)
    reader.item(tree);
  if (reader.faults.empty()) place = std::move(reader.writers);
  return std::move(reader.faults);
}

std::string writers_text(const std::vector<Writer>& writers) {
  std::string text = "[";
  for (const Writer& writer : writers) {
    text += text.size() > 1 ? ", " : "";
    text += "{name: " + writer.name + ", hash: \"" + writer.hash + "\"}";
  }
  return text + "]";
}

}  // namespace gateway::config
