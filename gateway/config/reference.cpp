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
constexpr std::string_view kOwnHead =
    R"(# Weir's configuration as it is: from the file, the environment and --set, the rest by default.
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

std::string feeds_part(const std::vector<Feed>& feeds) {
  std::string text =
      "\n" + comment("",
                     "Where samples come in; a list here replaces the default one. An item "
                     "is a socket, with the keys");
  text +=
      comment("",
              "  listen: udp://ADDRESS:PORT, tcp://ADDRESS:PORT, unixgram:/PATH or unix:/PATH;") +
      comment("", "  port 0 takes a free one.");
  text += item_keys(socket_feed_keys());
  text +=
      comment("", "or this machine itself, in `host`, with the keys") + item_keys(host_feed_keys());
  text += comment("",
                  "or a file that is played, in `replay`: `path`, what weir record wrote or lines, "
                  "and") +
          item_keys(replay_feed_keys());
  text += feeds.empty() ? "feeds: []\n" : "feeds:\n";
  for (const Feed& feed : feeds)
    text += "  - " + feed_text(feed) + "\n";
  return text;
}

std::string_view top_of(std::string_view section) {
  return section.substr(0, section.find('.'));
}

/// Below the section: "http.tls" has two names, so four spaces.
std::string indent_of(std::string_view section) {
  if (section.empty()) return "";
  const auto dots = static_cast<std::size_t>(std::count(section.begin(), section.end(), '.'));
  return std::string(2 * (dots + 1), ' ');
}

/// The lines that open `section` after `before`: what both share is open already.
std::string headings(std::string_view before, std::string_view section) {
  std::string text;
  for (std::size_t end = 0; end < section.size();) {
    const std::size_t start = end == 0 ? 0 : end + 1;
    end = std::min(section.find('.', start), section.size());
    const std::string_view open = section.substr(0, end);
    if (before == open || before.starts_with(std::string{open} + ".")) continue;
    const std::string indent = indent_of(open);
    text += indent.substr(2) + std::string{section.substr(start, end - start)} + ":\n";
  }
  return text;
}

/// What comes below the head.
std::string keys_part(const Config& config) {
  std::string text;
  std::string_view section = "nothing yet";
  for (const Key& key : keys()) {
    const std::size_t dot = key.path.rfind('.');
    const std::string_view own = dot == std::string_view::npos ? "" : key.path.substr(0, dot);
    const bool same_top = top_of(section) == top_of(own) && !own.empty();
    if (top_of(section) == "http" && !same_top) text += feeds_part(config.feeds);
    if (!same_top) text += "\n";
    if (own != section) text += headings(section, own);
    section = own;
    const std::string indent = indent_of(own);
    text += explained(indent, key);
    text += indent + std::string{key.path.substr(dot + 1)} + ": " + value_text(key, config) + "\n";
  }
  return text;
}

}  // namespace

std::string reference_text() {
  return std::string{kHead} + keys_part(Config{});
}

std::string document_text(const Config& config) {
  return std::string{kOwnHead} + keys_part(config);
}

}  // namespace gateway::config
