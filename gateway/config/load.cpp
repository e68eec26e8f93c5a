#include "gateway/config/load.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <system_error>

#include "gateway/config/feeds.h"
#include "gateway/config/keys.h"
#include "gateway/config/names.h"

namespace gateway::config {
namespace {

/// What senders show (weir send --help), and what Kubernetes puts into every container beside a
/// service that is called weir.
bool is_no_key(std::string_view name) {
  return name == "WEIR_TOKEN" || name == "WEIR_PORT" || name.starts_with("WEIR_PORT_") ||
         name.starts_with("WEIR_SERVICE_");
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Tree text_tree(std::string_view text) {
  return Tree{
      .kind = Tree::Kind::Text, .line = 0, .key = {}, .text = std::string{text}, .children = {}};
}

/// An override's list: "a, b"; nothing is the empty list.
Tree list_tree(std::string_view text) {
  Tree list{.kind = Tree::Kind::List, .line = 0, .key = {}, .text = {}, .children = {}};
  while (!trimmed(text).empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    list.children.push_back(text_tree(trimmed(item)));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
  }
  return list;
}

class Loader {
 public:
  void take_file(std::string_view text, const std::string& name) {
    const Document document = parse_tree(text);
    for (const TreeFault& fault : document.faults)
      fail({name, fault.line}, fault.key, fault.what);
    const Tree& tree = document.tree;
    if (tree.kind == Tree::Kind::Map) {
      take_section(tree, "", name);
    } else if (tree.kind != Tree::Kind::Nothing) {
      fail({name, tree.line}, "", "is no section, allowed are keys as in `workers: auto`");
    }
  }

  void take_variable(const std::string& name, const std::string& value) {
    if (!name.starts_with("WEIR_") || is_no_key(name)) return;
    for (const std::string_view path : all_paths()) {
      if (variable_name(path) == name) return take_override(path, value, name);
    }
    fail({name, 0}, "", unknown_variable(name));
  }

  void take_setting(std::string_view setting) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos) {
      fail({"--set", 0}, std::string{setting}, "has no value, allowed is KEY=VALUE");
      return;
    }
    const std::string_view path = trimmed(setting.substr(0, equals));
    const auto paths = all_paths();
    if (std::find(paths.begin(), paths.end(), path) != paths.end()) {
      return take_override(path, setting.substr(equals + 1), "--set");
    }
    fail({"--set", 0}, std::string{path}, unknown_path(path));
  }

  void check_together();
  void check_memory();
  void check_limits();
  void check_tokens();
  void check_writers();
  void check_http();
  void check_metrics();

  void fail_file(const std::string& name, const std::string& what) { fail({name, 0}, "", what); }

