#include "gateway/config/value.h"

#include <algorithm>
#include <set>
#include <utility>

namespace gateway::config {
namespace {

using Faults = std::vector<ValueFault>;

void add(Faults& faults, int line, std::string what) {
  ValueFault& fault = faults.emplace_back();
  fault.line = line;
  fault.what = std::move(what);
}

Faults one(int line, std::string what) {
  Faults faults;
  add(faults, line, std::move(what));
  return faults;
}

// What the values of one type are called and look like. A Range prints its numbers as they are
// written.
template <class Number, class Print>
std::string range_text(Number min, Number max, Print print) {
  return print(min) + " to " + print(max);
}
std::string count_text(std::uint64_t count) {
  return std::to_string(count);
}

template <class T>
std::string allowed(const DurationIn<T>& in) {
  return range_text(in.min, in.max, duration_text);
}
template <class T>
std::string allowed(const SizeIn<T>& in) {
  return range_text(in.min, in.max, size_text);
}
template <class T>
std::string allowed(const CountIn<T>& in) {
  const std::string range = range_text(in.min, in.max, count_text);
  return in.zero_word.empty() ? range : std::string{in.zero_word} + ", or " + range;
}
template <class T>
std::string allowed(const ChoiceIn<T>& in) {
  std::string text{in.names.front()};
  for (const std::string_view name : in.names.subspan(1)) {
    text.append(name == in.names.back() ? " or " : ", ").append(name);
  }
  return text;
}
template <class T>
std::string allowed(const AddressesIn<T>& in) {
  return "1 to " + std::to_string(in.max) +
         " addresses as 127.0.0.1:8080, [::1]:8080 or unix:/run/weir.sock; port 0 takes a free one";
}
template <class T>
std::string allowed(const TextsIn<T>& in) {
  return "up to " + std::to_string(in.max) + " " + std::string{in.allowed};
}

template <class T>
std::string allowed(const PathsIn<T>& in) {
  return std::string{in.allowed};
}
template <class T>
std::string allowed(const TextIn<T>& in) {
  return std::string{in.allowed};
}
template <class T>
std::string allowed(const ModeIn<T>& /*in*/) {
  return "an octal mode in quotes with a leading 0, \"0000\" to \"0777\"";
}

template <class T>
std::string allowed(const TokensIn<T>& in) {
  return "up to " + std::to_string(in.max) + " items as " + token_shape(in.where);
}

template <class T>
std::string allowed(const ThresholdsIn<T>& in) {
  return "up to " + std::to_string(in.max) + " items as " + std::string{kThresholdShape};
}

template <class T>
std::string allowed(const RulesIn<T>& in) {
  return "up to " + std::to_string(in.max) + " items as " + std::string{kRuleShape};
}

template <class T>
std::string allowed(const NumbersIn<T>& in) {
  return "1 to " + std::to_string(in.max) + " numbers, ascending, " +
         range_text(in.least, in.most, number_text);
}

template <class T>
std::string text_in(const DurationIn<T>& in, T& source) {
  return duration_text(in.at(source));
}
template <class T>
std::string text_in(const SizeIn<T>& in, T& source) {
  return size_text(in.at(source));
}
template <class T>
std::string text_in(const CountIn<T>& in, T& source) {
  const std::uint64_t count = in.at(source);
  return count == 0 && !in.zero_word.empty() ? std::string{in.zero_word} : count_text(count);
}
template <class T>
std::string text_in(const ChoiceIn<T>& in, T& source) {
  return std::string{in.names[in.get(source)]};
}
template <class Items, class Print>
std::string list_text(const Items& items, Print print) {
  std::string text = "[";
  for (const auto& item : items) {
    if (text.size() > 1) text += ", ";
    text += yaml_text(print(item));
  }
  return text + "]";
}
template <class T>
std::string text_in(const AddressesIn<T>& in, T& source) {
  return list_text(in.at(source), [](const Address& address) { return to_text(address); });
}
template <class T>
std::string text_in(const TextsIn<T>& in, T& source) {
  return list_text(in.at(source), [](const std::string& item) { return item; });
}

template <class T>
std::string text_in(const PathsIn<T>& in, T& source) {
  const std::vector<std::string>& paths = in.at(source);
  if (paths.empty()) return "\"\"";
  return list_text(paths, [](const std::string& item) { return item; });
}
template <class T>
std::string text_in(const TextIn<T>& in, T& source) {
  return yaml_text(in.at(source));
}
template <class T>
std::string text_in(const ModeIn<T>& in, T& source) {
  return "\"" + mode_text(in.at(source)) + "\"";
}

template <class T>
std::string text_in(const TokensIn<T>& in, T& source) {
  return tokens_text(in.at(source));
}

template <class T>
std::string text_in(const ThresholdsIn<T>& in, T& source) {
  return thresholds_text(in.at(source));
}

template <class T>
std::string text_in(const RulesIn<T>& in, T& source) {
  return rules_text(in.at(source));
}

template <class T>
std::string text_in(const NumbersIn<T>& in, T& source) {
  std::string text = "[";
  for (const double number : in.at(source))
    text.append(text.size() > 1 ? ", " : "").append(number_text(number));
  return text + "]";
}

// Reading. Each reader answers with what is wrong, the allowed part not yet added.
template <class Number>
Faults store(Read<Number> read, Number min, Number max, const Tree& tree, Number& place) {
  if (!read) return one(tree.line, read.error());
  if (*read < min || *read > max) {
    return one(tree.line, tree.text + " is out of range");
  }
  place = *read;
  return {};
}
template <class T>
Faults read_in(const DurationIn<T>& in, const Tree& tree, Units units, T& target) {
  return store(read_duration(tree.text, units), in.min, in.max, tree, in.at(target));
}
template <class T>
Faults read_in(const SizeIn<T>& in, const Tree& tree, Units units, T& target) {
  return store(read_size(tree.text, units), in.min, in.max, tree, in.at(target));
}
template <class T>
Faults read_in(const CountIn<T>& in, const Tree& tree, Units /*units*/, T& target) {
  if (!in.zero_word.empty() && tree.text == in.zero_word) {
    in.at(target) = 0;
    return {};
  }
  return store(read_count(tree.text), in.min, in.max, tree, in.at(target));
}
template <class T>
Faults read_in(const ChoiceIn<T>& in, const Tree& tree, Units /*units*/, T& target) {
  const auto found = std::find(in.names.begin(), in.names.end(), tree.text);
  if (found == in.names.end()) return one(tree.line, "\"" + tree.text + "\" is unknown");
  in.set(target, static_cast<std::size_t>(found - in.names.begin()));
  return {};
}

/// Reads every item, and stores all of them or none.
template <class Item, class ReadItem>
Faults read_items(const Tree& list, std::size_t max, std::vector<Item>& place, ReadItem read_item) {
  Faults faults;
  if (list.children.size() > max) {
    return one(list.line, "has " + std::to_string(list.children.size()) + " items");
  }
  std::vector<Item> items;
  std::set<std::string_view> seen;
  for (const Tree& child : list.children) {
    if (child.kind != Tree::Kind::Text) {
      add(faults, child.line, "an item that is no text");
      continue;
    }
    const auto item = read_item(child.text);
    if (!item) {
      add(faults, child.line, item.error());
    } else if (!seen.insert(child.text).second) {
      add(faults, child.line, "\"" + child.text + "\" stands twice");
    } else {
      items.push_back(*item);
    }
  }
  if (faults.empty()) place = std::move(items);
  return faults;
}
template <class T>
Faults read_in(const AddressesIn<T>& in, const Tree& tree, Units /*units*/, T& target) {
  if (tree.children.empty()) return one(tree.line, "is empty");
  return read_items(tree, in.max, in.at(target), read_listen_address);
}
template <class T>
Faults read_in(const TextsIn<T>& in, const Tree& tree, Units /*units*/, T& target) {
  const auto read_item = [&](std::string_view text) -> Read<std::string> {
    if (!in.fits(text)) {
      return ingest::Failure{"\"" + std::string{text} + "\" does not fit"};
    }
    return std::string{text};
  };
  return read_items(tree, in.max, in.at(target), read_item);
}

template <class T>
Faults read_in(const PathsIn<T>& in, const Tree& tree, Units /*units*/, T& target) {
  if (tree.children.size() == 1 && tree.children.front().text.empty()) {
    in.at(target).clear();
    return {};
  }
  const auto read_item = [](std::string_view text) -> Read<std::string> {
    if (text.empty()) return ingest::Failure{std::string{"an empty item"}};
    return std::string{text};
  };
  return read_items(tree, in.max, in.at(target), read_item);
}
template <class T>
Faults read_in(const TextIn<T>& in, const Tree& tree, Units /*units*/, T& target) {
  if (tree.text.find_first_of("\"\\\n") != std::string::npos) {
    return one(tree.line, "\"" + tree.text + "\" does not fit");
  }
  in.at(target) = tree.text;
  return {};
}
template <class T>
Faults read_in(const ModeIn<T>& in, const Tree& tree, Units /*units*/, T& target) {
  const auto mode = read_mode(tree.text);
  if (!mode) return one(tree.line, mode.error());
  in.at(target) = *mode;
  return {};
}

template <class T>
Faults read_in(const TokensIn<T>& in, const Tree& tree, Units /*units*/, T& target) {
  if (tree.children.size() > in.max)
    return one(tree.line, "has " + std::to_string(tree.children.size()) + " items");
  return read_tokens(tree, in.where, in.at(target));
}

template <class T>
Faults read_in(const ThresholdsIn<T>& in, const Tree& tree, Units /*units*/, T& target) {
  if (tree.children.size() > in.max)
    return one(tree.line, "has " + std::to_string(tree.children.size()) + " items");
  return read_thresholds(tree, in.at(target));
}

template <class T>
Faults read_in(const RulesIn<T>& in, const Tree& tree, Units /*units*/, T& target) {
  if (tree.children.size() > in.max)
    return one(tree.line, "has " + std::to_string(tree.children.size()) + " items");
  return read_rules(tree, in.at(target));
}

template <class T>
Faults read_in(const NumbersIn<T>& in, const Tree& tree, Units /*units*/, T& target) {
  if (tree.children.empty() || tree.children.size() > in.max)
    return one(tree.line, "has " + std::to_string(tree.children.size()) + " items");
  Faults faults;
  std::vector<double> numbers;
  for (const Tree& child : tree.children) {
    const auto number = read_number(child.text);
    if (child.kind != Tree::Kind::Text || !number) {
      add(faults, child.line, "\"" + child.text + "\" is no number");
    } else if (*number < in.least || *number > in.most) {
      add(faults, child.line, child.text + " is out of range");
    } else if (!numbers.empty() && *number <= numbers.back()) {
      add(faults, child.line, child.text + " does not follow " + number_text(numbers.back()));
    } else {
      numbers.push_back(*number);
    }
  }
  if (faults.empty()) in.at(target) = std::move(numbers);
  return faults;
}

std::string kind_text(Tree::Kind kind) {
  switch (kind) {
    case Tree::Kind::Nothing:
      return "has no value";
    case Tree::Kind::Text:
      return "is one value";
    case Tree::Kind::List:
      return "is a list";
    case Tree::Kind::Map:
      return "is a section";
  }
  return {};
}

/// One item may stand for a list of one.
Tree as_list(const Tree& tree) {
  Tree list = tree;
  if (tree.kind != Tree::Kind::Text) return list;
  list.kind = Tree::Kind::List;
  list.children = {tree};
  return list;
}

template <class T>
Faults read_any(const KeyIn<T>& key, const Tree& tree, Units units, T& target) {
  const bool list = is_list(key.value);
  const Tree shaped = list ? as_list(tree) : tree;
  if (shaped.kind != (list ? Tree::Kind::List : Tree::Kind::Text)) {
    return one(tree.line, kind_text(tree.kind));
  }
  return std::visit([&](const auto& in) { return read_in(in, shaped, units, target); }, key.value);
}

}  // namespace

template <class T>
std::vector<ValueFault> read_value(const KeyIn<T>& key, const Tree& tree, Units units, T& target) {
  Faults faults = read_any(key, tree, units, target);
  for (ValueFault& fault : faults)
    fault.what += ", allowed is " + allowed_text(key);
  return faults;
}

template <class T>
std::string value_text(const KeyIn<T>& key, const T& source) {
  T copy = source;  // the table's accessors give places, not values
  return std::visit([&](const auto& in) { return text_in(in, copy); }, key.value);
}

template <class T>
std::string allowed_text(const KeyIn<T>& key) {
  return std::visit([](const auto& in) { return allowed(in); }, key.value);
}

template std::vector<ValueFault> read_value(const KeyIn<Config>&, const Tree&, Units, Config&);
template std::string value_text(const KeyIn<Config>&, const Config&);
template std::string allowed_text(const KeyIn<Config>&);
template std::vector<ValueFault> read_value(const KeyIn<SocketFeed>&, const Tree&, Units,
                                            SocketFeed&);
template std::string value_text(const KeyIn<SocketFeed>&, const SocketFeed&);
template std::string allowed_text(const KeyIn<SocketFeed>&);
template std::vector<ValueFault> read_value(const KeyIn<HostFeed>&, const Tree&, Units, HostFeed&);
template std::string value_text(const KeyIn<HostFeed>&, const HostFeed&);
template std::string allowed_text(const KeyIn<HostFeed>&);
template std::vector<ValueFault> read_value(const KeyIn<ReplayFeed>&, const Tree&, Units,
                                            ReplayFeed&);
template std::string value_text(const KeyIn<ReplayFeed>&, const ReplayFeed&);
template std::string allowed_text(const KeyIn<ReplayFeed>&);

}  // namespace gateway::config
