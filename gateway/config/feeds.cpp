#include "gateway/config/feeds.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "gateway/config/keys.h"

namespace gateway::config {
namespace {

constexpr std::string_view kListenAllowed =
    ", allowed is udp://ADDRESS:PORT, tcp://ADDRESS:PORT, unixgram:/PATH or unix:/PATH, as "
    "udp://127.0.0.1:8125";
constexpr std::string_view kItemAllowed =
    ", allowed is {listen: \"udp://127.0.0.1:8125\", format: statsd}, "
    "{host: {every: 1s}} or {replay: {path: FILE}}";

struct Scheme {
  std::string_view text;
  Transport transport;
};
constexpr std::array<Scheme, 4> kSchemes{{{"udp://", Transport::Udp},
                                          {"tcp://", Transport::Tcp},
                                          {"unixgram:", Transport::Unixgram},
                                          {"unix:", Transport::Unix}}};

bool for_udp(const SocketFeed& feed) {
  return feed.transport == Transport::Udp;
}
bool for_streams(const SocketFeed& feed) {
  return is_stream(feed.transport);
}
bool for_paths(const SocketFeed& feed) {
  return has_path(feed.transport);
}
bool for_networks(const SocketFeed& feed) {
  return !has_path(feed.transport);
}
bool for_tcp(const SocketFeed& feed) {
  return feed.transport == Transport::Tcp;
}
bool for_statsd(const SocketFeed& feed) {
  return feed.format == Format::Statsd;
}

/// A key that means nothing to some feeds.
struct Special {
  std::string_view key;
  bool (*fits)(const SocketFeed&);
  std::string_view of;
};
constexpr std::array<Special, 8> kSpecials{{{"signed_gauge", for_statsd, "statsd"},
                                            {"udp_gro", for_udp, "udp://"},
                                            {"idle_timeout", for_streams, "tcp:// and unix:"},
                                            {"connections", for_streams, "tcp:// and unix:"},
                                            {"connections_per_address", for_tcp, "tcp://"},
                                            {"token", for_streams, "tcp:// and unix:"},
                                            {"mode", for_paths, "unixgram: and unix:"},
                                            {"allow", for_networks, "udp:// and tcp://"}}};

Read<Address> read_place(Transport transport, std::string_view text) {
  return has_path(transport) ? read_listen_address("unix:" + std::string{text})
                             : read_address(text);
}

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
    const Tree* replay = tree.kind == Tree::Kind::Map ? child(tree, "replay") : nullptr;
    if ((listen != nullptr) + (host != nullptr) + (replay != nullptr) != 1) {
      fail(path_, tree.line, "is no one feed" + std::string{kItemAllowed});
      return std::nullopt;
    }
    if (replay != nullptr) return this->replay(tree, *replay);
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
    const auto address =
        read_place(feed.transport, std::string_view{listen.text}.substr(scheme->text.size()));
    if (!address) {
      fail(path_ + ".listen", listen.line, address.error() + std::string{kListenAllowed});
    } else {
      feed.address = *address;
    }
    keys_of(tree, path_, "listen", socket_feed_keys(), feed);
    for (const Special& special : kSpecials) {
      const Tree* given = child(tree, special.key);
      if (given == nullptr || special.fits(feed)) continue;
      fail(path_ + "." + std::string{special.key}, given->line,
           "is for " + std::string{special.of} + " alone, allowed is to leave it out");
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

  std::optional<Feed> replay(const Tree& tree, const Tree& replay) {
    ReplayFeed feed;
    keys_of(tree, path_, "replay", std::span<const KeyIn<ReplayFeed>>{}, feed);
    const Tree* file = replay.kind == Tree::Kind::Map ? child(replay, "path") : nullptr;
    if (file == nullptr || file->kind != Tree::Kind::Text || file->text.empty()) {
      fail(path_ + ".replay", replay.line, "names no file, allowed is {path: FILE, speed: 1}");
      return std::nullopt;
    }
    feed.path = file->text;
    keys_of(replay, path_ + ".replay", "path", replay_feed_keys(), feed);
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

/// Leaves out what means nothing to this feed.
template <class T>
std::string keys_text(std::span<const KeyIn<T>> known, const T& feed,
                      bool (*shows)(std::string_view key, const T& feed)) {
  std::string text;
  for (const KeyIn<T>& key : known) {
    if (!shows(key.path, feed)) continue;
    text += (text.empty() ? "" : ", ") + std::string{key.path} + ": " + value_text(key, feed);
  }
  return text;
}

bool shows(std::string_view key, const SocketFeed& feed) {
  const auto same = [&](const Special& special) { return special.key == key; };
  const auto* const special = std::find_if(kSpecials.begin(), kSpecials.end(), same);
  return special == kSpecials.end() || special->fits(feed);
}

std::string listen_text(const SocketFeed& feed) {
  const auto same = [&](const Scheme& scheme) { return scheme.transport == feed.transport; };
  const auto* const scheme = std::find_if(kSchemes.begin(), kSchemes.end(), same);
  const bool path = has_path(feed.transport);
  return std::string{scheme->text} + (path ? feed.address.unix_path : to_text(feed.address));
}

/// Both would bind the same. Every port 0 is another one.
bool share_an_address(const Feed& one, const Feed& other) {
  const auto* first = std::get_if<SocketFeed>(&one);
  const auto* second = std::get_if<SocketFeed>(&other);
  if (first == nullptr || second == nullptr || first->address != second->address) return false;
  const bool free = !has_path(first->transport) && first->address.port == 0;
  const bool paths = has_path(first->transport) && has_path(second->transport);
  return !free && (paths || first->transport == second->transport);
}

/// Told here, since the system would blame another program. Of feeds without a fault.
void check_addresses(const Tree& tree, FeedsRead& read) {
  for (std::size_t i = 1; i < read.feeds.size(); ++i) {
    const auto same = [&](const Feed& other) { return share_an_address(read.feeds[i], other); };
    const auto end = read.feeds.begin() + static_cast<std::ptrdiff_t>(i);
    const auto first = std::find_if(read.feeds.begin(), end, same);
    if (first == end) continue;
    const std::string other = "feeds[" + std::to_string(first - read.feeds.begin()) + "]";
    read.faults.push_back({"feeds[" + std::to_string(i) + "].listen",
                           {tree.children[i].line, "is the address of " + other +
                                                       " too, allowed is an address of its own"}});
  }
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
  if (read.faults.empty()) check_addresses(tree, read);
  return read;
}

std::string feed_text(const Feed& feed) {
  if (const auto* host = std::get_if<HostFeed>(&feed)) {
    const auto all = [](std::string_view, const HostFeed&) { return true; };
    return "{host: {" + keys_text<HostFeed>(host_feed_keys(), *host, all) + "}}";
  }
  if (const auto* replay = std::get_if<ReplayFeed>(&feed)) {
    const auto all = [](std::string_view, const ReplayFeed&) { return true; };
    return "{replay: {path: " + yaml_text(replay->path) + ", " +
           keys_text<ReplayFeed>(replay_feed_keys(), *replay, all) + "}}";
  }
  const auto& socket = std::get<SocketFeed>(feed);
  return "{listen: " + yaml_text(listen_text(socket)) + ", " +
         keys_text<SocketFeed>(socket_feed_keys(), socket, shows) + "}";
}

}  // namespace gateway::config
