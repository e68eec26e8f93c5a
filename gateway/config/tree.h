#pragma once
// Tree: a YAML document as plain values that know their lines. The only place that speaks to the
// YAML library; none of its exceptions leave. Bounded, whatever the document says of itself.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::config {

struct Tree {
  enum class Kind : std::uint8_t { Nothing, Text, List, Map };
  Kind kind = Kind::Nothing;
  int line = 0;                // of the key in a map, else of the value; from 1
  std::string key;             // in a map only
  std::string text;            // Text only
  std::vector<Tree> children;  // List and Map only, in the order of the document
};

/// A place in the document and why it cannot be read.
struct TreeFault {
  int line = 0;
  std::string key;  // dotted; empty when unknown
  std::string what;
};

constexpr std::size_t kTreeBytesMax = std::size_t{1} << 20;
constexpr std::size_t kTreeNodesMax = 10'000;  // aliases counted each time they are used
constexpr int kTreeDepthMax = 16;

struct Document {
  Tree tree;                      // what could be read
  std::vector<TreeFault> faults;  // empty when that is all of it
};

/// An empty document is Nothing. Faults are syntax errors, duplicate keys, keys that are no text, a
/// second document, and what is above the limits.
Document parse_tree(std::string_view text);

}  // namespace gateway::config
