#include "gateway/config/feeds.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <span>

#include "gateway/config/keys.h"

namespace gateway::config {
namespace {

constexpr std::string_view kListenAllowed =
    ", allowed is udp://ADDRESS:PORT or tcp://ADDRESS:PORT, as udp://127.0.0.1:8125";
constexpr std::string_view kItemAllowed =
    ", allowed is {listen: \"udp://127.0.0.1:8125\", format: statsd} or {host: {every: 1s}}";

struct Scheme {
  std::string_view text;
  Transport transport;
};
constexpr std::array<Scheme, 2> kSchemes{{{"udp://", Transport::Udp}, {"tcp://", Transport::Tcp}}};

const Tree* child(const Tree& map, std::string_view key) {
  const auto named = [&](const Tree& tree) { return tree.key == key; };
  const auto found = std::find_if(map.children.begin(), map.children.end(), named);
  return found == map.children.end() ? nullptr : &*found;
}

class Reader {
 public:
  Reader(std::string path, Units units) : path_(std::move(path)), units_(units) {}

  std::optional<Feed> item(const Tree& tree) {
    const Tree* listen = tree.kind == Tree::Kind::Map ? child(tree, "listen") : nullptr;
    const Tree* host = tree.kind == Tree::Kind::Map ? child(tree, "host") : nullptr;
    if ((listen == nullptr) == (host == nullptr)) {
      fail(path_, tree.line, "is neither a socket nor the host" + std::string{kItemAllowed});
      return std::nullopt;
    }
    return listen != nullptr ? socket(tree, *listen) : this->host(tree, *host);
  }

  std::vector<FeedFault> faults;

 private:
  void fail(std::string key, int line, std::string what) {
    faults.push_back({std::move(key), {line, std::move(what)}});
  }

  std::optional<Feed> socket(const Tree& tree, const Tree& listen) {
    SocketFeed feed;
    const auto* const scheme =
        std::find_if(kSchemes.begin(), kSchemes.end(),
                     [&](const Scheme& known) { return listen.text.starts_with(known.text); });
    if (scheme == kSchemes.end()) {
      fail(path_ + ".listen", listen.line,
           "\"" + listen.text + "\" is no feed" + std::string{kListenAllowed});
      return std::nullopt;
    }
    feed.transport = scheme->transport;
    const auto address = read_address(std::string_view{listen.text}.substr(scheme->text.size()));
    if (!address) {
      fail(path_ + ".listen", listen.line, address.error() + std::string{kListenAllowed});
    } else {
      feed.address = *address;
    }
    keys_of(tree, path_, "listen", socket_feed_keys(), feed);
    const Tree* idle = child(tree, "idle_timeout");
    if (idle != nullptr && feed.transport != Transport::Tcp) {
      fail(path_ + ".idle_timeout", idle->line, "is for tcp:// alone, allowed is to leave it out");
    }
    const Tree* sign = child(tree, "signed_gauge");
    if (sign != nullptr && feed.format != Format::Statsd) {
      fail(path_ + ".signed_gauge", sign->line, "is for statsd alone, allowed is to leave it out");
    }
    return feed;
  }

  std::optional<Feed> host(const Tree& tree, const Tree& host) {
    HostFeed feed;
    keys_of(tree, path_, "host", std::span<const KeyIn<HostFeed>>{}, feed);
    if (host.kind == Tree::Kind::Map) {
      keys_of(host, path_ + ".host", "", host_feed_keys(), feed);
    } else if (host.kind != Tree::Kind::Nothing) {
      fail(path_ + ".host", host.line, "is no section, allowed is {every: 1s} or {}");
    }
    return feed;
  }

  /// Every key of `map` but `besides` is one of `known`.
  template <class T>
  void keys_of(const Tree& map, const std::string& path, std::string_view besides,
               std::span<const KeyIn<T>> known, T& target) {
    for (const Tree& value : map.children) {
      if (value.key == besides) continue;
      const std::string full = path + "." + value.key;
      const auto same = [&](const KeyIn<T>& key) { return key.path == value.key; };
      const auto key = std::find_if(known.begin(), known.end(), same);
      if (key == known.end()) {
        fail(full, value.line, "unknown key, allowed here are " + names_text(besides, known));
        continue;
      }
      for (ValueFault& fault : read_value(*key, value, units_, target))
        faults.push_back({full, std::move(fault)});
    }
  }

  template <class T>
  static std::string names_text(std::string_view first, std::span<const KeyIn<T>> others) {
    std::string names{first};
    for (const KeyIn<T>& other : others)
      names += (names.empty() ? "" : ", ") + std::string{other.path};
    return names;
  }

  std::string path_;
  Units units_;
};

template <class T>
std::string keys_text(std::span<const KeyIn<T>> known, const T& feed,
                      std::initializer_list<std::string_view> besides) {
  std::string text;
  for (const KeyIn<T>& key : known) {
    if (std::find(besides.begin(), besides.end(), key.path) != besides.end()) continue;
    text += (text.empty() ? "" : ", ") + std::string{key.path} + ": " + value_text(key, feed);
  }
  return text;
}

}  // namespace

FeedsRead read_feeds(const Tree& tree, Units units) {
  FeedsRead read;
  if (tree.kind != Tree::Kind::List || tree.children.size() > kFeedsMax) {
    const std::string items = "a list of up to " + std::to_string(kFeedsMax) + " feeds";
    read.faults.push_back({"feeds", {tree.line, "is no list, allowed is " + items}});
    if (tree.kind == Tree::Kind::List)
      read.faults.back().fault.what = "is too long, allowed is " + items;
    return read;
  }
  for (std::size_t i = 0; i < tree.children.size(); ++i) {
    Reader reader{"feeds[" + std::to_string(i) + "]", units};
    if (auto feed = reader.item(tree.children[i])) read.feeds.push_back(std::move(*feed));
    read.faults.insert(read.faults.end(), reader.faults.begin(), reader.faults.end());
  }
  return read;
}

std::string feed_text(const Feed& feed) {
  if (const auto* host = std::get_if<HostFeed>(&feed)) {
    return "{host: {" + keys_text(host_feed_keys(), *host, {}) + "}}";
  }
  const auto& socket = std::get<SocketFeed>(feed);
  const bool tcp = socket.transport == Transport::Tcp;
  std::string text = tcp ? "{listen: \"tcp://" : "{listen: \"udp://";
  text.append(to_text(socket.address)).append("\", ");
  text.append(keys_text(
      socket_feed_keys(), socket,
      {tcp ? "" : "idle_timeout", socket.format == Format::Statsd ? "" : "signed_gauge"}));
  return text.append("}");
}

}  // namespace gateway::config
