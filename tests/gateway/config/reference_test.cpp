// deploy/weir.yaml is the code's own table, and so is what weir check --print prints.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/changes.h"
#include "gateway/config/keys.h"
#include "gateway/config/load.h"
#include "gateway/config/names.h"
#include "tests/support/source_tree.h"

namespace gateway::config {
namespace {

using tests::support::read_text;
using tests::support::source_path;

TEST(Reference, StandsInDeploy) {
  EXPECT_EQ(read_text(source_path("deploy/weir.yaml")), reference_text())
      << "weir check --defaults > deploy/weir.yaml";
}

TEST(Reference, ChangesNothing) {
  const Loaded loaded = parse(reference_text(), "weir.yaml");
  ASSERT_TRUE(loaded) << to_text(loaded.error().front());
  EXPECT_EQ(*loaded, Config{});
}

// Each key's own line, with a value that is not the default, must change the configuration: a key
// whose reader writes into another's place would not.
TEST(Reference, TellsEveryKeyInOneSentence) {
  const std::string text = reference_text();
  for (const Key& key : keys()) {
    EXPECT_EQ(key.meaning.back(), '.') << key.path;
    const std::string name{key.path.substr(key.path.rfind('.') + 1)};
    EXPECT_NE(text.find(name + ": " + value_text(key, Config{}) + "\n"), std::string::npos)
        << key.path;
  }
  for (const std::string_view section : names_below("")) {
    EXPECT_NE(text.find("\n" + std::string{section} + ":"), std::string::npos) << section;
  }
}

TEST(Reference, GivesEachKeyItsOwnPlace) {
  for (const Key& key : keys()) {
    const auto* duration = std::get_if<DurationIn<Config>>(&key.value);
    const auto* count = std::get_if<CountIn<Config>>(&key.value);
    const auto* size = std::get_if<SizeIn<Config>>(&key.value);
    Config config;
    if (duration != nullptr) duration->at(config) = duration->max;
    if (count != nullptr) count->at(config) = count->max;
    if (size != nullptr) size->at(config) = size->max;
    int changed = 0;
    for (const Key& other : keys()) {
      changed += value_text(other, config) != value_text(other, Config{}) ? 1 : 0;
    }
    const bool ranged = duration != nullptr || count != nullptr || size != nullptr;
    EXPECT_LE(changed, ranged ? 1 : 0) << key.path;
  }
}

// What `weir check --print` prints is the same configuration again, whatever stands in it.
TEST(Reference, ADocumentOfAnyConfigurationGivesThatConfiguration) {
  Config config;
  config.http.listen = {{.host = "::1", .port = 0}, {.host = {}, .unix_path = "/run/weir.sock"}};
  config.http.tls = {.cert = {"/etc/a \"b\"\\c.pem", "d.pem"}, .key = {"k.pem", "l.pem"}};
  config.http.hosts = {"weir.example.org"};
  config.http.origins = {"https://example.org:8443"};
  config.workers = 3;
  config.time.pane = Millis{500};
  config.time.late = Late::Now;
  config.limits.new_series_per_source = 0;
  config.limits.body = 1'000'001;
  config.feeds = {SocketFeed{.transport = Transport::Tcp,
                             .address = {"127.0.0.1", 9'125},
                             .format = Format::Influx,
                             .token = Token::Required,
                             .rate = 7,
                             .allow = {"10.0.0.0/8", "::1"}},
                  SocketFeed{.transport = Transport::Unixgram,
                             .address = {.host = {}, .unix_path = "/run/a.sock"},
                             .mode = 0600},
                  HostFeed{.every = Millis{5'000}},
                  ReplayFeed{.path = "a \"night\"\\.weir", .speed = 0, .loop = 3}};
  const std::string hash = "sha256:" + std::string(64, 'a');
  config.auth.writers = {{.name = "a-b.c", .hash = hash}};
  config.auth.readers = {
      {.name = "r", .hash = "sha256:" + std::string(64, 'b'), .where = R"([["env","=","p\"r"]])"}};
  config.auth.jwt = {.jwks = "keys.json", .issuer = "https://id", .audience = "weir"};
  config.thresholds = {{.metric = "http.latency", .stat = "p99", .warn = 0.25, .above = false}};
  config.log = {LogLevel::Warn, LogFormat::Json, {"archive=debug"}};
  const std::string text = document_text(config);
  const Loaded loaded = parse(text, "weir.yaml");
  ASSERT_TRUE(loaded) << to_text(loaded.error().front()) << "\n" << text;
  EXPECT_EQ(*loaded, config) << text;
  Config none;
  none.feeds.clear();
  const Loaded empty = parse(document_text(none), "weir.yaml");
  ASSERT_TRUE(empty) << to_text(empty.error().front());
  EXPECT_EQ(*empty, none);
}

TEST(Changes, NamesEachKeyThatDiffersAndOnlyThose) {
  Config next;
  EXPECT_TRUE(changed_keys(next, next).empty());
  next.time.pane = Millis{500};
  next.log.level = LogLevel::Debug;
  next.feeds.clear();
  next.auth.writers = {{.name = "a", .hash = "sha256:" + std::string(64, 'a')}};
  EXPECT_EQ(changed_keys(Config{}, next),
            (std::vector<std::string_view>{"time.pane", "auth.writers", "log.level", "feeds"}));
}

TEST(Changes, WhatIsTakenOverAtOnceIsAKeyOrASection) {
  EXPECT_TRUE(is_live("auth.writers"));
  EXPECT_TRUE(is_live("auth.jwt.jwks"));
  EXPECT_TRUE(is_live("log.level"));
  EXPECT_TRUE(is_live("limits.connections"));
  EXPECT_FALSE(is_live("limits.connections_per"));
  EXPECT_FALSE(is_live("limits.series"));
  EXPECT_FALSE(is_live("log.format"));
  EXPECT_FALSE(is_live("feeds"));
}

}  // namespace
}  // namespace gateway::config
