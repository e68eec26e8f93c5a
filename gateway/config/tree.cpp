#include "gateway/config/tree.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace gateway::config {
namespace {

int line_of(const YAML::Mark& mark) {
  return mark.is_null() ? 0 : mark.line + 1;
}

std::string_view nth_line(std::string_view text, int line) {
  for (int at = 1; at < line; ++at) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

bool indented_by_tab(std::string_view line) {
  return line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

/// Where a tab stands in an indentation: the library's own words for it name another line.
int first_tab(std::string_view text) {
  for (int line = 1; !text.empty(); ++line) {
    if (indented_by_tab(text.substr(0, text.find('\n')))) return line;
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return 0;
}

class Builder {
 public:
  Tree build(const YAML::Node& node, const std::string& path, int depth) {
    Tree tree;
    tree.line = line_of(node.Mark());
    if (full(tree.line, path, depth)) return tree;
    if (node.IsScalar()) {
      tree.kind = Tree::Kind::Text;
      tree.text = node.Scalar();
    } else if (node.IsSequence()) {
      tree.kind = Tree::Kind::List;
      for (const YAML::Node& item : node) {
        tree.children.push_back(build(item, path, depth + 1));
      }
    } else if (node.IsMap()) {
      tree.kind = Tree::Kind::Map;
      for (const auto& entry : node) {
        add_entry(tree, entry.first, entry.second, path, depth);
      }
    }
    return tree;
  }

  std::vector<TreeFault> faults;

 private:
  bool full(int line, const std::string& path, int depth) {
    if (++nodes_ <= kTreeNodesMax && depth <= kTreeDepthMax) return false;
    if (!told_full_) {
      faults.push_back({line, path,
                        "the document is too large, allowed are " + std::to_string(kTreeNodesMax) +
                            " values, nested " + std::to_string(kTreeDepthMax) + " deep"});
    }
    told_full_ = true;
    return true;
  }

  // When the document is full its remaining values are passed over: at most as many as are stored.
  void add_entry(Tree& map, const YAML::Node& key, const YAML::Node& value, const std::string& path,
                 int depth) {
    if (told_full_) return;
    const int line = line_of(key.Mark());
    if (!key.IsScalar()) {
      faults.push_back({line, path, "a key that is no text, allowed are names"});
      return;
    }
    const std::string& name = key.Scalar();
    const std::string full_name = path.empty() ? name : path + "." + name;
    const auto same = [&](const Tree& other) { return other.key == name; };
    const auto first = std::find_if(map.children.begin(), map.children.end(), same);
    if (first != map.children.end()) {
      faults.push_back(
          {line, full_name,
           "stands twice, allowed is once; the first is in line " + std::to_string(first->line)});
      return;
    }
    Tree child = build(value, full_name, depth + 1);
    child.key = name;
    child.line = line;
    map.children.push_back(std::move(child));
  }

  std::size_t nodes_ = 0;
  bool told_full_ = false;
};

// To the library a quote that is never closed is closed by the end of the text: the rest of the
// file would be one value. The mark of a document's end may not stand in a value.
std::vector<YAML::Node> load_all(std::string_view text) {
  return YAML::LoadAll(std::string{text} + "\n...\n");
}

bool ends_in_quotes(std::string_view text) {
  try {
    load_all(text);
  } catch (const YAML::Exception& fault) {
    return fault.msg == YAML::ErrorMsg::DOC_IN_SCALAR;
  }
  return false;
}

/// The line of the quote that is open at the end of the text; 0: far above it.
int opening_line(std::string_view text) {
  constexpr int kLinesUp = 1'000;
  for (int looked = 0; looked < kLinesUp; ++looked) {
    const std::size_t end = text.rfind('\n');
    if (end == std::string_view::npos) return 1;
    text = text.substr(0, end);
    if (!ends_in_quotes(text))
      return static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 2;
  }
  return 0;
}

TreeFault syntax_fault(const YAML::Exception& fault, std::string_view text) {
  if (fault.msg == YAML::ErrorMsg::DOC_IN_SCALAR)
    return {opening_line(text), "", "a quote is opened and not closed"};
  const int line = line_of(fault.mark);
  const int tab = first_tab(text);
  if (tab > 0) return {tab, "", "a tab in the indentation, allowed are spaces"};
  std::string what = fault.msg;
  if (nth_line(text, line).find('\t') != std::string_view::npos) what += " (the line has a tab)";
  return {line, "", "not YAML: " + what};
}

}  // namespace

Document parse_tree(std::string_view text) {
  Builder builder;
  if (text.size() > kTreeBytesMax) {
    const std::string most = std::to_string(kTreeBytesMax) + " bytes";
    return {Tree{}, {{0, "", "the file is too large, allowed are " + most}}};
  }
  try {
    const std::vector<YAML::Node> documents = load_all(text);
    if (documents.empty()) return {};
    Tree tree = builder.build(documents.front(), "", 0);
    if (documents.size() > 1) {
      const int line = line_of(documents[1].Mark());
      builder.faults.push_back({line, "", "a second document begins, allowed is one"});
    }
    return {std::move(tree), std::move(builder.faults)};
  } catch (const YAML::Exception& fault) {
    return {Tree{}, {syntax_fault(fault, text)}};
  } catch (const std::exception& fault) {
    return {Tree{}, {{0, "", std::string{"not YAML: "} + fault.what()}}};
  }
}

}  // namespace gateway::config
