// The reference file: deploy/weir.yaml is what this prints (a test compares them).

#include <algorithm>

#include "gateway/config/feeds.h"
#include "gateway/config/keys.h"

namespace gateway::config {
namespace {

constexpr std::string_view kHead =
    R"(# Weir's configuration: every key, each with its default, so that this file changes nothing as it is.
# Leave out what you do not change. Durations need a unit (ms, s, m, h, d), sizes too (B, KiB, MiB,
# GiB). Any key is overridden by its environment variable (WEIR_TIME_PANE=500ms), and that by
# `weir serve --set time.pane=500ms`. `weir check FILE` finds every fault at once.
)";
constexpr std::size_t kColumnMax = 100;

/// Comment lines of a sentence, broken between words; later lines begin as the first does.
std::string comment(std::string_view indent, std::string_view sentence) {
  const std::string start = std::string{indent} + "#";
  std::string text;
  std::string line = start;
  while (!sentence.empty()) {
    const std::string_view word = sentence.substr(0, sentence.find(' '));
    sentence.remove_prefix(std::min(word.size() + 1, sentence.size()));
    if (line.size() + 1 + word.size() > kColumnMax) {
      text += line + "\n";
      line = start;
    }
    line += " " + std::string{word};
  }
  return text + line + "\n";
}

template <class T>
std::string explained(std::string_view indent, const KeyIn<T>& key) {
  return comment(indent, std::string{key.meaning} + " (" + allowed_text(key) + ")");
}

template <class T>
std::string item_keys(std::span<const KeyIn<T>> keys) {
  std::string text;
  for (const KeyIn<T>& key : keys) {
    text += comment("#   ", std::string{key.path} + ": " + std::string{key.meaning} + " (" +
                                allowed_text(key) + ")");
  }
  return text;
}

std::string feeds_part() {
  std::string text =
      "\n" + comment("",
                     "Where samples come in; a list here replaces the default one. An item "
                     "is a socket, with the keys");
  text +=
      comment("", "  listen: udp://ADDRESS:PORT or tcp://ADDRESS:PORT; port 0 takes a free one.");
  text += item_keys(socket_feed_keys());
  text +=
      comment("", "or this machine itself, in `host`, with the keys") + item_keys(host_feed_keys());
  text += "feeds:\n";
  for (const Feed& feed : Config::default_feeds())
    text += "  - " + feed_text(feed) + "\n";
  return text;
}

}  // namespace

std::string reference_text() {
  const Config defaults;
  std::string text{kHead};
  std::string_view section = "nothing yet";
  for (const Key& key : keys()) {
    const std::size_t dot = key.path.find('.');
    const std::string_view own = dot == std::string_view::npos ? "" : key.path.substr(0, dot);
    const std::string indent = own.empty() ? "" : "  ";
    if (section == "http" && own != "http") text += feeds_part();
    if (own != section || own.empty()) text += "\n";
    if (own != section && !own.empty()) text += std::string{own} + ":\n";
    section = own;
    text += explained(indent, key);
    text +=
        indent + std::string{key.path.substr(dot + 1)} + ": " + value_text(key, defaults) + "\n";
  }
  return text;
}

}  // namespace gateway::config
