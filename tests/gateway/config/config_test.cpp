#include <gtest/gtest.h>

#include "gateway/config/feeds.h"
#include "gateway/config/keys.h"
#include "gateway/config/load.h"

namespace gateway::config {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

std::string faults_text(const Loaded& loaded) {
  if (loaded) return "";
  std::string text;
  for (const Fault& fault : loaded.error())
    text += to_text(fault) + "\n";
  return text;
}

Loaded set(const std::string& setting) {
  return load({.file = std::nullopt, .environment = {}, .settings = {setting}});
}
Loaded variable(const std::string& name, const std::string& value) {
  return load({.file = std::nullopt, .environment = {{name, value}}, .settings = {}});
}

TEST(Config, IsTheDefaultsForAnEmptyDocument) {
  for (const std::string_view text : {"", "\n", "# nothing\n", "---\n", "{}\n", "http:\n", "~\n"}) {
    const Loaded loaded = parse(text, "f");
    ASSERT_TRUE(loaded) << text << faults_text(loaded);
    EXPECT_EQ(*loaded, Config{}) << text;
  }
}

TEST(Config, ReadsEveryKindOfValue) {
  const Loaded loaded = parse(
      "http:\n"
      "  listen: ['0.0.0.0:80', \"[::1]:0\", localhost:8081]\n"
      "  hosts: [weir.example.org]\n"
      "  origins: ['https://example.org:8443']\n"
      "workers: 3\n"
      "time: {pane: 500ms, tick: 100ms, late: now}\n"
      "series_ttl: 1h\n"
      "limits: {body: 1MiB, series: 1000}\n"
      "log: {level: warn, format: text}\n",
      "f");
  ASSERT_TRUE(loaded) << faults_text(loaded);
  Config expected;
  expected.http.listen = {{"0.0.0.0", 80}, {"::1", 0}, {"127.0.0.1", 8081}};
  expected.http.hosts = {"weir.example.org"};
  expected.http.origins = {"https://example.org:8443"};
  expected.workers = 3;
  expected.time.pane = 500ms;
  expected.time.tick = 100ms;
  expected.time.late = Late::Now;
  expected.series_ttl = 3'600s;
  expected.limits.body = 1 << 20;
  expected.limits.series = 1000;
  expected.log = {LogLevel::Warn, LogFormat::Text, {}};
  EXPECT_EQ(*loaded, expected);
}

TEST(Config, ReplacesTheDefaultFeedsByTheListInTheFile) {
  const Loaded loaded = parse(
      "feeds:\n"
      "  - {listen: 'udp://[::1]:0', format: statsd, signed_gauge: absolute}\n"
      "  - {listen: 'tcp://127.0.0.1:9125', idle_timeout: 5s}\n"
      "  - host: {every: 2s}\n"
      "  - host:\n",
      "f");
  ASSERT_TRUE(loaded) << faults_text(loaded);
  const std::vector<Feed> expected{
      SocketFeed{.address = {"::1", 0}, .signed_gauge = SignedGauge::Absolute},
      SocketFeed{
          .transport = Transport::Tcp, .address = {"127.0.0.1", 9125}, .idle_timeout = 5'000ms},
      HostFeed{.every = 2'000ms}, HostFeed{}};
  EXPECT_EQ(loaded->feeds, expected);
  const Loaded none = parse("feeds: []\n", "f");
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->feeds.empty());
}

TEST(Config, ReadsWhatAFeedAllowsItsSources) {
  const Loaded loaded = parse(
      "feeds:\n"
      "  - {listen: 'udp://127.0.0.1:8125', rate: 10000, allow: ['10.0.0.0/8', '::1']}\n"
      "  - {listen: 'unixgram:/run/a.sock', rate: off}\n"
      "limits: {values_per_tag: 500, new_series_per_source: off}\n",
      "f");
  ASSERT_TRUE(loaded) << faults_text(loaded);
  const auto& udp = std::get<SocketFeed>(loaded->feeds[0]);
  EXPECT_EQ(udp.rate, 10'000U);
  EXPECT_EQ(udp.allow, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
  EXPECT_EQ(std::get<SocketFeed>(loaded->feeds[1]).rate, 0U);
  EXPECT_EQ(loaded->limits.values_per_tag, 500U);
  EXPECT_EQ(loaded->limits.new_series_per_source, 0U);
}

TEST(Config, ReadsHowManySendersAStreamFeedTakes) {
  const Loaded loaded = parse(
      "http: {writers_rate: 5000, timeouts: {head: 3s, drain: 0s}}\n"
      "feeds:\n"
      "  - {listen: 'tcp://127.0.0.1:8125', connections: 100, connections_per_address: 7}\n"
      "  - {listen: 'unix:/run/a.sock', connections: 9}\n"
      "limits: {fragments: 2, requests_per_connection: 3, page: 4KiB}\n",
      "f");
  ASSERT_TRUE(loaded) << faults_text(loaded);
  EXPECT_EQ(std::get<SocketFeed>(loaded->feeds[0]).connections, 100U);
  EXPECT_EQ(std::get<SocketFeed>(loaded->feeds[0]).connections_per_address, 7U);
  EXPECT_EQ(std::get<SocketFeed>(loaded->feeds[1]).connections, 9U);
  EXPECT_EQ(loaded->http.writers_rate, 5'000U);
  EXPECT_EQ(loaded->http.timeouts.head, 3s);
  EXPECT_EQ(loaded->http.timeouts.drain, 0s);
  EXPECT_EQ(loaded->limits.fragments, 2U);
  EXPECT_EQ(loaded->limits.requests_per_connection, 3U);
  EXPECT_EQ(loaded->limits.page, 4'096U);
}

TEST(Config, ReadsEveryFormatAndWritesItBack) {
  const Loaded loaded = parse(
      "feeds:\n"
      "  - {listen: 'udp://127.0.0.1:8125', format: statsd}\n"
      "  - {listen: 'udp://127.0.0.1:8094', format: influx}\n"
      "  - {listen: 'tcp://127.0.0.1:2003', format: graphite}\n"
      "  - {listen: 'tcp://127.0.0.1:8127', format: json}\n",
      "f");
  ASSERT_TRUE(loaded) << faults_text(loaded);
  std::vector<Format> formats;
  std::string list;
  for (const Feed& feed : loaded->feeds) {
    formats.push_back(std::get<SocketFeed>(feed).format);
    list += "- " + feed_text(feed) + "\n";
  }
  EXPECT_EQ(formats, (std::vector{Format::Statsd, Format::Influx, Format::Graphite, Format::Json}));
  const Loaded again = parse("feeds:\n" + list, "f");
  ASSERT_TRUE(again) << faults_text(again);
  EXPECT_EQ(again->feeds, loaded->feeds);
}

TEST(Config, TakesSettingsOverTheEnvironmentOverTheFile) {
  const Loaded loaded = load(
      {.file = std::nullopt,
       .environment = {{"WEIR_TIME_TICK", "500ms"}, {"WEIR_LIMITS_ROWS", "5"}, {"PATH", "/bin"}},
       .settings = {"limits.rows=7"}});
  ASSERT_TRUE(loaded) << faults_text(loaded);
  EXPECT_EQ(loaded->time.tick, 500ms);
  EXPECT_EQ(loaded->limits.rows, 7U);
}

TEST(Config, ReadsOverridesWithoutUnitsAsMillisecondsAndBytes) {
  const Loaded tick = set("time.tick=500");
  ASSERT_TRUE(tick) << faults_text(tick);
  EXPECT_EQ(tick->time.tick, 500ms);
  const Loaded body = set("limits.body=4096");
  ASSERT_TRUE(body) << faults_text(body);
  EXPECT_EQ(body->limits.body, 4096U);
}

TEST(Config, ReadsOverridesOfLists) {
  const Loaded listen = set("http.listen=127.0.0.1:9000, [::1]:9000");
  ASSERT_TRUE(listen) << faults_text(listen);
  EXPECT_EQ(listen->http.listen, (std::vector<Address>{{"127.0.0.1", 9000}, {"::1", 9000}}));
  const Loaded hosts = variable("WEIR_HTTP_HOSTS", "");
  ASSERT_TRUE(hosts) << faults_text(hosts);
  EXPECT_TRUE(hosts->http.hosts.empty());
  const Loaded feeds = set("feeds=[{listen: 'udp://127.0.0.1:0'}]");
  ASSERT_TRUE(feeds) << faults_text(feeds);
  EXPECT_EQ(feeds->feeds, std::vector<Feed>{(SocketFeed{.address = {"127.0.0.1", 0}})});
}

TEST(Config, ReadsCertificatesAsOnePathOrSeveral) {
  EXPECT_EQ(*parse("http: {tls: {cert: '', key: ''}}", "weir.yaml"), Config{});
  const Loaded one = parse("http: {tls: {cert: a.pem, key: a.key}}", "weir.yaml");
  ASSERT_TRUE(one) << faults_text(one);
  EXPECT_EQ(one->http.tls.cert, std::vector<std::string>{"a.pem"});
  EXPECT_EQ(one->http.tls.key, std::vector<std::string>{"a.key"});
  const Loaded two = parse("http: {tls: {cert: [a.pem, b.pem], key: [a.key, b.key]}}", "weir.yaml");
  ASSERT_TRUE(two) << faults_text(two);
  EXPECT_EQ(two->http.tls.cert, (std::vector<std::string>{"a.pem", "b.pem"}));
  const Loaded alone = set("http.tls.cert=a.pem");
  ASSERT_FALSE(alone);
  EXPECT_EQ(faults_text(alone),
            "--set: http.tls.key: has 0 files where http.tls.cert has 1, allowed is one key for "
            "each certificate\n");
}

TEST(Config, ReadsUnixSocketsAndWhoMayConnect) {
  const Loaded loaded =
      parse("http: {listen: ['unix:/run/weir.sock'], socket_mode: 0666}", "weir.yaml");
  ASSERT_TRUE(loaded) << faults_text(loaded);
  ASSERT_EQ(loaded->http.listen.size(), 1U);
  EXPECT_EQ(loaded->http.listen.front().unix_path, "/run/weir.sock");
  EXPECT_EQ(to_text(loaded->http.listen.front()), "unix:/run/weir.sock");
  EXPECT_EQ(loaded->http.socket_mode, 0666U);
}

TEST(Config, ReadsProxies) {
  const Loaded loaded = parse(
      "http: {trusted_proxies: [10.0.0.0/8, '2001:db8::/32', unix], proxy_protocol: required}",
      "weir.yaml");
  ASSERT_TRUE(loaded) << faults_text(loaded);
  EXPECT_EQ(loaded->http.trusted_proxies.size(), 3U);
  EXPECT_EQ(loaded->http.proxy_protocol, ProxyProtocol::Required);
}

constexpr std::string_view kHash =
    "sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

const std::string kOneWriter =
    "auth: {writers: [{name: ci, hash: \"" + std::string{kHash} + "\"}]}\n";

TEST(Config, ReadsFeedsOverUnixSocketsAndTheirKeys) {
  const Loaded loaded = parse(
      "feeds:\n"
      "  - {listen: 'unixgram:/run/weir/statsd.sock', mode: '0620'}\n"
      "  - {listen: 'unix:/run/weir/influx.sock', format: influx, token: required}\n"
      "  - {listen: 'udp://127.0.0.1:8125', udp_gro: false}\n"
      "  - {listen: 'tcp://127.0.0.1:8125', token: required, idle_timeout: 5s}\n" +
          kOneWriter,
      "f");
  ASSERT_TRUE(loaded) << faults_text(loaded);
  const std::vector<Feed> expected{
      SocketFeed{.transport = Transport::Unixgram,
                 .address = {.host = {}, .unix_path = "/run/weir/statsd.sock"},
                 .mode = 0620},
      SocketFeed{.transport = Transport::Unix,
                 .address = {.host = {}, .unix_path = "/run/weir/influx.sock"},
                 .format = Format::Influx,
                 .token = Token::Required},
      SocketFeed{
          .transport = Transport::Udp, .address = {"127.0.0.1", 8125}, .udp_gro = UdpGro::Off},
      SocketFeed{.transport = Transport::Tcp,
                 .address = {"127.0.0.1", 8125},
                 .idle_timeout = Millis{5'000},
                 .token = Token::Required}};
  EXPECT_EQ(loaded->feeds, expected);
  std::string list;
  for (const Feed& feed : loaded->feeds)
    list += "- " + feed_text(feed) + "\n";
  const Loaded again = parse("feeds:\n" + list + kOneWriter, "f");
  ASSERT_TRUE(again) << faults_text(again);
  EXPECT_EQ(again->feeds, expected);
}

TEST(Config, EveryKeyIsOverriddenByItsVariableAndBySet) {
  for (const Key& key : keys()) {
    std::string text = value_text(key, Config{});
    if (text.front() == '"') text = text.substr(1, text.size() - 2);
    if (text.starts_with('[')) text = text.substr(1, text.size() - 2);
    if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
    const Loaded loaded = set(std::string{key.path} + "=" + text);
    ASSERT_TRUE(loaded) << key.path << " " << faults_text(loaded);
    EXPECT_EQ(*loaded, Config{}) << key.path;
  }
}

TEST(Config, WritersAreNamesAndHashes) {
  const std::string item = "{name: ci, hash: \"" + std::string{kHash} + "\"}";
  const std::vector<AuthToken> expected{{"ci", std::string{kHash}}};
  const Loaded file = parse("auth:\n  writers:\n    - " + item + "\n", "f");
  ASSERT_TRUE(file) << faults_text(file);
  EXPECT_EQ(file->auth.writers, expected);
  const Loaded setting = set("auth.writers=[" + item + "]");
  ASSERT_TRUE(setting) << faults_text(setting);
  EXPECT_EQ(setting->auth.writers, expected);
  // What is printed is read again.
  const Key& key = *std::find_if(keys().begin(), keys().end(),
                                 [](const Key& one) { return one.path == "auth.writers"; });
  const Loaded again = set("auth.writers=" + value_text(key, *file));
  ASSERT_TRUE(again) << faults_text(again);
  EXPECT_EQ(again->auth.writers, expected);
  EXPECT_TRUE(set("auth.writers=[]")->auth.writers.empty());
}

TEST(Config, ThresholdsAreReadAndPrintedAlike) {
  const std::string items =
      "[{metric: \"http.latency\", stat: p99, warn: 200, crit: 500.5, above: true}, "
      "{metric: \"disk.free\", stat: last, crit: -0.1, above: false}]";
  const std::vector<Threshold> expected{{"http.latency", "p99", 200, 500.5, true},
                                        {"disk.free", "last", std::nullopt, -0.1, false}};
  const Loaded file = parse("thresholds: " + items + "\n", "f");
  ASSERT_TRUE(file) << faults_text(file);
  EXPECT_EQ(file->thresholds, expected);
  const Key& key = *std::find_if(keys().begin(), keys().end(),
                                 [](const Key& one) { return one.path == "thresholds"; });
  EXPECT_EQ(value_text(key, *file), items);
  const Loaded again = set("thresholds=" + items);
  ASSERT_TRUE(again) << faults_text(again);
  EXPECT_EQ(again->thresholds, expected);
}

TEST(Config, AFeedMayWantATokenWhereSomebodyHasOne) {
  const Loaded loaded =
      parse("feeds: [{listen: \"tcp://127.0.0.1:0\", token: required}]\n" + kOneWriter, "f");
  EXPECT_TRUE(loaded) << faults_text(loaded);
}

struct BadOverride {
  std::string given;
  std::string fault;
};

TEST(Config, RefusesBadSettingsWithTheWayOut) {
  const std::vector<BadOverride> cases{
      {"http.listen", "--set: http.listen: has no value, allowed is KEY=VALUE\n"},
      {"http.listn=1", "--set: http.listn: unknown key, did you mean http.listen?\n"},
      {"tick=1s", "--set: tick: unknown key, did you mean time.tick?\n"},
      {"workers=0", "--set: workers: 0 is out of range, allowed is auto, or 1 to 64\n"},
      {"time.tick=fast", "--set: time.tick: \"fast\" is no duration, allowed is 50ms to 10s\n"},
      {"time.tick=300ms",
       "--set: time.tick: 300ms does not divide time.pane, allowed is what divides 1s\n"},
      {"feeds=[", "--set: feeds: not YAML: end of sequence flow not found\n"},
      {"feeds=[{listen: 'udp://127.0.0.1'}]",
       "--set: feeds[0].listen: \"127.0.0.1\" has no port, allowed is udp://ADDRESS:PORT, "
       "tcp://ADDRESS:PORT, unixgram:/PATH or unix:/PATH, as udp://127.0.0.1:8125\n"},
      {"http.listen=:8080",
       "--set: http.listen: \":8080\" has no address (0.0.0.0 is every address), allowed is 1 to 8 "
       "addresses as 127.0.0.1:8080, [::1]:8080 or unix:/run/weir.sock; port 0 takes a free one\n"},
  };
  for (const BadOverride& bad : cases)
    EXPECT_EQ(faults_text(set(bad.given)), bad.fault);
}

TEST(Config, RefusesAnUnknownVariableButTheSendersTokenAndThoseOfKubernetes) {
  EXPECT_EQ(faults_text(variable("WEIR_HTTP_LISTEM", "127.0.0.1:1")),
            "WEIR_HTTP_LISTEM: unknown variable, did you mean WEIR_HTTP_LISTEN?\n");
  EXPECT_TRUE(variable("WEIR_TOKEN", "s3cret"));
  EXPECT_TRUE(variable("WEIR_PORT", "tcp://10.0.0.1:80"));
  EXPECT_TRUE(variable("WEIR_PORT_8125_UDP_ADDR", "10.0.0.1"));
  EXPECT_TRUE(variable("WEIR_SERVICE_HOST", "10.0.0.1"));
}

TEST(Config, NamesAFileThatCannotBeRead) {
  const Loaded missing = load({.file = "/nowhere/weir.yaml", .environment = {}, .settings = {}});
  EXPECT_EQ(faults_text(missing),
            "/nowhere/weir.yaml: cannot be read: No such file or directory\n");
  EXPECT_FALSE(load({.file = "/", .environment = {}, .settings = {}}));
}

TEST(Config, HoldsOnEveryPrefixOfTheReferenceFile) {
  const std::string text = reference_text();
  for (std::size_t length = 0; length < text.size(); length += 7) {
    const Loaded loaded = parse(text.substr(0, length), "f");
    EXPECT_TRUE(loaded.has_value() || !loaded.error().empty()) << length;
  }
}

}  // namespace
}  // namespace gateway::config