  /// The file's faults stand first, by line.
  Loaded result() && {
    if (faults_.empty()) return std::move(config_);
    std::stable_sort(faults_.begin(), faults_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Fault> faults;
    for (auto& [line, fault] : faults_)
      faults.push_back(std::move(fault));
    return ingest::Failure{std::move(faults)};
  }

 private:
  struct Place {
    std::string source;
    int line = 0;
    std::string text() const { return line > 0 ? source + ":" + std::to_string(line) : source; }
  };

  void fail(const Place& place, const std::string& key, const std::string& what) {
    faults_.push_back({place.line > 0 ? place.line : std::numeric_limits<int>::max(),
                       Fault{place.text(), key, what}});
    faulty_.insert(key);
  }

  void take_section(const Tree& map, const std::string& prefix, const std::string& name) {
    const auto below = names_below(prefix);
    for (const Tree& value : map.children) {
      const std::string path = prefix + value.key;
      const auto key = std::find_if(keys().begin(), keys().end(),
                                    [&](const Key& known) { return known.path == path; });
      if (path == kFeeds) {
        take_feeds(value, {name, value.line}, Units::Required);
      } else if (key != keys().end()) {
        take_value(*key, value, {name, value.line}, Units::Required);
      } else if (std::find(below.begin(), below.end(), value.key) == below.end()) {
        fail({name, value.line}, path, unknown_in_section(value.key, prefix));
      } else if (value.kind == Tree::Kind::Map) {
        take_section(value, path + ".", name);
      } else if (value.kind != Tree::Kind::Nothing) {
        fail({name, value.line}, path, "is no section, allowed are keys below it, indented");
      }
    }
  }

  void take_override(std::string_view path, std::string_view text, const std::string& source) {
    if (path == kFeeds) {
      const Document document = parse_tree(text);
      for (const TreeFault& fault : document.faults)
        fail({source, 0}, "feeds", fault.what);
      if (document.faults.empty()) take_feeds(document.tree, {source, 0}, Units::Optional);
      return;
    }
    const auto key = std::find_if(keys().begin(), keys().end(),
                                  [&](const Key& known) { return known.path == path; });
    if (has_sections(key->value)) {
      const Document document = parse_tree(text);
      for (const TreeFault& fault : document.faults)
        fail({source, 0}, std::string{path}, fault.what);
      const bool none = document.tree.kind == Tree::Kind::Nothing;
      const Tree& items = none ? list_tree("") : document.tree;
      if (document.faults.empty()) take_value(*key, items, {source, 0}, Units::Optional);
      return;
    }
    const Tree tree = is_list(key->value) ? list_tree(text) : text_tree(trimmed(text));
    take_value(*key, tree, {source, 0}, Units::Optional);
  }

  void take_value(const Key& key, const Tree& value, const Place& place, Units units) {
    const std::string path{key.path};
    places_[path] = place;
    for (const ValueFault& fault : read_value(key, value, units, config_)) {
      fail(at(place, fault.line), path, fault.what);
    }
  }

  void take_feeds(const Tree& value, const Place& place, Units units) {
    places_[std::string{kFeeds}] = place;
    FeedsRead read = read_feeds(value, units);
    for (const FeedFault& fault : read.faults) {
      fail(at(place, fault.fault.line), fault.key, fault.fault.what);
    }
    if (read.faults.empty()) config_.feeds = std::move(read.feeds);
  }

  /// Lines count in the file alone.
  static Place at(const Place& place, int line) {
    return place.line > 0 && line > 0 ? Place{place.source, line} : place;
  }

  Place place_of(const std::string& path, const std::string& or_path) const {
    const auto found = places_.find(path);
    if (found != places_.end()) return found->second;
    const auto other = places_.find(or_path);
    return other != places_.end() ? other->second : Place{"default", 0};
  }

  Config config_;
  std::vector<std::pair<int, Fault>> faults_;  // by line in the file, the largest for others
  std::set<std::string> faulty_;
  std::map<std::string, Place> places_;
};

void Loader::check_http() {
  const std::size_t certs = config_.http.tls.cert.size();
  const std::size_t keys = config_.http.tls.key.size();
  if (certs != keys && !faulty_.contains("http.tls.cert") && !faulty_.contains("http.tls.key")) {
    fail(place_of("http.tls.key", "http.tls.cert"), "http.tls.key",
         "has " + std::to_string(keys) + " files where http.tls.cert has " + std::to_string(certs) +
             ", allowed is one key for each certificate");
  }
  if (config_.http.proxy_protocol == ProxyProtocol::Required &&
      config_.http.trusted_proxies.empty() && !faulty_.contains("http.trusted_proxies")) {
    fail(place_of("http.proxy_protocol", ""), "http.proxy_protocol",
         "is required of nobody, allowed is off, or an address in http.trusted_proxies");
  }
}

void Loader::check_metrics() {
  if (faulty_.contains("series_ttl")) return;
  const auto too_long = [&](const Place& place, const std::string& key, Millis ttl) {
    fail(place, key,
         duration_text(ttl) + " is longer than series_ttl, after which a series is gone, allowed " +
             "is at most " + duration_text(config_.series_ttl));
  };
  if (config_.metrics.ttl > config_.series_ttl && !faulty_.contains("metrics.ttl"))
    too_long(place_of("metrics.ttl", "series_ttl"), "metrics.ttl", config_.metrics.ttl);
  for (const exposition::Rule& rule : config_.metrics.mapping) {
    if (!rule.ttl || *rule.ttl <= config_.series_ttl) continue;
    Place place = place_of("metrics.mapping", "");
    if (place.line > 0) place.line = rule.line;
    too_long(place, "metrics.mapping", *rule.ttl);
  }
}

void Loader::check_limits() {
  const Config::Limits& limits = config_.limits;
  if (limits.bodies >= limits.body || faulty_.contains("limits.body")) return;
  if (faulty_.contains("limits.bodies")) return;
  fail(place_of("limits.bodies", "limits.body"), "limits.bodies",
       size_text(limits.bodies) + " holds no body of limits.body, allowed is at least " +
           size_text(limits.body));
}

void Loader::check_memory() {
  const std::uint64_t least = config_.limits.series * kSeriesBytesLeast;
  if (config_.limits.memory < least && !faulty_.contains("limits.memory") &&
      !faulty_.contains("limits.series")) {
    fail(place_of("limits.memory", "limits.series"), "limits.memory",
         size_text(config_.limits.memory) + " cannot hold limits.series, allowed is at least " +
             size_text(least) + " for " + std::to_string(config_.limits.series));
  }
  const Config::Retention& keep = config_.retention;
  const bool none = keep.ten_seconds == Millis{0};
  if (!none && keep.ten_seconds < keep.panes && !faulty_.contains("retention.ten_seconds")) {
    fail(place_of("retention.ten_seconds", "retention.panes"), "retention.ten_seconds",
         duration_text(keep.ten_seconds) +
             " is shorter than retention.panes, allowed is 0s or at "
             "least " +
             duration_text(keep.panes));
  }
  const Millis finer = std::max(keep.ten_seconds, keep.panes);
  if (keep.minutes > Millis{0} && keep.minutes < finer && !faulty_.contains("retention.minutes")) {
    fail(place_of("retention.minutes", "retention.ten_seconds"), "retention.minutes",
         duration_text(keep.minutes) +
             " is shorter than finer detail stays, allowed is 0s or at "
             "least " +
             duration_text(finer));
  }
  const Millis slack = config_.time.allowed_lateness + 2 * config_.time.pane;
  if (keep.panes < slack && !faulty_.contains("retention.panes")) {
    fail(place_of("retention.panes", "time.allowed_lateness"), "retention.panes",
         duration_text(keep.panes) + " is shorter than panes stay open, allowed is at least " +
             duration_text(slack));
  }
}

/// Whoever has a token has one role.
void Loader::check_tokens() {
  const Config::Auth& auth = config_.auth;
  std::map<std::string, std::string> owners;  // hash -> key
  const auto look = [&](const std::string& key, const std::vector<AuthToken>& tokens) {
    for (const AuthToken& token : tokens) {
      const auto& [at, is_new] = owners.emplace(token.hash, key);
      if (is_new || at->second == key) continue;
      fail(place_of(key, ""), key,
           "the token of " + token.name + " stands in " + at->second +
               " too, allowed is one role for each token");
    }
  };
  look("auth.readers", auth.readers);
  look("auth.writers", auth.writers);
  look("auth.admins", auth.admins);
}

/// A feed that wants a token lets nobody in where nobody has one.
void Loader::check_writers() {
  const Config::Auth& auth = config_.auth;
  if (!auth.writers.empty() || !auth.admins.empty() || !auth.jwt.jwks.empty()) return;
  if (faulty_.contains("auth.writers")) return;
  for (std::size_t i = 0; i < config_.feeds.size(); ++i) {
    const auto* socket = std::get_if<SocketFeed>(&config_.feeds[i]);
    if (socket == nullptr || socket->token == Token::Off) continue;
    const std::string key = "feeds[" + std::to_string(i) + "].token";
    fail(place_of(std::string{kFeeds}, ""), key,
         "is required of nobody, allowed is off, or a writer in auth.writers");
  }
}

// What two keys must be to each other. Not asked of a value that was refused already.
void Loader::check_together() {
  check_http();
  check_metrics();
  check_limits();
  check_tokens();
  check_writers();
  check_memory();
  constexpr Millis kRollUp{10'000};
  constexpr Millis kCoarsest{60'000};
  const Millis pane = config_.time.pane;
  const Millis tick = config_.time.tick;
  if (faulty_.contains("time.pane")) return;
  const bool fits = kRollUp % pane == Millis::zero() ||
                    (pane % kRollUp == Millis::zero() && kCoarsest % pane == Millis::zero());
  if (!fits) {
    fail(place_of("time.pane", ""), "time.pane",
         duration_text(pane) +
             " does not fill the roll-ups evenly, allowed is what divides 10s, or "
             "10s, 20s, 30s, 60s");
  }
  if (!faulty_.contains("time.tick") && pane % tick != Millis::zero()) {
    fail(place_of("time.tick", "time.pane"), "time.tick",
         duration_text(tick) + " does not divide time.pane, allowed is what divides " +
             duration_text(pane));
  }
  // A series that lives is seen once a pane: a shorter life would forget it in between.
  if (!faulty_.contains("series_ttl") && config_.series_ttl < 2 * pane) {
    fail(place_of("series_ttl", "time.pane"), "series_ttl",
         duration_text(config_.series_ttl) + " is too short for time.pane, allowed is at least " +
             duration_text(2 * pane));
  }
}

/// Nothing, and why, when it cannot be read. A folder can be opened but not read.
std::optional<std::string> read_file(const std::string& path, std::string& fault) {
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  std::string text;
  if (file) {
    std::array<char, 4096> block{};
    while (text.size() <= kTreeBytesMax &&
           (file.read(block.data(), block.size()), file.gcount() > 0)) {
      text.append(block.data(), static_cast<std::size_t>(file.gcount()));
    }
  }
  if (errno == 0 && !file.bad()) return text;
  fault = "cannot be read: " + std::generic_category().message(errno);
  return std::nullopt;
}

}  // namespace

std::string to_text(const Fault& fault) {
  return fault.where + ": " + (fault.key.empty() ? "" : fault.key + ": ") + fault.what;
}

Loaded load(const Sources& sources) {
  Loader loader;
  if (sources.file) {
    std::string fault;
    const auto text = read_file(*sources.file, fault);
    if (text) {
      loader.take_file(*text, *sources.file);
    } else {
      loader.fail_file(*sources.file, fault);
    }
  }
  for (const auto& [name, value] : sources.environment)
    loader.take_variable(name, value);
  for (const std::string& setting : sources.settings)
    loader.take_setting(setting);
  loader.check_together();
  return std::move(loader).result();
}

Loaded parse(std::string_view text, const std::string& name) {
  Loader loader;
  loader.take_file(text, name);
  loader.check_together();
  return std::move(loader).result();
}

}  // namespace gateway::config
