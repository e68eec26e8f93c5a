#include "gateway/server/host_rules.h"

#include <gtest/gtest.h>

namespace gateway::server {
namespace {

HostRules rules(std::vector<std::string> addresses, std::vector<std::string> hosts = {},
                std::vector<std::string> origins = {}) {
  Settings settings;
  for (std::string& address : addresses)
    settings.listeners.push_back({.what = "http", .address = std::move(address)});
  settings.listeners.push_back({.what = "udp/statsd", .address = "198.51.100.7:8125"});
  settings.hosts = std::move(hosts);
  settings.origins = std::move(origins);
  return HostRules{settings};
}

TEST(HostRules, AllowsLoopbackAndTheListenAddresses) {
  const HostRules ours = rules({"192.0.2.1:8080", "[2001:db8::1]:8080"});
  for (const char* host : {"localhost", "localhost:8080", "127.0.0.1:1", "127.9.9.9", "[::1]",
                           "[::1]:8080", "192.0.2.1", "192.0.2.1:9999", "[2001:db8::1]:8080", ""})
    EXPECT_TRUE(ours.allows_host(host)) << host;
}

TEST(HostRules, RefusesEveryOtherName) {
  const HostRules ours = rules({"127.0.0.1:8080"}, {"weir.example", "other.example:444"});
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "127.evil", "192.0.2.1", "[2001:db8::2]", "weir.example.evil",
                           "sub.weir.example", "other.example", "other.example:80", "198.51.100.7",
                           "0.0.0.0", "127.0.0.1.1", "127..0.1", "127.0.0.256", "127.0.0.01"})
    EXPECT_FALSE(ours.allows_host(host)) << host;
  EXPECT_TRUE(ours.allows_host("weir.example:8443"));
  EXPECT_TRUE(ours.allows_host("other.example:444"));
}

TEST(HostRules, OnEveryAddressALiteralIsOursButNoName) {
  for (const char* address : {"0.0.0.0:8080", "[::]:8080"}) {
    const HostRules ours = rules({address});
    EXPECT_TRUE(ours.allows_host("192.0.2.9:8080"));
    EXPECT_TRUE(ours.allows_host("[2001:db8::2]"));
    EXPECT_FALSE(ours.allows_host("evil.example"));
    EXPECT_FALSE(ours.allows_host("1.2.3"));
    EXPECT_FALSE(ours.allows_host("1.2.3.4.evil"));
  }
}

struct Case {
  const char* origin;
  const char* host;
  bool allowed;
  Scheme scheme = Scheme::Unknown;
};

TEST(HostRules, ComparesOriginAndHostExactly) {
  const HostRules ours = rules({"127.0.0.1:8080"}, {}, {"https://App.example", "null"});
  const Case cases[] = {
      {"http://localhost:8080", "localhost:8080", true},
      {"HTTP://LocalHost:8080", "localhost:8080", true},
      {"http://localhost", "localhost:80", true},
      {"http://localhost", "localhost", true},
      {"http://localhost:80", "localhost", true},
      {"https://localhost", "localhost:443", true, Scheme::Https},
      {"https://localhost", "localhost", true, Scheme::Https},
      {"https://localhost:443", "localhost", true, Scheme::Https},
      {"https://localhost:8443", "localhost:8443", true, Scheme::Https},
      {"http://localhost", "localhost", false, Scheme::Https},
      {"http://localhost:443", "localhost", false, Scheme::Https},
      {"http://localhost:8443", "localhost:8443", false, Scheme::Https},
      {"https://localhost", "localhost:80", false, Scheme::Https},
      {"https://localhost", "localhost", true},
      {"https://localhost", "localhost:443", true},
      {"https://localhost", "localhost:80", false},
      {"https://localhost:8080", "localhost:8080", true},
      {"https://localhost", "localhost", false, Scheme::Http},
      {"https://localhost:8080", "localhost:8080", false, Scheme::Http},
      {"http://localhost", "localhost", true, Scheme::Http},
      {"https://app.example", "localhost", true, Scheme::Https},
      {"http://[::1]:8080", "[::1]:8080", true},
      {"https://app.example", "localhost:8080", true},
      {"null", "localhost:8080", true},
      {"http://localhost:8081", "localhost:8080", false},
      {"http://localhost", "localhost:8080", false},
      {"http://localhost.evil:8080", "localhost:8080", false},
      {"http://evillocalhost:8080", "localhost:8080", false},
      {"http://127.0.0.1:8080", "localhost:8080", false},
      {"https://sub.app.example", "localhost:8080", false},
      {"https://app.example:444", "localhost:8080", false},
      {"http://app.example", "localhost:8080", false},
      {"localhost:8080", "localhost:8080", false},
      {"://localhost:8080", "localhost:8080", false},
      {"http://", "", false},
      {"", "localhost:8080", false},
      {"file://", "localhost:8080", false},
      {"ftp://localhost:8080", "localhost:8080", false},
  };
  for (const Case& one : cases)
    EXPECT_EQ(ours.allows_origin(one.origin, {one.scheme, one.host}), one.allowed)
        << one.origin << " at " << one.host;
}

TEST(HostRules, NullIsForeignUnlessListed) {
  EXPECT_FALSE(rules({"127.0.0.1:1"}).allows_origin("null", {Scheme::Http, "127.0.0.1:1"}));
}

}  // namespace
}  // namespace gateway::server
